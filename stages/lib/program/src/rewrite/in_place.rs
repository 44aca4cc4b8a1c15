//! Activations and sums that write into the memory of an argument which nobody uses again.

use super::{made, only_dies_at, uses};
use crate::{Arg, Program};

/// Operators that have a twin which writes into `self`; the last character but for the overload is
/// `_`.
const TWINS: [(&str, &str); 7] = [
    ("aten::add.Tensor", "aten::add_.Tensor"),
    ("aten::gelu", "aten::gelu_"),
    ("aten::hardswish", "aten::hardswish_"),
    ("aten::hardtanh", "aten::hardtanh_"),
    ("aten::relu", "aten::relu_"),
    ("aten::sigmoid", "aten::sigmoid_"),
    ("aten::silu", "aten::silu_"),
];

/// Lets calls write into an argument that they are the last to use. A sum has the shape of that
/// argument only without broadcasting, which the program does not state: compare the outcome on a
/// batch.
pub fn write_in_place(program: &Program) -> Program {
    let made = made(&program.nodes);
    let uses = uses(&program.nodes, &program.outputs);
    let mut nodes = program.nodes.clone();
    for (at, node) in nodes.iter_mut().enumerate() {
        let Some((_, twin)) = TWINS.iter().find(|(op, _)| *op == node.op) else {
            continue;
        };
        let Some(value) = node.args.get("self").and_then(Arg::value) else {
            continue;
        };
        if only_dies_at(&program.nodes, &made, &uses, value, at) {
            node.op = (*twin).into();
        }
    }
    program.with_nodes(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Builder;

    #[test]
    fn only_what_dies_and_is_seen_under_no_other_name_is_written_into() {
        let mut builder = Builder::new("input", &[None, Some(8)], "f32");
        let input = builder.input();
        let linear = |builder: &mut Builder, x: Arg| {
            builder.call(
                "aten::linear",
                [("input", x), ("weight", Arg::State("weight".into()))],
            )
        };
        // the input is somebody else's
        let x = builder.call("aten::relu", [("self", input.clone())]);
        let a = linear(&mut builder, x);
        let b = builder.call("aten::relu", [("self", a)]);
        // b is used again, and d looks at c under another name
        let c = linear(&mut builder, b.clone());
        let d = builder.call(
            "aten::view",
            [("self", c.clone()), ("size", Arg::Ints(vec![-1]))],
        );
        let e = builder.call("aten::gelu", [("self", c)]);
        let f = builder.call("aten::add.Tensor", [("self", b), ("other", e)]);
        let g = builder.call("aten::mul.Tensor", [("self", f), ("other", d)]);
        let ops: Vec<String> = write_in_place(&builder.finish(g))
            .nodes
            .into_iter()
            .map(|node| node.op)
            .collect();
        let wanted = [
            "relu",
            "linear",
            "relu_",
            "linear",
            "view",
            "gelu",
            "add_.Tensor",
            "mul.Tensor",
        ];
        assert_eq!(ops, wanted.map(|op| format!("aten::{op}")));
    }
}
