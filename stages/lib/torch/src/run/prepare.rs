//! Makes a call ready: what it does, and its arguments in the order of the schema.

use program::{Arg, Node, rewrite::WINOGRAD};
use tch::Device;

use super::{
    network::Mode,
    number,
    operator::Operator,
    slots::{Member, Slots, Source},
    step::Function,
};
use crate::{
    Error,
    winograd::{Convolution, TENSORS},
};

/// Arguments that say "training", in `batch_norm` and in `dropout` and its like.
const MODE_ARGUMENTS: [&str; 2] = ["training", "train"];

/// A call that is made ready.
pub(super) struct Preparation<'a> {
    /// Its number in the program.
    pub(super) index: usize,
    pub(super) node: &'a Node,
    pub(super) slots: &'a Slots<'a>,
    pub(super) mode: Mode,
    pub(super) device: Device,
}

impl Preparation<'_> {
    pub(super) fn function(&self) -> Result<(Function, Vec<Source>), Error> {
        if number::is_arithmetic(&self.node.op) {
            self.arithmetic()
        } else if self.node.op == WINOGRAD {
            self.winograd()
        } else {
            self.operator()
        }
    }

    /// Operands are named so that their order is that of the operation: a, b.
    fn arithmetic(&self) -> Result<(Function, Vec<Source>), Error> {
        let mut operands = Vec::with_capacity(self.node.args.len());
        for arg in self.node.args.values() {
            operands.push(self.source(arg)?);
        }
        Ok((Function::Arithmetic, operands))
    }

    fn winograd(&self) -> Result<(Function, Vec<Source>), Error> {
        let mut tensors = Vec::with_capacity(TENSORS.len());
        for name in TENSORS {
            let arg = self.node.args.get(name);
            tensors.push(self.source(arg.unwrap_or(&Arg::None(())))?);
        }
        let convolution = Convolution::new(self.node).map_err(|why| self.wrong(why))?;
        Ok((Function::Winograd(convolution), tensors))
    }

    fn operator(&self) -> Result<(Function, Vec<Source>), Error> {
        self.check_mode()?;
        let operator = Operator::find(&self.node.op).map_err(|why| Error::Operator {
            index: self.index,
            op: self.node.op.clone(),
            why,
        })?;
        let names = operator.arguments();
        for name in self.node.args.keys() {
            if !names.contains(name) {
                let names = names.join(", ");
                let why = format!("it has no argument \"{name}\"; it has {names}");
                return Err(self.wrong(why));
            }
        }
        let mut arguments = Vec::with_capacity(names.len());
        for (place, name) in names.iter().enumerate() {
            arguments.push(self.argument(&operator, place, name)?);
        }
        Ok((Function::Operator(operator), arguments))
    }

    /// A landscape is that of a network that does not change from run to run.
    fn check_mode(&self) -> Result<(), Error> {
        match self.mode {
            Mode::Evaluate if self.node.keeps_statistics() => {
                Err(self.wrong("it would change its running statistics, as in training".into()))
            }
            Mode::Evaluate | Mode::Statistics if self.node.draws() => Err(self.wrong(
                "it draws random numbers, and a landscape would differ from run to run".into(),
            )),
            Mode::Evaluate | Mode::Train | Mode::Statistics => Ok(()),
        }
    }

    /// Argument number `place` of an operator: as the program says, or its default.
    fn argument(&self, operator: &Operator, place: usize, name: &str) -> Result<Source, Error> {
        match self.node.args.get(name) {
            Some(Arg::Bool(_)) if self.mode == Mode::Train && MODE_ARGUMENTS.contains(&name) => {
                self.source(&Arg::Bool(true))
            }
            Some(arg) if self.mode == Mode::Statistics && self.node.is_batch_norm() => {
                match name {
                    "training" => self.source(&Arg::Bool(true)),
                    // all of the batch, nothing of what was there
                    "momentum" => self.source(&Arg::Float(1.0)),
                    _ => self.source(arg),
                }
            }
            Some(arg) => self.source(arg),
            None => match operator.default(place) {
                Some(default) => Ok(Source::One(Member::Constant(default))),
                None => Err(self.wrong(format!("the argument \"{name}\" is missing"))),
            },
        }
    }

    fn source(&self, arg: &Arg) -> Result<Source, Error> {
        self.slots.source(arg, self.device)
    }

    fn wrong(&self, why: String) -> Error {
        Error::Arguments {
            index: self.index,
            op: self.node.op.clone(),
            why,
        }
    }
}
