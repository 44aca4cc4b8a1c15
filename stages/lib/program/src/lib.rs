//! A network as a *program*: a flat list of ATen operator calls with named arguments.
//!
//! Weights are inputs of the program, never baked into it: a call names them by their `state_dict`
//! key. So one evaluator runs every network, and a rewrite that makes it faster needs no network to
//! cooperate. Nothing here knows libtorch; a [`Program`] is data, kept as JSON in `model.h5`.

mod builder;
mod check;
mod filters;
mod operators;
mod random;
pub mod real;
mod refuse;
pub mod rewrite;

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

pub use builder::Builder;
pub use check::CheckError;
pub use filters::Filters;
pub use operators::is_allowed;
pub use random::DRAWING;
pub use rewrite::Half;

/// The version of the JSON form that this crate writes.
pub const VERSION: u32 = 1;

/// A network as operator calls in the order of their execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Version of this form, [`VERSION`].
    pub version: u32,
    /// What the user feeds, in order: a batch of inputs, sometimes more.
    pub inputs: Vec<Input>,
    /// The calls, each after the calls that it uses.
    pub nodes: Vec<Node>,
    /// The values that the network returns.
    pub outputs: Vec<String>,
    /// What the model calls them, one name for each; empty where it gives no names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output_names: Vec<String>,
}

/// One input of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The name of its value.
    pub name: String,
    /// Its shape; `None` (JSON `null`) is a free size, such as the batch.
    pub shape: Vec<Option<usize>>,
    /// Its element type: `f32`, `f64`, `i64`, `i32`, `u8` or `bool`.
    pub dtype: String,
}

/// One operator call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The operator with its overload, as PyTorch writes it: `aten::conv2d`, `aten::add.Tensor`; or
    /// arithmetic on numbers, such as sizes: `operator::mul`.
    pub op: String,
    /// Arguments by their name in the operator's schema; what is left out takes the schema's
    /// default.
    pub args: BTreeMap<String, Arg>,
    /// Names of the values that it returns, in order; of an operator that returns a list, those of
    /// its members.
    pub outputs: Vec<String>,
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arg {
    /// A tensor of the state, by its `state_dict` key.
    State(String),
    /// The value of an input or of an earlier call: a tensor or a number.
    Value(String),
    /// A list, each member `State`, `Value`, `None` or a number.
    List(Vec<Arg>),
    /// An absent optional argument.
    None(()),
    /// An integer; also an enumeration of ATen (dtype, layout, memory format).
    Int(i64),
    /// Integers, such as a stride.
    Ints(Vec<i64>),
    /// A number.
    Float(#[serde(with = "real::one")] f64),
    /// Numbers, such as scales.
    Floats(#[serde(with = "real::many")] Vec<f64>),
    /// A truth value.
    Bool(bool),
    /// Truth values.
    Bools(Vec<bool>),
    /// A text, such as a rounding mode.
    String(String),
    /// The device on which the program runs.
    Device(()),
}

impl Program {
    /// The program that a JSON text says, checked: it may come from a stranger.
    ///
    /// # Errors
    /// Another form or version, a call that uses a value before it is made, or one that programs
    /// may not make.
    pub fn from_json(text: &str) -> Result<Self, CheckError> {
        let program: Self = serde_json::from_str(text).map_err(CheckError::Json)?;
        program.check()?;
        program.check_calls()?;
        Ok(program)
    }

    /// The JSON text of the program.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a program has nothing that JSON cannot say")
    }

    /// The number of examples that every call takes, where it is fixed: the first size of the first
    /// input.
    pub fn batch(&self) -> Option<usize> {
        let size = self.inputs.first()?.shape.first()?;
        *size
    }

    /// The arithmetic on real numbers: `f64` where the first input is such, else `f32`.
    pub fn precision(&self) -> &'static str {
        match self.inputs.first() {
            Some(input) if input.dtype == "f64" => "f64",
            _ => "f32",
        }
    }

    /// The running variances that normalisations take: entries of the state, and what is added to
    /// each (eps).
    pub fn running_variances(&self) -> Vec<(&str, f64)> {
        let mut variances = Vec::new();
        for node in &self.nodes {
            let Some(name) = node.args.get("running_var").and_then(Arg::state) else {
                continue;
            };
            let eps = match node.args.get("eps") {
                Some(Arg::Float(eps)) => *eps,
                _ => 0.0,
            };
            variances.push((name, eps));
        }
        variances
    }

    /// The running mean and variance that each batch normalisation takes: entries of the state.
    pub fn running_statistics(&self) -> Vec<[&str; 2]> {
        let mut statistics = Vec::new();
        for node in &self.nodes {
            let names = ["running_mean", "running_var"];
            let [mean, variance] = names.map(|name| node.args.get(name).and_then(Arg::state));
            if let (true, Some(mean), Some(variance)) = (node.is_batch_norm(), mean, variance) {
                statistics.push([mean, variance]);
            }
        }
        statistics
    }

    /// The `state_dict` keys that the calls use, each once, in order of first use.
    pub fn state_names(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let mut names = Vec::new();
        for name in self.nodes.iter().flat_map(Node::states) {
            if seen.insert(name) {
                names.push(name);
            }
        }
        names
    }
}

impl Node {
    /// Its arguments, with the members of a list in the place of the list.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = &Arg> {
        self.args.values().flat_map(Arg::tensors)
    }

    /// The values that it uses.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.tensors().filter_map(Arg::value)
    }

    /// The entries of the state that it uses.
    pub(crate) fn states(&self) -> impl Iterator<Item = &str> {
        self.tensors().filter_map(Arg::state)
    }

    /// The operator and its overload, which is empty where there is none.
    pub(crate) fn name_and_overload(&self) -> (&str, &str) {
        self.op.split_once('.').unwrap_or((&self.op, ""))
    }

    /// Whether an argument is given and false.
    pub(crate) fn is_false(&self, name: &str) -> bool {
        self.args.get(name) == Some(&Arg::Bool(false))
    }
}

impl Arg {
    /// The value that it names.
    pub fn value(&self) -> Option<&str> {
        if let Self::Value(name) = self {
            Some(name)
        } else {
            None
        }
    }

    /// The entry of the state that it names.
    pub fn state(&self) -> Option<&str> {
        if let Self::State(name) = self {
            Some(name)
        } else {
            None
        }
    }

    /// The argument itself, or the members of a list.
    pub fn tensors(&self) -> &[Self] {
        match self {
            Self::List(members) => members,
            single => std::slice::from_ref(single),
        }
    }
}
