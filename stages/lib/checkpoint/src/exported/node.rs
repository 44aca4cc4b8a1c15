//! What a call of an exported graph says of itself.

use std::collections::HashMap;

use anyhow::{Context, bail, ensure};
use program::Arg;

use super::schema::{Argument, Graph, Node, OptionalTensor, Symbolic};

/// Results of a call, other than the members of a list.
const MOST_RESULTS: usize = 1000;
/// Where Python's arithmetic on numbers comes from.
const ARITHMETIC: [&str; 6] = [
    "_operator",
    "operator",
    "math",
    "builtins",
    "torch",
    "torch.fx.experimental.sym_node",
];

/// The tensors or numbers that an argument names.
pub(super) fn tensors(argument: &Argument) -> Vec<&str> {
    match argument {
        Argument::AsTensors(tensors) => tensors.iter().map(|tensor| tensor.name.as_str()).collect(),
        other => named(other).into_iter().collect(),
    }
}

/// The call that makes each tensor.
pub(super) fn makers(graph: &Graph) -> HashMap<&str, &Node> {
    let mut makers = HashMap::new();
    for node in &graph.nodes {
        for name in node.outputs.iter().flat_map(tensors) {
            makers.entry(name).or_insert(node);
        }
    }
    makers
}

/// The operator of a target: `torch.ops.aten.add.Tensor` is `aten::add.Tensor`, `_operator.mul` is
/// `operator::mul`.
pub(super) fn operator(target: &str) -> anyhow::Result<String> {
    if let Some(operator) = target.strip_prefix("torch.ops.") {
        let mut parts = operator.splitn(3, '.');
        let (Some(space), Some(name)) = (parts.next(), parts.next()) else {
            bail!("it is no operator")
        };
        ensure!(
            space == "aten",
            "it is not an operator of PyTorch itself (aten) but of {}, which does not exist \
             outside Python",
            if space == "higher_order" {
                "its control flow (torch.cond and the like)"
            } else {
                space
            }
        );
        return Ok(match parts.next() {
            None | Some("default") => format!("aten::{name}"),
            Some(overload) => format!("aten::{name}.{overload}"),
        });
    }
    let (module, function) = target.rsplit_once('.').context("it is no operator")?;
    ensure!(ARITHMETIC.contains(&module), "it is no operator of PyTorch");
    let function = function
        .trim_start_matches("sym_")
        .trim_start_matches("_sym_")
        .trim_end_matches('_');
    Ok(format!("operator::{function}"))
}

/// Names of what a call returns.
pub(super) fn results(node: &Node) -> anyhow::Result<Vec<String>> {
    let count = node.outputs.len();
    ensure!(
        count <= MOST_RESULTS,
        "it returns {count} values one by one: the file is damaged"
    );
    let mut names = Vec::new();
    for (place, output) in node.outputs.iter().enumerate() {
        match output {
            Argument::AsTensors(tensors) if node.outputs.len() == 1 => {
                names.extend(tensors.iter().map(|tensor| tensor.name.clone()));
            }
            Argument::AsNone(_) if node.outputs.len() == 1 => {}
            output => {
                let first: &str = names.first().map_or("unused", String::as_str);
                let name = match named(output) {
                    Some(name) => name.to_string(),
                    None => format!("{first}/{place}"),
                };
                names.push(name);
            }
        }
    }
    Ok(names)
}

/// The tensor or number that an argument names.
pub(super) fn named(argument: &Argument) -> Option<&str> {
    match argument {
        Argument::AsTensor(tensor)
        | Argument::AsOptionalTensor(OptionalTensor::AsTensor(tensor)) => Some(&tensor.name),
        Argument::AsSymInt(Symbolic::AsName(name))
        | Argument::AsSymFloat(Symbolic::AsName(name))
        | Argument::AsSymBool(Symbolic::AsName(name)) => Some(name),
        _ => None,
    }
}

/// Makes an argument that says "training" say "evaluation"; whether it did.
pub(super) fn evaluate(name: &str, value: &mut Arg) -> bool {
    match (name, &value) {
        ("training" | "train", Arg::Bool(true) | Arg::None(())) => *value = Arg::Bool(false),
        ("dropout_p", Arg::Float(p)) if *p > 0.0 => *value = Arg::Float(0.0),
        _ => return false,
    }
    true
}

/// The line of the user's Python that made a call: the innermost that is not PyTorch's own; of a
/// call that runs a graph and has no line, that of the first call within.
pub(super) fn user_line(node: &Node) -> Option<String> {
    let Some(trace) = node.metadata.get("stack_trace") else {
        let graphs = node.inputs.iter().filter_map(|input| match &input.arg {
            Argument::AsGraph(subgraph) => Some(&subgraph.graph),
            _ => None,
        });
        return graphs.flat_map(|graph| &graph.nodes).find_map(user_line);
    };
    let lines: Vec<&str> = trace
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("File "))
        .collect();
    // "<eval_with_key>" is code that PyTorch made
    let own = lines
        .iter()
        .rev()
        .find(|line| !line.contains("-packages/torch/") && !line.contains("File \"<"));
    own.or(lines.last()).map(|line| {
        line.trim_start_matches("File ")
            .replace(char::is_control, " ")
    })
}
