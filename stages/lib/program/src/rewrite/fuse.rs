//! Convolutions with the addition and the activation after them as one call of oneDNN, which writes the sum of a residual
//! block into the memory of its shortcut: what a tensor costs on the way through the caches is paid once.

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

/// Fuses 2-D convolutions with what follows, for CPUs and single precision (or less). An addition is fused where both
/// terms have one shape, which the program does not say: compare the outcome on a batch.
pub fn fuse_convolutions(program: &Program) -> Program {
    let mut nodes = program.nodes.clone();
    if nodes.len() > MOST_CALLS {
        return program.clone();
    }
    while let Some((first, second, fused)) = found(&nodes, &program.outputs, addition) {
        nodes[second] = fused;
        nodes.remove(first);
    }
    while let Some((first, second, fused)) = found(&nodes, &program.outputs, activation) {
        nodes[first] = fused;
        nodes.remove(second);
    }
    program.with_nodes(nodes)
}

/// Two calls, and what stands for both.
type Pair = (usize, usize, Node);

/// The first call at which a pair is found.
fn found(
    nodes: &[Node],
    outputs: &[String],
    pair: impl Fn(&Values, usize) -> Option<Pair>,
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

/// A convolution, the addition `at` that alone uses its result, and what stands for both.
fn addition(values: &Values, at: usize) -> Option<Pair> {
    let Values { nodes, made, uses } = values;
    let sum = &nodes[at];
    let terms = [
        sum.args.get("self")?.value()?,
        sum.args.get("other")?.value()?,
    ];
    if sum.op != ADDITION || sum.args.contains_key("alpha") {
        return None;
    }
    let plain = |value: &str| {
        let node = *made
            .get(value)
            .filter(|node| nodes[**node].op == CONVOLUTION && nodes[**node].outputs.len() == 1)?;
        (uses[value] == [at]).then_some(node)
    };
    let candidates = [(terms[0], terms[1]), (terms[1], terms[0])];
    let candidates = candidates
        .into_iter()
        .filter_map(|(value, other)| Some((plain(value)?, other)));
    // of two convolutions the later one: the other's result is what it is added to
    let (convolution, other) = candidates.max_by_key(|(convolution, _)| *convolution)?;
    let node = &nodes[convolution];
    let input = node.args.get("input")?.value()?;
    // the call moves down to the addition, and must find its input there as it was
    let whole = made.get(input).is_none_or(|node| fresh(&nodes[*node]));
    let written = |node: &Node| match node.op.as_str() {
        FUSED_INTO => node.args["other"].value() == Some(input),
        // perhaps under another name
        _ => writes(node),
    };
    if !only_dies_at(nodes, made, uses, other, at)
        || other == input
        || !whole
        || nodes[convolution..at].iter().any(written)
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
    Some((
        convolution,
        at,
        Node {
            op: FUSED_INTO.into(),
            args,
            outputs: sum.outputs.clone(),
        },
    ))
}

/// A convolution `at`, with or without an addition, the activation that alone uses its result, and what stands for both.
fn activation(values: &Values, at: usize) -> Option<Pair> {
    let Values { nodes, uses, .. } = values;
    let node = &nodes[at];
    let [result] = &node.outputs[..] else {
        return None;
    };
    let user = match uses.get(result)?[..] {
        [user] => user,
        _ => return None,
    };
    let after = nodes.get(user).filter(|node| node.op == ACTIVATION)?;
    let relu = || Arg::String("relu".into());
    let (op, mut args) = match node.op.as_str() {
        CONVOLUTION => {
            let mut args = arguments(node)?;
            args.extend([
                ("scalars".into(), Arg::List(Vec::new())),
                ("algorithm".into(), Arg::None(())),
            ]);
            args.insert("attr".into(), relu());
            (FUSED, args)
        }
        FUSED_INTO => (FUSED_INTO, node.args.clone()),
        _ => return None,
    };
    if op == FUSED_INTO {
        args.insert("unary_attr".into(), relu());
    }
    Some((
        at,
        user,
        Node {
            op: op.into(),
            args,
            outputs: after.outputs.clone(),
        },
    ))
}

/// The arguments of a convolution under oneDNN's names.
fn arguments(convolution: &Node) -> Option<BTreeMap<String, Arg>> {
    let given = |name: &str| convolution.args.get(name).cloned();
    let both = |name: &str, default| {
        Some(Arg::Ints(
            pair(convolution.args.get(name), default)?.to_vec(),
        ))
    };
    Some(BTreeMap::from([
        ("X".into(), given("input")?),
        ("W".into(), given("weight")?),
        ("B".into(), given("bias").unwrap_or(Arg::None(()))),
        ("padding".into(), both("padding", 0)?),
        ("stride".into(), both("stride", 1)?),
        ("dilation".into(), both("dilation", 1)?),
        ("groups".into(), given("groups").unwrap_or(Arg::Int(1))),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Builder;

    fn conv(builder: &mut Builder, x: &Arg, name: &str) -> Arg {
        let weight = Arg::State(name.into());
        builder.call(
            CONVOLUTION,
            [
                ("input", x.clone()),
                ("weight", weight),
                ("padding", Arg::Ints(vec![1, 1])),
            ],
        )
    }

    fn relu(builder: &mut Builder, x: Arg) -> Arg {
        builder.call(ACTIVATION, [("self", x)])
    }

    fn ops(program: &Program) -> Vec<&str> {
        program.nodes.iter().map(|node| node.op.as_str()).collect()
    }

    /// Two residual blocks after a first convolution; the second one's shortcut is a convolution.
    fn residual() -> Program {
        let mut builder = Builder::new("input", &[None, Some(3), None, None], "f32");
        let input = builder.input();
        let x = conv(&mut builder, &input, "stem");
        let mut x = relu(&mut builder, x);
        for (block, projected) in [("a", false), ("b", true)] {
            let y = conv(&mut builder, &x, &format!("{block}1"));
            let y = relu(&mut builder, y);
            let y = conv(&mut builder, &y, &format!("{block}2"));
            let shortcut = if projected {
                conv(&mut builder, &x, &format!("{block}3"))
            } else {
                x
            };
            let sum = builder.call(ADDITION, [("self", y), ("other", shortcut)]);
            x = relu(&mut builder, sum);
        }
        builder.finish(x)
    }

    #[test]
    fn residual_blocks_become_two_or_three_calls() {
        let fused = fuse_convolutions(&residual());
        assert!(fused.check().is_ok(), "{fused:?}");
        assert_eq!(
            ops(&fused),
            [FUSED, FUSED, FUSED_INTO, FUSED, CONVOLUTION, FUSED_INTO]
        );
        assert_eq!(fused.outputs, residual().outputs);
        let into = &fused.nodes[2].args;
        assert_eq!(into["other"], Arg::Value(fused.nodes[0].outputs[0].clone()));
        assert_eq!(into["unary_attr"], Arg::String("relu".into()));
    }

    #[test]
    fn nothing_is_written_into_what_is_used_later() {
        let mut builder = Builder::new("input", &[None, Some(3), None, None], "f32");
        let input = builder.input();
        let stem = conv(&mut builder, &input, "stem");
        let x = relu(&mut builder, stem);
        let y = conv(&mut builder, &x, "a");
        let sum = builder.call(ADDITION, [("self", y), ("other", x.clone())]);
        // x once more, after the sum
        let again = builder.call(
            "aten::cat",
            [("tensors", Arg::List(vec![sum, x])), ("dim", Arg::Int(1))],
        );
        let program = builder.finish(again);
        assert_eq!(
            ops(&fuse_convolutions(&program)),
            [FUSED, CONVOLUTION, ADDITION, "aten::cat"]
        );
        // nor into the network's input, nor into a convolution's own input
        let mut builder = Builder::new("input", &[None, Some(3), None, None], "f32");
        let input = builder.input();
        let y = conv(&mut builder, &input, "a");
        let sum = builder.call(ADDITION, [("self", y), ("other", input)]);
        let y = conv(&mut builder, &sum, "b");
        let sum = builder.call(ADDITION, [("self", y), ("other", sum)]);
        let program = builder.finish(sum);
        assert_eq!(fuse_convolutions(&program), program);
    }

    #[test]
    fn no_call_moves_behind_one_that_writes_into_its_input() {
        let mut builder = Builder::new("input", &[None, Some(3), None, None], "f32");
        let input = builder.input();
        let stem = conv(&mut builder, &input, "stem");
        let x = relu(&mut builder, stem);
        let early = conv(&mut builder, &x, "early");
        let y = conv(&mut builder, &x, "a");
        let y = conv(&mut builder, &y, "b");
        let first = builder.call(ADDITION, [("self", y), ("other", x)]);
        let second = builder.call(ADDITION, [("self", early), ("other", first)]);
        let fused = fuse_convolutions(&builder.finish(second));
        assert!(fused.check().is_ok());
        assert_eq!(
            ops(&fused),
            [FUSED, CONVOLUTION, CONVOLUTION, FUSED_INTO, ADDITION]
        );
    }

    #[test]
    fn what_the_program_itself_wrote_into_is_left_alone() {
        let mut builder = Builder::new("input", &[None, Some(3), None, None], "f32");
        let input = builder.input();
        let x = conv(&mut builder, &input, "stem");
        // its result is x under another name
        let same = builder.call("aten::relu_", [("self", x.clone())]);
        let y = conv(&mut builder, &same, "a");
        let sum = builder.call(ADDITION, [("self", y), ("other", x)]);
        let program = builder.finish(sum);
        assert_eq!(fuse_convolutions(&program), program);
    }
}
