use std::collections::HashMap;

use program::{Arg, Node, Program};
use tch::Tensor;

use crate::{
    Error,
    dispatcher::{Entry, Operator, Value},
};

/// How layers that differ between training and evaluation behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Batch normalisation uses its running statistics, dropout does nothing.
    Evaluate,
    /// Batch normalisation uses the batch and moves its running statistics (in the state that is passed).
    Train,
}

/// Arguments that say "training", in `batch_norm` and in `dropout` and its like.
const MODE_ARGUMENTS: [&str; 2] = ["training", "train"];

/// A program made ready to run: operators looked up, arguments in the order of their schema.
pub struct Network {
    /// The state, the inputs, then the results of the calls.
    slots: usize,
    state: usize,
    inputs: Vec<Vec<Option<usize>>>,
    steps: Vec<Step>,
    outputs: Vec<usize>,
}

struct Step {
    op: String,
    operator: Operator,
    arguments: Vec<Source>,
    outputs: Vec<usize>,
    /// Values that no later call uses.
    last_use: Vec<usize>,
}

/// Where an argument comes from.
enum Source {
    Constant(Value),
    Slot(usize),
    List(Vec<Option<usize>>),
}

impl Network {
    /// Makes a program ready, whose state has these names in this order.
    ///
    /// # Errors
    /// An operator that libtorch does not have, arguments that do not fit its schema, a name that the state lacks.
    pub fn new(program: &Program, state: &[&str], mode: Mode) -> Result<Self, Error> {
        let mut slots = Slots::new(program, state);
        let mut steps = Vec::with_capacity(program.nodes.len());
        for (index, node) in program.nodes.iter().enumerate() {
            steps.push(step(index, node, &mut slots, mode)?);
        }
        let outputs: Vec<usize> = program.outputs.iter().map(|name| slots.values[name.as_str()]).collect();
        forget_after_last_use(&mut steps, &outputs, state.len());
        let inputs = program.inputs.iter().map(|input| input.shape.clone()).collect();
        Ok(Self { slots: slots.count, state: state.len(), inputs, steps, outputs })
    }

    /// Runs it: state in the order of [`Network::new`], inputs in the order of the program.
    ///
    /// # Errors
    /// Inputs of another number or shape, or what libtorch refuses, with the call.
    pub fn forward(&self, state: &[Tensor], inputs: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        assert_eq!(state.len(), self.state, "a network is called with the state that it was made for");
        self.check_inputs(inputs)?;
        let mut slots: Vec<Option<Value>> = Vec::with_capacity(self.slots);
        slots.extend(state.iter().chain(inputs).map(|tensor| Some(Value::tensor(tensor))));
        slots.resize_with(self.slots, || None);
        for (index, step) in self.steps.iter().enumerate() {
            let failed = |why| Error::Call { index, op: step.op.clone(), why };
            let arguments: Vec<Entry> = step.arguments.iter().map(|source| source.entry(&slots)).collect();
            let results = step.operator.call(&arguments, step.outputs.len()).map_err(failed)?;
            for (slot, result) in step.outputs.iter().zip(results) {
                slots[*slot] = Some(result);
            }
            for slot in &step.last_use {
                slots[*slot] = None;
            }
        }
        let output = |slot: &usize| slots[*slot].as_ref().and_then(Value::to_tensor);
        let outputs: Option<Vec<Tensor>> = self.outputs.iter().map(output).collect();
        outputs.ok_or_else(|| Error::Loss { loss: "of any kind", why: "the program returns no tensor".into() })
    }

    /// Checks the inputs against the shapes that the program declares.
    ///
    /// # Errors
    /// [`Error::Inputs`] or [`Error::Shape`], with both.
    pub fn check_inputs(&self, inputs: &[Tensor]) -> Result<(), Error> {
        if inputs.len() != self.inputs.len() {
            return Err(Error::Inputs { wanted: self.inputs.len(), found: inputs.len() });
        }
        for (wanted, input) in self.inputs.iter().zip(inputs) {
            let found = input.size();
            let fits = |(wanted, found): (&Option<usize>, &i64)| wanted.is_none_or(|wanted| wanted as i64 == *found);
            if wanted.len() != found.len() || !wanted.iter().zip(&found).all(fits) {
                let any = |size: &Option<usize>| size.map_or("any".to_string(), |size| size.to_string());
                let wanted = format!("[{}]", wanted.iter().map(any).collect::<Vec<_>>().join(", "));
                return Err(Error::Shape { wanted, found: format!("{found:?}") });
            }
        }
        Ok(())
    }
}

/// The place of each tensor of the state and of each value.
struct Slots<'a> {
    state: HashMap<&'a str, usize>,
    values: HashMap<&'a str, usize>,
    count: usize,
}

impl<'a> Slots<'a> {
    fn new(program: &'a Program, state: &[&'a str]) -> Self {
        let state: HashMap<_, _> = state.iter().enumerate().map(|(slot, name)| (*name, slot)).collect();
        let results = program.nodes.iter().flat_map(|node| &node.outputs);
        let names = program.inputs.iter().map(|input| &input.name).chain(results);
        let values: HashMap<_, _> = names.enumerate().map(|(k, name)| (name.as_str(), state.len() + k)).collect();
        let count = state.len() + values.len();
        Self { state, values, count }
    }

    /// The slot of a tensor argument, `None` for an absent one.
    fn of(&self, arg: &Arg) -> Result<Option<usize>, Error> {
        match arg {
            Arg::State(name) => {
                self.state.get(name.as_str()).copied().map(Some).ok_or_else(|| Error::State(name.clone()))
            }
            // a program is checked when it is read: every value has a slot
            Arg::Value(name) => Ok(Some(self.values[name.as_str()])),
            _ => Ok(None),
        }
    }
}

fn step(index: usize, node: &Node, slots: &mut Slots, mode: Mode) -> Result<Step, Error> {
    let operator = Operator::find(&node.op).map_err(|why| Error::Operator { index, op: node.op.clone(), why })?;
    let wrong = |why| Error::Arguments { index, op: node.op.clone(), why };
    let names = operator.arguments();
    if let Some(unknown) = node.args.keys().find(|name| !names.contains(name)) {
        return Err(wrong(format!("it has no argument \"{unknown}\"; it has {}", names.join(", "))));
    }
    let mut arguments = Vec::with_capacity(names.len());
    for (k, name) in names.iter().enumerate() {
        let training = Arg::Bool(true);
        let arg = match node.args.get(name) {
            Some(Arg::Bool(_)) if mode == Mode::Train && MODE_ARGUMENTS.contains(&name.as_str()) => Some(&training),
            arg => arg,
        };
        arguments.push(match arg {
            None => Source::Constant(
                operator.default(k).ok_or_else(|| wrong(format!("the argument \"{name}\" is missing")))?,
            ),
            Some(Arg::List(members)) => {
                Source::List(members.iter().map(|arg| slots.of(arg)).collect::<Result<_, _>>()?)
            }
            Some(arg) => match Value::constant(arg) {
                Some(constant) => Source::Constant(constant),
                None => slots.of(arg)?.map(Source::Slot).ok_or_else(|| wrong(format!("\"{name}\" names no tensor")))?,
            },
        });
    }
    let outputs = node.outputs.iter().map(|name| slots.values[name.as_str()]).collect();
    Ok(Step { op: node.op.clone(), operator, arguments, outputs, last_use: Vec::new() })
}

/// Lets each step drop the values that it is the last to use, so that memory stays that of the widest place.
fn forget_after_last_use(steps: &mut [Step], outputs: &[usize], state: usize) {
    let mut needed: std::collections::HashSet<usize> = outputs.iter().copied().collect();
    for step in steps.iter_mut().rev() {
        let used = step.arguments.iter().flat_map(Source::slots).chain(step.outputs.iter().copied());
        step.last_use = used.filter(|slot| *slot >= state && needed.insert(*slot)).collect();
    }
}

impl Source {
    fn slots(&self) -> Vec<usize> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Slot(slot) => vec![*slot],
            Self::List(members) => members.iter().flatten().copied().collect(),
        }
    }

    fn entry<'a>(&'a self, slots: &'a [Option<Value>]) -> Entry<'a> {
        let value = |slot: usize| slots[slot].as_ref().expect("a value is kept until its last use");
        match self {
            Self::Constant(constant) => Entry::One(constant),
            Self::Slot(slot) => Entry::One(value(*slot)),
            Self::List(members) => Entry::List(members.iter().map(|slot| slot.map(value)).collect()),
        }
    }
}
