//! Calls that do nothing, or whose results nobody uses.

use std::collections::{HashMap, HashSet};

use super::rename;
use crate::{Arg, Node, Program};

/// Dropout, which does nothing in evaluation.
const DROPOUT: [&str; 5] = [
    "aten::dropout",
    "aten::feature_dropout",
    "aten::alpha_dropout",
    "aten::feature_alpha_dropout",
    "aten::dropout_",
];

/// Drops calls that return their argument as it is, and those whose results nobody uses. Calls that
/// write into an argument stay, and so does what fails on inputs that do not fit.
pub fn drop_unused(program: &Program) -> Program {
    let mut renamed: HashMap<String, Arg> = HashMap::new();
    let mut nodes = Vec::with_capacity(program.nodes.len());
    for node in &program.nodes {
        let mut node = node.clone();
        node.args.values_mut().for_each(|arg| rename(arg, &renamed));
        match (identity(&node), &node.outputs[..]) {
            (Some(value), [result]) if !program.outputs.contains(result) => {
                renamed.insert(result.clone(), Arg::Value(value.into()));
            }
            _ => nodes.push(node),
        }
    }
    // from the last call to the first: what uses a value comes after what makes it
    let mut used: HashSet<String> = program.outputs.iter().cloned().collect();
    let mut kept = Vec::with_capacity(nodes.len());
    for node in nodes.into_iter().rev() {
        let wanted = node.outputs.iter().any(|value| used.contains(value));
        if !wanted && !writes(&node) && !checks(&node) {
            continue;
        }
        used.extend(node.values().map(String::from));
        kept.push(node);
    }
    kept.reverse();
    program.with_nodes(kept)
}

/// The argument that a call returns as it is.
fn identity(node: &Node) -> Option<&str> {
    if !DROPOUT.contains(&node.op.as_str()) || !node.is_false("train") {
        return None;
    }
    let input = node.args.get("input").or_else(|| node.args.get("self"))?;
    input.value()
}

/// As ATen names them: `relu_`, `add_.Tensor`, `copy_`, and what has the result as an argument.
pub(super) fn writes(node: &Node) -> bool {
    let (name, overload) = node.name_and_overload();
    name.ends_with('_') || overload.contains("out")
}

/// Assertions of torch.export.
fn checks(node: &Node) -> bool {
    node.outputs.is_empty() || node.op.contains("assert")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Builder;

    #[test]
    fn dropout_and_dead_calls_go() {
        let mut builder = Builder::new("input", &[None, Some(8)], "f32");
        let input = builder.input();
        let dead = builder.call("aten::gelu", [("self", input.clone())]);
        builder.call("aten::relu", [("self", dead)]);
        builder.call("aten::relu_", [("self", input.clone())]);
        let x = builder.call(
            "aten::dropout",
            [
                ("input", input),
                ("p", Arg::Float(0.5)),
                ("train", Arg::Bool(false)),
            ],
        );
        let x = builder.call(
            "aten::cat",
            [("tensors", Arg::List(vec![x])), ("dim", Arg::Int(0))],
        );
        let program = drop_unused(&builder.finish(x));
        assert!(program.check().is_ok());
        let ops: Vec<&str> = program.nodes.iter().map(|node| node.op.as_str()).collect();
        assert_eq!(ops, ["aten::relu_", "aten::cat"]);
        assert_eq!(
            program.nodes[1].args["tensors"],
            Arg::List(vec![Arg::Value("input".into())])
        );
    }
}
