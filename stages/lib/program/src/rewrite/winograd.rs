//! Convolutions of 3×3 kernels by Winograd's minimal filtering, which need fewer products.

use std::collections::{BTreeMap, HashMap};

use super::{
    fuse::{CONVOLUTION, FUSED, FUSED_INTO},
    pair,
};
use crate::{Arg, Node, Program};

/// Names the call of such a convolution: `input`, `weight`, `bias`, `padding` (rows, columns),
/// `relu`, and `other`, into whose memory the sum is written where there is one.
pub const WINOGRAD: &str = "relief::winograd";

/// Names such convolutions of stride 1, alone or fused with what follows, whose weights `fit`. Each
/// of these weights is used by one call only.
pub fn use_winograd(program: &Program, fit: impl Fn(&str) -> bool) -> Program {
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for name in program.nodes.iter().flat_map(Node::states) {
        *uses.entry(name).or_default() += 1;
    }
    let mut nodes = program.nodes.clone();
    for node in &mut nodes {
        let Some(call) = winograd(node) else {
            continue;
        };
        let Some(weight) = call.args["weight"].state() else {
            continue;
        };
        if uses.get(weight) == Some(&1) && fit(weight) {
            *node = call;
        }
    }
    program.with_nodes(nodes)
}

/// The call that stands for a convolution, whatever its kernel.
fn winograd(node: &Node) -> Option<Node> {
    let [input, weight, bias] = match node.op.as_str() {
        CONVOLUTION => ["input", "weight", "bias"],
        FUSED | FUSED_INTO => ["X", "W", "B"],
        _ => return None,
    };
    for name in ["stride", "dilation"] {
        if pair(node.args.get(name), 1)? != [1, 1] {
            return None;
        }
    }
    if !matches!(node.args.get("groups"), None | Some(Arg::Int(1))) {
        return None;
    }
    let relu = Arg::String("relu".into());
    let relu = ["attr", "unary_attr"]
        .iter()
        .any(|name| node.args.get(*name) == Some(&relu));
    let mut args = BTreeMap::from([
        ("input".into(), node.args.get(input)?.clone()),
        ("weight".into(), node.args.get(weight)?.clone()),
        (
            "bias".into(),
            node.args.get(bias).cloned().unwrap_or(Arg::None(())),
        ),
        (
            "padding".into(),
            Arg::Ints(pair(node.args.get("padding"), 0)?.to_vec()),
        ),
        ("relu".into(), Arg::Bool(relu)),
    ]);
    if node.op == FUSED_INTO {
        args.insert("other".into(), node.args.get("other")?.clone());
    }
    Some(Node {
        op: WINOGRAD.into(),
        args,
        outputs: node.outputs.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, rewrite::fuse_convolutions};

    #[test]
    fn what_is_fused_stays_so_and_other_kernels_stay() {
        let mut builder = Builder::new("input", &[None, Some(8), None, None], "f32");
        let input = builder.input();
        let conv = |builder: &mut Builder, x: &Arg, name: &str, stride: i64| {
            let [weight, padding] = [Arg::State(name.into()), Arg::Ints(vec![1, 1])];
            let stride = ("stride", Arg::Int(stride));
            builder.call(
                CONVOLUTION,
                [
                    ("input", x.clone()),
                    ("weight", weight),
                    ("padding", padding),
                    stride,
                ],
            )
        };
        let x = conv(&mut builder, &input, "first", 1);
        let x = builder.call("aten::relu", [("self", x)]);
        let y = conv(&mut builder, &x, "second", 1);
        let y = conv(&mut builder, &y, "third", 1);
        let y = builder.call("aten::add.Tensor", [("self", y), ("other", x)]);
        let y = conv(&mut builder, &y, "strided", 2);
        let y = conv(&mut builder, &y, "shared", 1);
        let y = conv(&mut builder, &y, "shared", 1);
        let y = conv(&mut builder, &y, "large", 1);
        let program = use_winograd(&fuse_convolutions(&builder.finish(y)), |weight| {
            weight != "large"
        });
        assert!(program.check().is_ok());
        let ops: Vec<&str> = program.nodes.iter().map(|node| node.op.as_str()).collect();
        assert_eq!(
            ops,
            [
                WINOGRAD,
                WINOGRAD,
                WINOGRAD,
                CONVOLUTION,
                CONVOLUTION,
                CONVOLUTION,
                CONVOLUTION
            ]
        );
        let (first, third) = (&program.nodes[0], &program.nodes[2]);
        assert_eq!(
            (&first.args["relu"], &third.args["relu"]),
            (&Arg::Bool(true), &Arg::Bool(false))
        );
        assert_eq!(third.args["other"], Arg::Value(first.outputs[0].clone()));
        assert_eq!(third.args["padding"], Arg::Ints(vec![1, 1]));
    }
}
