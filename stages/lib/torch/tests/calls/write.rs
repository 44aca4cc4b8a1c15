//! Programs, written call by call, with the state and the input that they are run with.

use program::{Arg, Input, Node, Program, VERSION};
use torch::{Kind, Tensor};

use super::{
    draft::{Call, Draft, Spec},
    random::Random,
    run::Case,
    schema::Schema,
};

/// ATen's numbers of the types that files hold.
const FLOAT: i64 = 6;
const DOUBLE: i64 = 7;
const LONG: i64 = 4;
const BYTE: i64 = 0;
/// Elements of a tensor of the state.
const LARGEST: usize = 1 << 16;

pub(crate) struct Written {
    nodes: Vec<Node>,
    state: Vec<(String, Tensor)>,
    input: (Vec<usize>, Tensor),
    /// Values that are tensors.
    tensors: Vec<String>,
    /// What the last calls return.
    last: Vec<String>,
    values: usize,
}

impl Written {
    pub(crate) fn new(random: &mut Random) -> Self {
        let mut shape = random.shape();
        for size in &mut shape {
            *size = (*size).max(1);
        }
        shape.insert(0, 4);
        let input = fill(&shape, random);
        Self {
            nodes: Vec::new(),
            state: Vec::new(),
            input: (shape, input),
            tensors: vec!["x".into()],
            last: vec!["x".into()],
            values: 0,
        }
    }

    pub(crate) fn call(&mut self, call: &Call, schema: &Schema, random: &mut Random) {
        let mut args = Vec::new();
        for (name, draft) in &call.args {
            args.push((name.as_str(), self.argument(draft, random)));
        }
        let results = schema.results.unwrap_or_else(|| random.below(4) + 1);
        let outputs = self.node(&schema.op, args, results);
        if results > 0 {
            self.last = outputs.clone();
        }
        self.tensors.extend(outputs);
    }

    pub(crate) fn finish(self) -> Case {
        let input = Input {
            name: "x".into(),
            shape: self
                .input
                .0
                .iter()
                .enumerate()
                .map(|(axis, size)| (axis > 0).then_some(*size))
                .collect(),
            dtype: "f32".into(),
        };
        Case {
            program: Program {
                version: VERSION,
                inputs: vec![input],
                nodes: self.nodes,
                outputs: self.last,
                output_names: Vec::new(),
            },
            state: self.state,
            input: self.input.1,
        }
    }

    fn argument(&mut self, draft: &Draft, random: &mut Random) -> Arg {
        match draft {
            Draft::Tensor { tensor } => self.tensor(tensor, random),
            Draft::List { list } => {
                let mut members = Vec::new();
                for member in list {
                    members.push(self.argument(member, random));
                }
                Arg::List(members)
            }
            // a number that the program computes
            Draft::Plain(Arg::Int(number)) if random.percent(15) => {
                let args = vec![("a", Arg::Int(*number))];
                Arg::Value(self.node("operator::pos", args, 1).remove(0))
            }
            Draft::Plain(Arg::Ints(numbers)) if random.percent(15) => {
                Arg::List(numbers.iter().map(|number| Arg::Int(*number)).collect())
            }
            Draft::Plain(arg) => arg.clone(),
        }
    }

    /// A tensor of the state, or what an earlier call returned, perhaps seen in another order.
    fn tensor(&mut self, spec: &Spec, random: &mut Random) -> Arg {
        if random.percent(8) {
            return Arg::Value(random.pick(&self.tensors).clone());
        }
        let dims = spec.shape.len();
        let layout = random.below(12);
        let mut stored = spec.shape.clone();
        match layout {
            0 if dims > 1 => stored.swap(0, dims - 1),
            1 if dims > 0 => stored[0] = 1,
            2 if dims > 0 => stored[dims - 1] = 2 * stored[dims - 1] + 1,
            _ => {}
        }
        if stored.iter().product::<usize>() > LARGEST {
            return Arg::Value("x".into());
        }
        let mut arg = self.stored(spec, &stored, random);
        let int = |number: usize| Arg::Int(number as i64);
        let see = match layout {
            0 if dims > 1 => (
                "aten::transpose.int",
                vec![("dim0", int(0)), ("dim1", int(dims - 1))],
            ),
            1 if dims > 0 => {
                let size = spec.shape.iter().map(|size| *size as i64).collect();
                ("aten::expand", vec![("size", Arg::Ints(size))])
            }
            2 if dims > 0 => {
                let places = vec![("dim", int(dims - 1)), ("start", int(1)), ("step", int(2))];
                ("aten::slice.Tensor", places)
            }
            3 if dims == 4 => ("aten::contiguous", vec![("memory_format", int(2))]),
            4 if dims > 0 => {
                let at = vec![("dim", int(0)), ("index", int(0))];
                ("aten::select.int", at)
            }
            _ => return arg,
        };
        let (op, mut args) = see;
        args.push(("self", arg));
        arg = Arg::Value(self.node(op, args, 1).remove(0));
        arg
    }

    /// A tensor of the state, in the type that is asked for.
    fn stored(&mut self, spec: &Spec, shape: &[usize], random: &mut Random) -> Arg {
        let values = match (&spec.values, spec.dtype) {
            (Some(values), _) => from_integers(values, shape),
            (None, FLOAT | DOUBLE | 5 | 15) => fill(shape, random),
            (None, _) => {
                let small: Vec<i64> = (0..5).map(|_| random.below(4) as i64).collect();
                from_integers(&small, shape)
            }
        };
        let (kind, cast) = match spec.dtype {
            FLOAT => (Kind::Float, None),
            DOUBLE => (Kind::Double, None),
            LONG => (Kind::Int64, None),
            BYTE => (Kind::Uint8, None),
            other => (values.kind(), Some(other)),
        };
        let name = format!("s{}", self.state.len());
        self.state.push((name.clone(), values.to_kind(kind)));
        let arg = Arg::State(name);
        match cast {
            None => arg,
            Some(dtype) => {
                let args = vec![("self", arg), ("dtype", Arg::Int(dtype))];
                Arg::Value(self.node("aten::to.dtype", args, 1).remove(0))
            }
        }
    }

    fn node(&mut self, op: &str, args: Vec<(&str, Arg)>, results: usize) -> Vec<String> {
        let mut outputs = Vec::new();
        for _ in 0..results {
            outputs.push(format!("v{}", self.values));
            self.values += 1;
        }
        let args = args
            .into_iter()
            .map(|(name, arg)| (name.to_string(), arg))
            .collect();
        self.nodes.push(Node {
            op: op.into(),
            args,
            outputs: outputs.clone(),
        });
        outputs
    }
}

fn from_integers(values: &[i64], shape: &[usize]) -> Tensor {
    let count = shape.iter().product();
    let values: Vec<i64> = values
        .iter()
        .copied()
        .chain([0])
        .cycle()
        .take(count)
        .collect();
    Tensor::from_slice(&values).reshape(sizes(shape))
}

/// Real numbers, some of them not finite.
fn fill(shape: &[usize], random: &mut Random) -> Tensor {
    let some: Vec<f32> = (0..7).map(|_| random.real() as f32).collect();
    let plain = random.percent(70);
    let mut values = Vec::new();
    for place in 0..shape.iter().product() {
        let value = some[place % some.len()];
        values.push(if plain {
            value.clamp(-2.0, 2.0) * (place % 11) as f32
        } else {
            value
        });
    }
    Tensor::from_slice(&values).reshape(sizes(shape))
}

fn sizes(shape: &[usize]) -> Vec<i64> {
    shape.iter().map(|size| *size as i64).collect()
}
