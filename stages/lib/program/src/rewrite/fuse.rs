//! Convolutions with the addition and the activation after them as one call of oneDNN, which writes
//! the sum of a residual block into the memory of its shortcut: what a tensor costs on the way
//! through the caches is paid once.

use std::collections::{BTreeMap, HashMap};

use super::{fresh, made, only_dies_at, pair, unused::writes, uses};
use crate::{Arg, Node, Program};

pub(super) const CONVOLUTION: &str = "aten::conv2d";
const ADDITION: &str = "aten::add.Tensor";
const ACTIVATION: &str = "aten::relu";
pub(super) const FUSED: &str = "mkldnn::_convolution_pointwise";
pub(super) const FUSED_INTO: &str = "mkldnn::_convolution_pointwise_.binary";

/// Calls of a program that is looked through; the work grows with the square of their number.
const MOST_CALLS: usize = 20_000;

/// Fuses 2-D convolutions with what follows, for CPUs and single precision (or less). An addition
/// is fused where both terms have one shape, which the program does not say: compare the outcome on
/// a batch.
pub fn fuse_convolutions(program: &Program) -> Program {
    if program.nodes.len() > MOST_CALLS {
        return program.clone();
    }
    let mut nodes = program.nodes.clone();
    while let Some(pair) = found(&nodes, &program.outputs, addition) {
        nodes[pair.second] = pair.fused;
        nodes.remove(pair.first);
    }
    while let Some(pair) = found(&nodes, &program.outputs, activation) {
        nodes[pair.first] = pair.fused;
        nodes.remove(pair.second);
    }
    program.with_nodes(nodes)
}

/// Two calls that become one.
struct Pair {
    first: usize,
    second: usize,
    fused: Node,
}

/// The first pair that `pair` finds, which is given each call in turn.
fn found(
    nodes: &[Node],
    outputs: &[String],
    pair: fn(&Values, usize) -> Option<Pair>,
) -> Option<Pair> {
    let values = Values {
        nodes,
        made: made(nodes),
        uses: uses(nodes, outputs),
    };
    (0..nodes.len()).find_map(|at| pair(&values, at))
}

/// The calls, and where each value is made and used.
struct Values<'a> {
    nodes: &'a [Node],
    made: HashMap<&'a str, usize>,
    uses: HashMap<String, Vec<usize>>,
}

impl Values<'_> {
    /// The convolution that makes a value which only the call `at` uses.
    fn convolution(&self, value: &str, at: usize) -> Option<usize> {
        let index = *self.made.get(value)?;
        let node = &self.nodes[index];
        let alone = node.outputs.len() == 1 && self.uses[value] == [at];
        (alone && node.op == CONVOLUTION).then_some(index)
    }

    /// Whether the call `from` can move down to the call `to` and find its input there as it was.
    fn can_move(&self, from: usize, to: usize, input: &str) -> bool {
        let nodes = self.nodes;
        let whole = match self.made.get(input) {
            Some(maker) => fresh(&nodes[*maker]),
            None => true,
        };
        whole && !nodes[from..to].iter().any(|node| may_write(node, input))
    }
}

/// Whether a call may write into a value, perhaps under another name.
fn may_write(node: &Node, value: &str) -> bool {
    if node.op == FUSED_INTO {
        return node.args["other"].value() == Some(value);
    }
    writes(node)
}

/// A convolution, the addition `at` that alone uses its result, and the call that replaces both.
fn addition(values: &Values, at: usize) -> Option<Pair> {
    let sum = &values.nodes[at];
    if sum.op != ADDITION || sum.args.contains_key("alpha") {
        return None;
    }
    let left = sum.args.get("self")?.value()?;
    let right = sum.args.get("other")?.value()?;
    // of two convolutions the later one: the other's result is what it is added to
    let from_left = values.convolution(left, at);
    let from_right = values.convolution(right, at);
    let (convolution, other) = if from_left > from_right {
        (from_left?, right)
    } else {
        (from_right?, left)
    };
    let node = &values.nodes[convolution];
    let input = node.args.get("input")?.value()?;
    if other == input
        || !only_dies_at(values.nodes, &values.made, &values.uses, other, at)
        || !values.can_move(convolution, at, input)
    {
        return None;
    }
    let mut args = arguments(node)?;
    args.extend([
        ("other".into(), Arg::Value(other.into())),
        ("binary_attr".into(), Arg::String("add".into())),
        ("alpha".into(), Arg::Float(1.0)),
        ("unary_attr".into(), Arg::None(())),
        ("unary_scalars".into(), Arg::List(Vec::new())),
        ("unary_algorithm".into(), Arg::None(())),
    ]);
    let fused = Node {
        op: FUSED_INTO.into(),
        args,
        outputs: sum.outputs.clone(),
    };
    Some(Pair {
        first: convolution,
        second: at,
        fused,
    })
}

/// A convolution `at`, with or without an addition, the activation that alone uses its result, and
/// the call that replaces both.
fn activation(values: &Values, at: usize) -> Option<Pair> {
    let node = &values.nodes[at];
    let [result] = &node.outputs[..] else {
        return None;
    };
    let [user] = values.uses.get(result)?[..] else {
        return None;
    };
    let after = values.nodes.get(user)?;
    if after.op != ACTIVATION {
        return None;
    }
    let relu = Arg::String("relu".into());
    let mut fused = Node {
        op: node.op.clone(),
        args: node.args.clone(),
        outputs: after.outputs.clone(),
    };
    match node.op.as_str() {
        CONVOLUTION => {
            fused.op = FUSED.into();
            fused.args = arguments(node)?;
            fused.args.extend([
                ("attr".into(), relu),
                ("scalars".into(), Arg::List(Vec::new())),
                ("algorithm".into(), Arg::None(())),
            ]);
        }
        FUSED_INTO => {
            fused.args.insert("unary_attr".into(), relu);
        }
        _ => return None,
    }
    Some(Pair {
        first: at,
        second: user,
        fused,
    })
}

/// The arguments of a convolution under oneDNN's names.
fn arguments(convolution: &Node) -> Option<BTreeMap<String, Arg>> {
    let given = &convolution.args;
    let bias = given.get("bias").unwrap_or(&Arg::None(()));
    let groups = given.get("groups").unwrap_or(&Arg::Int(1));
    Some(BTreeMap::from([
        ("X".into(), given.get("input")?.clone()),
        ("W".into(), given.get("weight")?.clone()),
        ("B".into(), bias.clone()),
        ("padding".into(), both(given.get("padding"), 0)?),
        ("stride".into(), both(given.get("stride"), 1)?),
        ("dilation".into(), both(given.get("dilation"), 1)?),
        ("groups".into(), groups.clone()),
    ]))
}

/// A size for rows and one for columns.
fn both(given: Option<&Arg>, default: i64) -> Option<Arg> {
    Some(Arg::Ints(pair(given, default)?.to_vec()))
}

#[cfg(test)]
mod tests;
