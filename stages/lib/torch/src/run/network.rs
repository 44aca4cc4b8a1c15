use std::borrow::Borrow;

use program::{Half, Input, Program};
use tch::{Device, Tensor};

use super::{
    lifetimes::{forget_after_last_use, written},
    memory::Run,
    prepare::Preparation,
    slots::Slots,
    step::Step,
    value::Value,
};
use crate::{Error, error::listed};

/// How layers that differ between training and evaluation behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Batch normalisation uses its running statistics, dropout does nothing.
    Evaluate,
    /// Batch normalisation uses the batch and moves its running statistics (in the state that is
    /// passed).
    Train,
    /// Batch normalisation uses the batch, and its running statistics (in the state that is passed)
    /// become mean and unbiased variance of the batch, provided that they were zero. All else is as
    /// in [`Mode::Evaluate`].
    Statistics,
}

/// A program made ready to run: operators looked up, arguments in the order of their schema.
pub struct Network {
    /// The state, the inputs, then the results of the calls.
    slots: usize,
    state: usize,
    inputs: Vec<Input>,
    /// State and inputs that calls write into, and so get copies of.
    written: Vec<usize>,
    steps: Vec<Step>,
    outputs: Vec<usize>,
    /// The half precision that it is run in.
    half: Option<Half>,
}

/// The values of a program that runs. Its memory is bounded until they are dropped.
struct Running {
    _bound: Run,
    slots: Vec<Option<Value>>,
}

impl Network {
    /// Makes a program ready, whose state has these names in this order.
    ///
    /// # Errors
    /// An operator that libtorch does not have, arguments that do not fit its schema, a name that
    /// the state lacks.
    pub fn new(
        program: &Program,
        state: &[&str],
        mode: Mode,
        device: Device,
    ) -> Result<Self, Error> {
        let slots = Slots::new(program, state);
        let mut steps = Vec::with_capacity(program.nodes.len());
        for (index, node) in program.nodes.iter().enumerate() {
            steps.push(Step::new(&Preparation {
                index,
                node,
                slots: &slots,
                mode,
                device,
            })?);
        }
        let outputs = slots.of(&program.outputs);
        forget_after_last_use(&mut steps, &outputs, state.len());
        Ok(Self {
            slots: slots.count(),
            state: state.len(),
            inputs: program.inputs.clone(),
            written: written(&steps, state.len() + program.inputs.len()),
            steps,
            outputs,
            half: None,
        })
    }

    /// The same in a half precision: tensors that the program makes in f32 may meet rounded ones.
    pub(crate) fn in_half(self, half: Option<Half>) -> Self {
        Self { half, ..self }
    }

    /// Runs it: state in the order of [`Network::new`], inputs in the order of the program. Neither
    /// is written into.
    ///
    /// # Errors
    /// Inputs of another number or shape, or what libtorch refuses, with the call.
    pub fn forward<T: Borrow<Tensor>>(
        &self,
        state: &[T],
        inputs: &[Tensor],
    ) -> Result<Vec<Tensor>, Error> {
        let mut running = self.start(state, inputs)?;
        for (index, step) in self.steps.iter().enumerate() {
            step.run(index, self.half, &mut running.slots)?;
        }
        self.results(&running)
    }

    /// The numbers of elements of the tensors that calls return.
    ///
    /// # Errors
    /// As [`Network::forward`].
    pub fn sizes<T: Borrow<Tensor>>(
        &self,
        state: &[T],
        inputs: &[Tensor],
    ) -> Result<Vec<usize>, Error> {
        let mut running = self.start(state, inputs)?;
        let mut sizes = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            step.run(index, self.half, &mut running.slots)?;
            for result in step.results(&running.slots) {
                sizes.push(result.numel());
            }
        }
        self.results(&running)?;
        Ok(sizes)
    }

    /// The values before the first call.
    fn start<T: Borrow<Tensor>>(&self, state: &[T], inputs: &[Tensor]) -> Result<Running, Error> {
        assert_eq!(
            state.len(),
            self.state,
            "a network is called with the state that it was made for"
        );
        self.check_inputs(inputs)?;
        let given: Vec<&Tensor> = state.iter().map(T::borrow).chain(inputs).collect();
        let bound = Run::start(&given);
        let mut slots = Vec::with_capacity(self.slots);
        for tensor in &given {
            slots.push(Some(Value::tensor(tensor)));
        }
        slots.resize_with(self.slots, || None);
        for slot in &self.written {
            slots[*slot] = Some(Value::tensor(&given[*slot].copy()));
        }
        Ok(Running {
            _bound: bound,
            slots,
        })
    }

    /// What the program returns, after the last call.
    fn results(&self, running: &Running) -> Result<Vec<Tensor>, Error> {
        let mut results = Vec::with_capacity(self.outputs.len());
        for slot in &self.outputs {
            let value = running.slots[*slot].as_ref();
            let Some(tensor) = value.and_then(Value::to_tensor) else {
                return Err(Error::Loss {
                    loss: "of any kind",
                    why: "the program returns no tensor".into(),
                });
            };
            results.push(tensor);
        }
        Ok(results)
    }

    /// Checks the inputs against the shapes that the program declares.
    ///
    /// # Errors
    /// [`Error::Inputs`] or [`Error::Shape`], with both.
    pub fn check_inputs(&self, inputs: &[Tensor]) -> Result<(), Error> {
        if inputs.len() != self.inputs.len() {
            return Err(Error::inputs(&self.inputs, inputs.len()));
        }
        for (wanted, input) in self.inputs.iter().zip(inputs) {
            let found = input.size();
            if !fits(&wanted.shape, &found) {
                return Err(Error::Shape {
                    input: wanted.name.clone(),
                    wanted: format!("[{}]", listed(wanted.shape.iter().map(shown))),
                    found: format!("{found:?}"),
                });
            }
        }
        Ok(())
    }
}

/// Whether a shape is one that a program takes, in which some sizes are free.
fn fits(wanted: &[Option<usize>], found: &[i64]) -> bool {
    if wanted.len() != found.len() {
        return false;
    }
    let mut sizes = wanted.iter().zip(found);
    sizes.all(|(wanted, found)| wanted.is_none_or(|wanted| wanted as i64 == *found))
}

/// A size that a program takes.
fn shown(size: &Option<usize>) -> String {
    match size {
        Some(size) => size.to_string(),
        None => "any".into(),
    }
}
