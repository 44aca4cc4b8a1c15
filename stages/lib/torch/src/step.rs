//! The calls of a program, made ready.

use std::collections::{HashMap, HashSet};

use program::{Arg, Half, Node, Program, rewrite::WINOGRAD};
use tch::{Device, Tensor};

use crate::{
    Error, Mode,
    convolution::{TENSORS, Winograd},
    dispatcher::{Entry, Operator, Value},
    number::{self, Number},
};

/// Arguments that say "training", in `batch_norm` and in `dropout` and its like.
const MODE_ARGUMENTS: [&str; 2] = ["training", "train"];

/// Operators that may return an argument itself or a view of it, which their schemas do not say: found by calling every
/// operator of the list with tensors of several shapes and comparing the memory of results and arguments.
const SHARING: [&str; 15] = [
    "aten::_unsafe_view",
    "aten::alpha_dropout",
    "aten::atleast_1d",
    "aten::atleast_2d",
    "aten::atleast_3d",
    "aten::chain_matmul",
    "aten::dropout",
    "aten::einsum",
    "aten::feature_alpha_dropout",
    "aten::feature_dropout",
    "aten::lift_fresh",
    "aten::meshgrid",
    "aten::type_as",
    "aten::unsafe_chunk",
    "aten::unsafe_split",
];

/// Names the operators that are arithmetic on numbers.
const ARITHMETIC: &str = "operator::";

/// One call.
pub(crate) struct Step {
    op: String,
    function: Function,
    arguments: Vec<Source>,
    outputs: Vec<usize>,
    /// Values that no later call uses.
    last_use: Vec<usize>,
}

enum Function {
    Operator(Operator),
    Arithmetic,
    Winograd(Winograd),
}

/// Where an argument comes from.
enum Source {
    One(Member),
    List(Vec<Option<Member>>),
}

enum Member {
    Constant(Value),
    Slot(usize),
}

/// The place of each tensor of the state and of each value.
pub(crate) struct Slots<'a> {
    state: HashMap<&'a str, usize>,
    /// Inputs and results, by name.
    pub(crate) values: HashMap<&'a str, usize>,
    /// All there are.
    pub(crate) count: usize,
}

impl<'a> Slots<'a> {
    pub(crate) fn new(program: &'a Program, state: &[&'a str]) -> Self {
        let state: HashMap<_, _> = state
            .iter()
            .enumerate()
            .map(|(slot, name)| (*name, slot))
            .collect();
        let results = program.nodes.iter().flat_map(|node| &node.outputs);
        let names = program
            .inputs
            .iter()
            .map(|input| &input.name)
            .chain(results);
        let values: HashMap<_, _> = names
            .enumerate()
            .map(|(k, name)| (name.as_str(), state.len() + k))
            .collect();
        let count = state.len() + values.len();
        Self {
            state,
            values,
            count,
        }
    }

    fn member(&self, arg: &Arg, device: Device) -> Result<Option<Member>, Error> {
        Ok(match arg {
            Arg::None(()) => None,
            Arg::State(name) => {
                let slot = self
                    .state
                    .get(name.as_str())
                    .ok_or_else(|| Error::State(name.clone()))?;
                Some(Member::Slot(*slot))
            }
            // a program is checked when it is read: every value has a slot
            Arg::Value(name) => Some(Member::Slot(self.values[name.as_str()])),
            constant => Value::constant(constant, device).map(Member::Constant),
        })
    }

    fn source(&self, arg: &Arg, device: Device) -> Result<Source, Error> {
        let none = || Value::constant(&Arg::None(()), device).map(Member::Constant);
        match arg {
            Arg::List(members) => members
                .iter()
                .map(|arg| self.member(arg, device))
                .collect::<Result<_, _>>()
                .map(Source::List),
            arg => {
                let member = self.member(arg, device)?.or_else(none);
                Ok(Source::One(
                    member.expect("all but names and lists are constants"),
                ))
            }
        }
    }
}

impl Step {
    pub(crate) fn new(
        index: usize,
        node: &Node,
        slots: &mut Slots,
        mode: Mode,
        device: Device,
    ) -> Result<Self, Error> {
        let outputs = node
            .outputs
            .iter()
            .map(|name| slots.values[name.as_str()])
            .collect();
        let done = |function, arguments| Self {
            op: node.op.clone(),
            function,
            arguments,
            outputs,
            last_use: Vec::new(),
        };
        if node.op.starts_with(ARITHMETIC) {
            let arguments = node
                .args
                .values()
                .map(|arg| slots.source(arg, device))
                .collect::<Result<_, _>>()?;
            return Ok(done(Function::Arithmetic, arguments));
        }
        let wrong = |why| Error::Arguments {
            index,
            op: node.op.clone(),
            why,
        };
        if node.op == WINOGRAD {
            let tensor =
                |name: &&str| slots.source(node.args.get(*name).unwrap_or(&Arg::None(())), device);
            let arguments = TENSORS.iter().map(tensor).collect::<Result<_, _>>()?;
            return Ok(done(
                Function::Winograd(Winograd::new(node).map_err(wrong)?),
                arguments,
            ));
        }
        if mode == Mode::Evaluate && node.keeps_statistics() {
            return Err(wrong(
                "it would change its running statistics, as in training".into(),
            ));
        }
        if mode == Mode::Evaluate && node.draws() {
            return Err(wrong(
                "it draws random numbers, and a landscape would differ from run to run".into(),
            ));
        }
        let operator = Operator::find(&node.op).map_err(|why| Error::Operator {
            index,
            op: node.op.clone(),
            why,
        })?;
        let names = operator.arguments();
        if let Some(unknown) = node.args.keys().find(|name| !names.contains(name)) {
            return Err(wrong(format!(
                "it has no argument \"{unknown}\"; it has {}",
                names.join(", ")
            )));
        }
        let mut arguments = Vec::with_capacity(names.len());
        for (k, name) in names.iter().enumerate() {
            let training = mode == Mode::Train && MODE_ARGUMENTS.contains(&name.as_str());
            arguments.push(match node.args.get(name) {
                Some(Arg::Bool(_)) if training => slots.source(&Arg::Bool(true), device)?,
                Some(arg) => slots.source(arg, device)?,
                None => {
                    Source::One(Member::Constant(operator.default(k).ok_or_else(|| {
                        wrong(format!("the argument \"{name}\" is missing"))
                    })?))
                }
            });
        }
        Ok(done(Function::Operator(operator), arguments))
    }

    /// Calls it, in a half precision where there is one, and drops what is used no more.
    pub(crate) fn run(
        &self,
        index: usize,
        half: Option<Half>,
        slots: &mut [Option<Value>],
    ) -> Result<(), Error> {
        let failed = |why| Error::Call {
            index,
            op: self.op.clone(),
            why,
        };
        let arguments: Vec<Entry> = self
            .arguments
            .iter()
            .map(|source| source.entry(slots))
            .collect();
        let results = match &self.function {
            Function::Operator(operator) => operator.call(&arguments, half, self.outputs.len()),
            Function::Arithmetic => arithmetic(&self.op, &arguments),
            Function::Winograd(winograd) => {
                let tensor = |k: usize| arguments.get(k).and_then(Entry::to_tensor);
                winograd
                    .call(std::array::from_fn(tensor))
                    .map(|result| vec![Value::tensor(&result)])
            }
        };
        let results = results.map_err(failed)?;
        for (slot, result) in self.outputs.iter().zip(results) {
            slots[*slot] = Some(result);
        }
        for slot in &self.last_use {
            slots[*slot] = None;
        }
        Ok(())
    }

    /// The tensors that it returned, but for those that nobody uses.
    pub(crate) fn results(&self, slots: &[Option<Value>]) -> impl Iterator<Item = Tensor> {
        self.outputs
            .iter()
            .filter_map(|slot| slots[*slot].as_ref()?.to_tensor())
    }

    /// Slots that results can share the memory of.
    fn shared(&self) -> Vec<usize> {
        let name = self
            .op
            .split_once('.')
            .map_or(self.op.as_str(), |(name, _)| name);
        let all = SHARING.contains(&name);
        self.slots_where(|operator, argument| all || operator.shares(argument))
    }

    /// Slots that it writes into.
    fn writes(&self) -> Vec<usize> {
        self.slots_where(Operator::writes)
    }

    fn slots_where(&self, holds: impl Fn(&Operator, usize) -> bool) -> Vec<usize> {
        let wanted = |index: usize| match &self.function {
            Function::Operator(operator) => holds(operator, index),
            Function::Winograd(_) => TENSORS[index] == "other",
            Function::Arithmetic => false,
        };
        let arguments = self
            .arguments
            .iter()
            .enumerate()
            .filter(|(index, _)| wanted(*index));
        arguments.flat_map(|(_, source)| source.slots()).collect()
    }
}

/// Of the first `count` slots (the state and the inputs) those that calls write into, themselves or through views.
pub(crate) fn written(steps: &[Step], count: usize) -> Vec<usize> {
    let mut roots: HashMap<usize, HashSet<usize>> = (0..count)
        .map(|slot| (slot, HashSet::from([slot])))
        .collect();
    let mut written = HashSet::new();
    for step in steps {
        let of = |slots: Vec<usize>| {
            slots
                .iter()
                .filter_map(|slot| roots.get(slot))
                .flatten()
                .copied()
                .collect()
        };
        let (views, writes): (HashSet<usize>, HashSet<usize>) =
            (of(step.shared()), of(step.writes()));
        written.extend(writes);
        for slot in step.outputs.iter().filter(|_| !views.is_empty()) {
            roots.insert(*slot, views.clone());
        }
    }
    let mut written: Vec<usize> = written.into_iter().collect();
    written.sort_unstable();
    written
}

/// Lets each step drop the values that it is the last to use, so that memory stays that of the widest place.
pub(crate) fn forget_after_last_use(steps: &mut [Step], outputs: &[usize], state: usize) {
    let mut needed: HashSet<usize> = outputs.iter().copied().collect();
    for step in steps.iter_mut().rev() {
        let used = step
            .arguments
            .iter()
            .flat_map(Source::slots)
            .chain(step.outputs.iter().copied());
        step.last_use = used
            .filter(|slot| *slot >= state && needed.insert(*slot))
            .collect();
    }
}

/// Arithmetic on the operands, which are named so that their order is that of the operation: a, b.
fn arithmetic(op: &str, operands: &[Entry]) -> Result<Vec<Value>, String> {
    let number = |entry: &Entry| match entry {
        Entry::One(value) => value.to_number(),
        Entry::List(_) => None,
    };
    let operands: Option<Vec<Number>> = operands.iter().map(number).collect();
    let operands = operands.ok_or("an operand is no number")?;
    number::apply(op.trim_start_matches(ARITHMETIC), &operands)
        .map(|result| vec![Value::number(result)])
}

impl Member {
    fn value<'a>(&'a self, slots: &'a [Option<Value>]) -> &'a Value {
        match self {
            Self::Constant(value) => value,
            Self::Slot(slot) => slots[*slot]
                .as_ref()
                .expect("a value is kept until its last use"),
        }
    }

    fn slot(&self) -> Option<usize> {
        match self {
            Self::Constant(_) => None,
            Self::Slot(slot) => Some(*slot),
        }
    }
}

impl Source {
    fn slots(&self) -> Vec<usize> {
        match self {
            Self::One(member) => member.slot().into_iter().collect(),
            Self::List(members) => members.iter().flatten().filter_map(Member::slot).collect(),
        }
    }

    fn entry<'a>(&'a self, slots: &'a [Option<Value>]) -> Entry<'a> {
        match self {
            Self::One(member) => Entry::One(member.value(slots)),
            Self::List(members) => Entry::List(
                members
                    .iter()
                    .map(|member| member.as_ref().map(|member| member.value(slots)))
                    .collect(),
            ),
        }
    }
}
