//! A call before its tensors are made: one that PyTorch makes, or one from a schema; then with
//! something wrong in it.

use std::{collections::BTreeMap, fs::File};

use flate2::read::GzDecoder;
use program::Arg;
use serde::Deserialize;

use super::{
    random::Random,
    schema::{Argument, Schema},
};

/// Numbers of element types.
const DTYPES: [i64; 13] = [6, 6, 6, 7, 4, 3, 0, 1, 2, 5, 11, 15, 9];
/// Texts that arguments may be.
const WORDS: [&str; 16] = [
    "mean",
    "sum",
    "none",
    "reflect",
    "replicate",
    "circular",
    "constant",
    "same",
    "valid",
    "tanh",
    "floor",
    "trunc",
    "amax",
    "prod",
    "fro",
    "/etc/passwd",
];

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Call {
    pub(crate) op: String,
    pub(crate) args: BTreeMap<String, Draft>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Draft {
    Tensor { tensor: Spec },
    List { list: Vec<Draft> },
    Plain(Arg),
}

/// A tensor that is to be made.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Spec {
    pub(crate) dtype: i64,
    pub(crate) shape: Vec<usize>,
    /// Of integers, where they matter.
    pub(crate) values: Option<Vec<i64>>,
}

/// Calls that PyTorch makes in its own tests, see tests/golden/calls/make.py.
pub(crate) fn golden() -> Vec<Call> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../tests/golden/calls/calls.json.gz"
    );
    serde_json::from_reader(GzDecoder::new(File::open(path).unwrap())).unwrap()
}

impl Spec {
    fn random(random: &mut Random) -> Self {
        Self {
            dtype: *random.pick(&DTYPES),
            shape: random.shape(),
            values: None,
        }
    }

    fn mutate(&mut self, random: &mut Random) {
        match random.below(8) {
            0 => self.dtype = *random.pick(&DTYPES),
            1 => self.shape = random.shape(),
            2 if !self.shape.is_empty() => {
                let place = random.below(self.shape.len());
                self.shape[place] = random.below(4);
            }
            3 => self.shape.push(random.below(3)),
            4 => {
                self.shape.pop();
            }
            5 if !self.shape.is_empty() => {
                let place = random.below(self.shape.len());
                self.shape[place] += 1;
            }
            _ => {
                let values = self.values.get_or_insert_with(|| vec![0; 4]);
                if !values.is_empty() {
                    let place = random.below(values.len());
                    values[place] = random.integer();
                }
            }
        }
    }
}

impl Call {
    /// Arguments of the kinds that a schema says.
    pub(crate) fn from_schema(schema: &Schema, random: &mut Random) -> Self {
        let shape = random.shape();
        let mut args = BTreeMap::new();
        for argument in &schema.arguments {
            if !argument.has_default || random.percent(40) {
                args.insert(argument.name.clone(), value(argument, &shape, random));
            }
        }
        Self {
            op: schema.op.clone(),
            args,
        }
    }

    /// Changes an argument, or leaves it out, or gives one more.
    pub(crate) fn mutate(&mut self, schema: &Schema, random: &mut Random) {
        if schema.arguments.is_empty() {
            return;
        }
        let argument = random.pick(&schema.arguments);
        let shape = random.shape();
        match self.args.get_mut(&argument.name) {
            Some(draft) if random.percent(85) => draft.mutate(argument, random),
            Some(_) => {
                self.args.remove(&argument.name);
            }
            None => {
                let value = value(argument, &shape, random);
                self.args.insert(argument.name.clone(), value);
            }
        }
    }
}

impl Draft {
    fn mutate(&mut self, argument: &Argument, random: &mut Random) {
        if random.percent(6) {
            *self = Self::Plain(Arg::None(()));
            return;
        }
        if random.percent(3) {
            // of another kind
            let kinds = ["Tensor", "int", "float", "bool", "int[]", "Tensor[]", "str"];
            let kind = (*random.pick(&kinds)).to_string();
            *self = value(
                &Argument {
                    kind,
                    ..argument.clone()
                },
                &[2, 3],
                random,
            );
            return;
        }
        match self {
            Self::Tensor { tensor } => tensor.mutate(random),
            Self::List { list } => match random.below(5) {
                0 => list.push(Self::Plain(Arg::None(()))),
                1 => {
                    list.pop();
                }
                2 => list.clear(),
                3 => list.extend(list.clone()),
                _ => {
                    let place = random.below(list.len());
                    if let Some(member) = list.get_mut(place) {
                        member.mutate(argument, random);
                    }
                }
            },
            Self::Plain(Arg::Ints(integers)) => match random.below(5) {
                0 => integers.clear(),
                1 => integers.push(random.integer()),
                2 => {
                    integers.pop();
                }
                _ if integers.is_empty() => integers.push(0),
                _ => {
                    let place = random.below(integers.len());
                    integers[place] = random.integer();
                }
            },
            Self::Plain(_) => *self = value(argument, &[2, 3], random),
        }
    }
}

/// A value of an argument's kind; tensors mostly of a shape that the call's other tensors have too.
fn value(argument: &Argument, shape: &[usize], random: &mut Random) -> Draft {
    let kind = argument.kind.trim_end_matches('?');
    if kind.len() < argument.kind.len() && random.percent(30) {
        return Draft::Plain(Arg::None(()));
    }
    if let Some((member, _)) = kind.split_once('[') {
        return many(member, shape, random);
    }
    let name = argument.name.as_str();
    Draft::Plain(match kind {
        "Tensor" => return tensor(name, shape, random),
        "Scalar" | "number" => match random.below(3) {
            0 => Arg::Int(random.integer()),
            1 => Arg::Bool(random.percent(50)),
            _ => Arg::Float(random.real()),
        },
        "float" => Arg::Float(random.real()),
        "bool" => Arg::Bool(random.percent(50)),
        "str" => Arg::String((*random.pick(&WORDS)).into()),
        "Device" => Arg::Device(()),
        "ScalarType" if random.percent(80) => Arg::Int(*random.pick(&DTYPES)),
        "Layout" if random.percent(80) => Arg::Int(0),
        "MemoryFormat" if random.percent(80) => Arg::Int(random.below(4) as i64),
        _ => Arg::Int(random.integer()),
    })
}

fn many(member: &str, shape: &[usize], random: &mut Random) -> Draft {
    if member.starts_with("Tensor") {
        let mut list = Vec::new();
        for _ in 0..random.below(4) {
            list.push(if random.percent(10) {
                Draft::Plain(Arg::None(()))
            } else {
                tensor("", shape, random)
            });
        }
        return Draft::List { list };
    }
    Draft::Plain(match member {
        "float" => Arg::Floats(vec![random.real(), random.real()]),
        "bool" => Arg::Bools(vec![true, false, true]),
        _ => Arg::Ints(random.integers()),
    })
}

fn tensor(name: &str, shape: &[usize], random: &mut Random) -> Draft {
    let mut spec = Spec::random(random);
    if random.percent(60) {
        spec.shape = shape.to_vec();
    }
    if name.contains("ind") || name.contains("target") || random.percent(20) {
        let mut values = Vec::new();
        for _ in 0..4 {
            values.push(random.integer());
        }
        spec.values = Some(values);
        spec.dtype = 4;
    }
    Draft::Tensor { tensor: spec }
}
