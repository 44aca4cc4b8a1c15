//! The precision that a program is run in. The `dtype` arguments of a program that was exported in
//! half precision name it; they are changed to the precision of the run.

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
    /// Whether inputs are rounded too; a program that was exported in half precision does so
    /// itself.
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
        let all = [Self::Bf16, Self::F16];
        all.into_iter().find(|half| half.number() == number)
    }
}

impl Program {
    /// The half precision that it was exported in, wholly or in part.
    pub fn half(&self) -> Option<Half> {
        self.nodes.iter().flat_map(dtypes).find_map(Half::of_number)
    }

    /// The program in f32 where it was exported in half precision. `real` names the real entries of
    /// the state.
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
        let mut has = Typed {
            dtype: SINGLE,
            state: real.iter().map(|name| String::from(*name)).collect(),
            values: HashSet::new(),
        };
        for input in &program.inputs {
            if input.dtype == "f32" {
                has.values.insert(input.name.clone());
            }
        }
        without_casts(program, &has)
    }

    /// The program in half precision. One that was exported so is run as it was exported; of
    /// another one the trained weights and the inputs are rounded, and what it computes in f32 by
    /// its own words stays in f32.
    pub fn halved(&self, half: Half, weights: &Weights) -> Halved {
        let mut program = self.clone();
        for node in &mut program.nodes {
            for dtype in dtypes_mut(node) {
                if Half::of_number(*dtype).is_some() {
                    *dtype = half.number();
                }
            }
        }
        let mut rounded = self.state_names();
        if self.half().is_none() {
            rounded.retain(|name| weights.trained.contains(name));
            return Halved {
                rounded: rounded.into_iter().map(String::from).collect(),
                program,
                rounds_inputs: true,
            };
        }
        let otherwise = used_without_cast(&program, half);
        rounded.retain(|name| weights.real.contains(name) && !otherwise.contains(name));
        let rounded: Vec<String> = rounded.into_iter().map(String::from).collect();
        let has = Typed {
            dtype: half.number(),
            state: rounded.iter().cloned().collect(),
            values: HashSet::new(),
        };
        Halved {
            program: without_casts(program, &has),
            rounded,
            rounds_inputs: false,
        }
    }
}

/// Values and entries of the state that have one element type.
struct Typed {
    /// ATen's number of the type.
    dtype: i64,
    state: HashSet<String>,
    values: HashSet<String>,
}

impl Typed {
    /// Whether an argument is known to have an element type.
    fn knows(&self, arg: &Arg, dtype: i64) -> bool {
        if dtype != self.dtype {
            return false;
        }
        match arg {
            Arg::State(name) => self.state.contains(name),
            Arg::Value(name) => self.values.contains(name),
            _ => false,
        }
    }
}

/// ATen's numbers of the element types that a call names.
fn dtypes(node: &Node) -> impl Iterator<Item = i64> {
    DTYPES.iter().filter_map(|name| match node.args.get(*name) {
        Some(Arg::Int(dtype)) => Some(*dtype),
        _ => None,
    })
}

/// The same, to change them.
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

/// The entries of the state that calls use otherwise than through casts to the half precision.
fn used_without_cast(program: &Program, half: Half) -> HashSet<&str> {
    let mut used = HashSet::new();
    for node in &program.nodes {
        match cast(node) {
            Some((_, dtype)) if dtype == half.number() => {}
            _ => used.extend(node.states()),
        }
    }
    used
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
            let passes_on = !fresh(node) && written.reach_result(node);
            if writes(node) || passes_on {
                written.values.extend(node.values().map(String::from));
                written.state.extend(node.states().map(String::from));
            }
        }
        written
    }

    /// Whether what a call returns, or what it is made from, is written into.
    fn reach(&self, node: &Node) -> bool {
        self.reach_result(node)
            || node.values().any(|value| self.values.contains(value))
            || node.states().any(|name| self.state.contains(name))
    }

    /// Whether what a call returns is written into.
    fn reach_result(&self, node: &Node) -> bool {
        node.outputs.iter().any(|value| self.values.contains(value))
    }
}

/// The program without the casts of an argument to a type that it has already. A cast stays where
/// calls write into its result or its argument: it makes a copy.
fn without_casts(program: Program, has: &Typed) -> Program {
    let written = Written::in_place(&program);
    let mut renamed: HashMap<String, Arg> = HashMap::new();
    let mut nodes = Vec::with_capacity(program.nodes.len());
    for mut node in program.nodes {
        node.args.values_mut().for_each(|arg| rename(arg, &renamed));
        if let Some((from, dtype)) = cast(&node)
            && let [value] = &node.outputs[..]
            && has.knows(from, dtype)
            && !written.reach(&node)
            && !program.outputs.contains(value)
        {
            renamed.insert(value.clone(), from.clone());
        } else {
            nodes.push(node);
        }
    }
    Program { nodes, ..program }
}

#[cfg(test)]
mod tests;
