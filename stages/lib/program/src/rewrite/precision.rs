//! The precision that a program is run in. A program says by its `dtype` arguments where it was exported in half
//! precision; those follow the precision it is run in.

use std::collections::{HashMap, HashSet};

use super::{fresh, rename, unused::writes};
use crate::{Arg, Node, Program};

/// A half precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// bfloat16: 8 bits, the range of f32.
    Bf16,
    /// IEEE half precision: 11 bits.
    F16,
}

/// A program for a half precision.
#[derive(Debug, Clone, PartialEq)]
pub struct Halved {
    /// Its calls.
    pub program: Program,
    /// The entries of the state that are rounded before the calls see them.
    pub rounded: Vec<String>,
    /// Whether inputs are rounded too; a program that was exported in half precision does so itself.
    pub rounds_inputs: bool,
}

/// What rounding has to know of the state.
#[derive(Debug, Clone)]
pub struct Weights<'a> {
    /// Its real entries.
    pub real: HashSet<&'a str>,
    /// Those of them that are trained.
    pub trained: HashSet<&'a str>,
}

/// ATen's number of f32 (c10/core/ScalarType.h).
const SINGLE: i64 = 6;
/// Arguments that name an element type.
const DTYPES: [&str; 2] = ["dtype", "out_dtype"];
/// Calls that change nothing but the element type, where they have no other argument.
const CASTS: [&str; 2] = ["aten::to.dtype", "aten::_to_copy"];

impl Half {
    /// ATen's number of it.
    pub fn number(self) -> i64 {
        match self {
            Self::Bf16 => 15,
            Self::F16 => 5,
        }
    }

    /// `bf16` or `f16`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
        }
    }

    fn of_number(number: i64) -> Option<Self> {
        [Self::Bf16, Self::F16]
            .into_iter()
            .find(|half| half.number() == number)
    }
}

impl Program {
    /// The half precision that it was exported in, wholly or in part.
    pub fn half(&self) -> Option<Half> {
        self.nodes.iter().flat_map(dtypes).find_map(Half::of_number)
    }

    /// The program in f32 where it was exported in half precision. `real` names the real entries of the state.
    pub fn widened(&self, real: &HashSet<&str>) -> Self {
        let mut program = self.clone();
        if self.half().is_none() {
            return program;
        }
        let written = Written::in_place(self);
        for node in &mut program.nodes {
            for dtype in dtypes_mut(node) {
                if Half::of_number(*dtype).is_some() {
                    *dtype = SINGLE;
                }
            }
            // a cast between two precisions copied; between f32 and f32 it would share its memory
            if node.op.starts_with("aten::to.") && written.reach(node) {
                node.args.insert("copy".into(), Arg::Bool(true));
            }
        }
        let inputs: Vec<String> = program
            .inputs
            .iter()
            .filter(|input| input.dtype == "f32")
            .map(named)
            .collect();
        let is_single = |from: &Arg, dtype: i64| {
            dtype == SINGLE
                && match from {
                    Arg::State(name) => real.contains(name.as_str()),
                    Arg::Value(name) => inputs.contains(name),
                    _ => false,
                }
        };
        without_casts(program, is_single)
    }

    /// The program in half precision. One that was exported so is run as it was exported; of another one the trained
    /// weights and the inputs are rounded, and what it computes in f32 by its own words stays in f32.
    pub fn halved(&self, half: Half, weights: &Weights) -> Halved {
        let mut program = self.clone();
        for node in &mut program.nodes {
            for dtype in dtypes_mut(node) {
                if Half::of_number(*dtype).is_some() {
                    *dtype = half.number();
                }
            }
        }
        if self.half().is_none() {
            let used = self.state_names();
            let rounded = used
                .into_iter()
                .filter(|name| weights.trained.contains(name))
                .map(String::from)
                .collect();
            return Halved {
                program,
                rounded,
                rounds_inputs: true,
            };
        }
        let rounded = only_cast(&program, half, weights);
        let program = without_casts(program, |from, dtype| {
            dtype == half.number()
                && from
                    .state()
                    .is_some_and(|name| rounded.iter().any(|entry| entry == name))
        });
        Halved {
            program,
            rounded,
            rounds_inputs: false,
        }
    }
}

fn named(input: &crate::Input) -> String {
    input.name.clone()
}

fn dtypes(node: &Node) -> impl Iterator<Item = i64> {
    DTYPES.iter().filter_map(|name| match node.args.get(*name) {
        Some(Arg::Int(dtype)) => Some(*dtype),
        _ => None,
    })
}

fn dtypes_mut(node: &mut Node) -> impl Iterator<Item = &mut i64> {
    node.args.iter_mut().filter_map(|(name, arg)| match arg {
        Arg::Int(dtype) if DTYPES.contains(&name.as_str()) => Some(dtype),
        _ => None,
    })
}

/// What a cast is of, and the element type that it makes.
fn cast(node: &Node) -> Option<(&Arg, i64)> {
    if !CASTS.contains(&node.op.as_str()) || node.args.len() != 2 {
        return None;
    }
    match (node.args.get("self"), node.args.get("dtype")) {
        (Some(from), Some(Arg::Int(dtype))) => Some((from, *dtype)),
        _ => None,
    }
}

/// The real entries of the state that calls use through casts to the half precision alone.
fn only_cast(program: &Program, half: Half, weights: &Weights) -> Vec<String> {
    let mut otherwise = HashSet::new();
    for node in &program.nodes {
        if cast(node).is_some_and(|(_, dtype)| dtype == half.number()) {
            continue;
        }
        otherwise.extend(
            node.args
                .values()
                .flat_map(Arg::tensors)
                .filter_map(Arg::state),
        );
    }
    let cast_only = |name: &&str| weights.real.contains(name) && !otherwise.contains(name);
    program
        .state_names()
        .into_iter()
        .filter(cast_only)
        .map(String::from)
        .collect()
}

/// Values and entries of the state whose memory calls may write into, themselves or through views.
struct Written {
    values: HashSet<String>,
    state: HashSet<String>,
}

impl Written {
    fn in_place(program: &Program) -> Self {
        let mut written = Self {
            values: HashSet::new(),
            state: HashSet::new(),
        };
        for node in program.nodes.iter().rev() {
            let passes_on = !fresh(node)
                && node
                    .outputs
                    .iter()
                    .any(|value| written.values.contains(value));
            if writes(node) || passes_on {
                for arg in node.args.values().flat_map(Arg::tensors) {
                    written.values.extend(arg.value().map(String::from));
                    written.state.extend(arg.state().map(String::from));
                }
            }
        }
        written
    }

    /// Whether what a call returns, or what it is made from, is written into.
    fn reach(&self, node: &Node) -> bool {
        let mut arguments = node.args.values().flat_map(Arg::tensors);
        node.outputs.iter().any(|value| self.values.contains(value))
            || arguments.any(|arg| {
                arg.value().is_some_and(|value| self.values.contains(value))
                    || arg.state().is_some_and(|name| self.state.contains(name))
            })
    }
}

/// The program without the casts that change nothing: of an argument to a type that it has. A cast stays where calls write
/// into what it returns, or into what it is of: it makes a copy.
fn without_casts(program: Program, has: impl Fn(&Arg, i64) -> bool) -> Program {
    let written = Written::in_place(&program);
    let mut renamed: HashMap<String, Arg> = HashMap::new();
    let mut nodes = Vec::with_capacity(program.nodes.len());
    for mut node in program.nodes {
        node.args.values_mut().for_each(|arg| rename(arg, &renamed));
        let idle = cast(&node).filter(|(from, dtype)| has(from, *dtype) && !written.reach(&node));
        let idle = idle.map(|(from, _)| from.clone());
        match (idle, &node.outputs[..]) {
            (Some(from), [value]) if !program.outputs.contains(value) => {
                renamed.insert(value.clone(), from);
            }
            _ => nodes.push(node),
        }
    }
    Program { nodes, ..program }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Builder;

    fn state(name: &str) -> Arg {
        Arg::State(name.into())
    }

    /// A linear layer whose weight is cast, and a norm that goes through f32, as they are exported in a half precision.
    fn exported(half: Option<Half>) -> Program {
        let mut builder = Builder::new("x", &[None, Some(8)], "f32");
        let mut x = builder.input();
        let mut weight = state("w");
        let number = half.map_or(SINGLE, Half::number);
        if half.is_some() {
            x = builder.call("aten::to.dtype", [("self", x), ("dtype", Arg::Int(number))]);
            weight = builder.call(
                "aten::to.dtype",
                [("self", weight), ("dtype", Arg::Int(number))],
            );
        }
        let x = builder.call("aten::linear", [("input", x), ("weight", weight)]);
        let wide = builder.call("aten::to.dtype", [("self", x), ("dtype", Arg::Int(SINGLE))]);
        let wide = builder.call(
            "aten::mul.Tensor",
            [("self", wide), ("other", state("table"))],
        );
        let x = builder.call(
            "aten::to.dtype",
            [("self", wide), ("dtype", Arg::Int(number))],
        );
        let lowest = Arg::Float(f64::from(f32::MIN));
        let x = builder.call(
            "aten::masked_fill.Scalar",
            [("self", x), ("mask", state("mask")), ("value", lowest)],
        );
        builder.finish(x)
    }

    fn weights() -> Weights<'static> {
        Weights {
            real: HashSet::from(["w", "table"]),
            trained: HashSet::from(["w"]),
        }
    }

    fn ops(program: &Program) -> Vec<&str> {
        program
            .nodes
            .iter()
            .map(|node| node.op.trim_start_matches("aten::"))
            .collect()
    }

    #[test]
    fn a_half_program_in_f32_is_the_one_that_f32_exports() {
        for half in [Half::Bf16, Half::F16] {
            let program = exported(Some(half));
            assert_eq!(program.half(), Some(half));
            let wide = program.widened(&weights().real);
            assert!(wide.check().is_ok() && wide.half().is_none());
            assert_eq!(ops(&wide), ops(&exported(None)));
            assert_eq!(wide.nodes[0].args["weight"], state("w"));
            assert_eq!(wide.nodes[0].args["input"], Arg::Value("x".into()));
        }
    }

    #[test]
    fn a_half_program_in_half_precision_is_run_as_it_was_exported() {
        let halved = exported(Some(Half::Bf16)).halved(Half::F16, &weights());
        assert!(halved.program.check().is_ok() && !halved.rounds_inputs);
        assert_eq!(halved.rounded, ["w"]);
        assert_eq!(
            ops(&halved.program),
            [
                "to.dtype",
                "linear",
                "to.dtype",
                "mul.Tensor",
                "to.dtype",
                "masked_fill.Scalar"
            ]
        );
        assert_eq!(
            halved.program.nodes[4].args["dtype"],
            Arg::Int(Half::F16.number())
        );
    }

    #[test]
    fn of_an_f32_program_weights_and_inputs_are_rounded_and_f32_by_name_stays() {
        let halved = exported(None).halved(Half::Bf16, &weights());
        assert_eq!(
            (halved.rounded, halved.rounds_inputs),
            (vec!["w".to_string()], true)
        );
        assert_eq!(ops(&halved.program), ops(&exported(None)));
        assert_eq!(halved.program.nodes[1].args["dtype"], Arg::Int(SINGLE));
    }

    #[test]
    fn a_cast_that_is_written_into_stays_a_copy() {
        let mut builder = Builder::new("x", &[None, Some(8)], "f32");
        let x = builder.input();
        let half = ("dtype", Arg::Int(Half::Bf16.number()));
        let rounded = builder.call("aten::to.dtype", [("self", x), half]);
        let kept = builder.call("aten::linear", [("input", rounded), ("weight", state("w"))]);
        let wide = builder.call(
            "aten::to.dtype",
            [("self", kept.clone()), ("dtype", Arg::Int(SINGLE))],
        );
        let view = builder.call(
            "aten::view",
            [("self", wide), ("size", Arg::Ints(vec![-1]))],
        );
        builder.call(
            "aten::mul_.Scalar",
            [("self", view), ("other", Arg::Float(3.0))],
        );
        let program = builder.finish(kept).widened(&weights().real);
        assert_eq!(ops(&program), ["linear", "to.dtype", "view", "mul_.Scalar"]);
        assert_eq!(program.nodes[1].args["copy"], Arg::Bool(true));
    }
}
