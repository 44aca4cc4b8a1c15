//! Where the values of a program are kept while it runs, and where arguments are taken from.

use std::collections::HashMap;

use program::{Arg, Program};
use tch::Device;

use super::value::{Entry, Value};
use crate::Error;

/// The place of each tensor of the state and of each value: the state first, then the inputs, then
/// the results of the calls.
pub(super) struct Slots<'a> {
    state: HashMap<&'a str, usize>,
    values: HashMap<&'a str, usize>,
}

/// Where an argument comes from.
pub(super) enum Source {
    One(Member),
    /// Members of a list; `None` for those that are None.
    List(Vec<Option<Member>>),
}

pub(super) enum Member {
    Constant(Value),
    Slot(usize),
}

impl<'a> Slots<'a> {
    pub(super) fn new(program: &'a Program, state: &[&'a str]) -> Self {
        let mut slots = Self {
            state: HashMap::new(),
            values: HashMap::new(),
        };
        for (slot, name) in state.iter().enumerate() {
            slots.state.insert(name, slot);
        }
        let inputs = program.inputs.iter().map(|input| &input.name);
        let results = program.nodes.iter().flat_map(|node| &node.outputs);
        for (place, name) in inputs.chain(results).enumerate() {
            slots.values.insert(name, slots.state.len() + place);
        }
        slots
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.state.len() + self.values.len()
    }

    /// Those of values: each has one, since a program is checked when it is read.
    pub(super) fn of(&self, names: &[String]) -> Vec<usize> {
        names
            .iter()
            .map(|name| self.values[name.as_str()])
            .collect()
    }

    /// Where an argument of a call on a device comes from.
    pub(super) fn source(&self, arg: &Arg, device: Device) -> Result<Source, Error> {
        if let Arg::List(args) = arg {
            let mut members = Vec::with_capacity(args.len());
            for arg in args {
                members.push(self.member(arg, device)?);
            }
            return Ok(Source::List(members));
        }
        let member = match self.member(arg, device)? {
            Some(member) => Some(member),
            None => Value::constant(&Arg::None(()), device).map(Member::Constant),
        };
        let member = member.expect("all but names and lists are constants");
        Ok(Source::One(member))
    }

    fn member(&self, arg: &Arg, device: Device) -> Result<Option<Member>, Error> {
        Ok(match arg {
            Arg::None(()) => None,
            Arg::State(name) => match self.state.get(name.as_str()) {
                Some(slot) => Some(Member::Slot(*slot)),
                None => return Err(Error::State(name.clone())),
            },
            // a program is checked when it is read: every value has a slot
            Arg::Value(name) => Some(Member::Slot(self.values[name.as_str()])),
            constant => Value::constant(constant, device).map(Member::Constant),
        })
    }
}

impl Source {
    /// The slots that it is taken from.
    pub(super) fn slots(&self) -> Vec<usize> {
        match self {
            Self::One(member) => member.slot().into_iter().collect(),
            Self::List(members) => members.iter().flatten().filter_map(Member::slot).collect(),
        }
    }

    /// The argument, while a program runs.
    pub(super) fn entry<'a>(&'a self, slots: &'a [Option<Value>]) -> Entry<'a> {
        match self {
            Self::One(member) => Entry::One(member.value(slots)),
            Self::List(members) => {
                let values = members
                    .iter()
                    .map(|member| Some(member.as_ref()?.value(slots)));
                Entry::List(values.collect())
            }
        }
    }
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
