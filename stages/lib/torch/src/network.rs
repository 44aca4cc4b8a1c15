use std::borrow::Borrow;

use program::{Half, Program};
use tch::{Device, Tensor};

use crate::{
    Error,
    dispatcher::Value,
    memory::Run,
    step::{self, Slots, Step},
};

/// How layers that differ between training and evaluation behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Batch normalisation uses its running statistics, dropout does nothing.
    Evaluate,
    /// Batch normalisation uses the batch and moves its running statistics (in the state that is passed).
    Train,
}

/// A program made ready to run: operators looked up, arguments in the order of their schema.
pub struct Network {
    /// The state, the inputs, then the results of the calls.
    slots: usize,
    state: usize,
    inputs: Vec<program::Input>,
    /// State and inputs that calls write into, and so get copies of.
    written: Vec<usize>,
    steps: Vec<Step>,
    outputs: Vec<usize>,
    /// The half precision that it is run in.
    half: Option<Half>,
}

impl Network {
    /// Makes a program ready, whose state has these names in this order.
    ///
    /// # Errors
    /// An operator that libtorch does not have, arguments that do not fit its schema, a name that the state lacks.
    pub fn new(
        program: &Program,
        state: &[&str],
        mode: Mode,
        device: Device,
    ) -> Result<Self, Error> {
        let mut slots = Slots::new(program, state);
        let mut steps = Vec::with_capacity(program.nodes.len());
        for (index, node) in program.nodes.iter().enumerate() {
            steps.push(Step::new(index, node, &mut slots, mode, device)?);
        }
        let outputs: Vec<usize> = program
            .outputs
            .iter()
            .map(|name| slots.values[name.as_str()])
            .collect();
        step::forget_after_last_use(&mut steps, &outputs, state.len());
        let written = step::written(&steps, state.len() + program.inputs.len());
        Ok(Self {
            slots: slots.count,
            state: state.len(),
            inputs: program.inputs.clone(),
            written,
            steps,
            outputs,
            half: None,
        })
    }

    /// The same in a half precision: tensors that the program makes in f32 may meet rounded ones.
    pub(crate) fn in_half(self, half: Option<Half>) -> Self {
        Self { half, ..self }
    }

    /// Runs it: state in the order of [`Network::new`], inputs in the order of the program. Neither is written into.
    ///
    /// # Errors
    /// Inputs of another number or shape, or what libtorch refuses, with the call.
    pub fn forward<T: Borrow<Tensor>>(
        &self,
        state: &[T],
        inputs: &[Tensor],
    ) -> Result<Vec<Tensor>, Error> {
        self.run(state, inputs, |_, _| {})
    }

    /// The number of elements of the largest tensor that a call returns.
    ///
    /// # Errors
    /// As [`Network::forward`].
    pub fn largest<T: Borrow<Tensor>>(
        &self,
        state: &[T],
        inputs: &[Tensor],
    ) -> Result<usize, Error> {
        let mut largest = 0;
        let look = |step: &Step, slots: &[Option<Value>]| {
            largest = step
                .results(slots)
                .map(|tensor| tensor.numel())
                .fold(largest, usize::max);
        };
        self.run(state, inputs, look)?;
        Ok(largest)
    }

    /// Runs it and shows each call when it is done.
    fn run<T: Borrow<Tensor>>(
        &self,
        state: &[T],
        inputs: &[Tensor],
        mut look: impl FnMut(&Step, &[Option<Value>]),
    ) -> Result<Vec<Tensor>, Error> {
        assert_eq!(
            state.len(),
            self.state,
            "a network is called with the state that it was made for"
        );
        self.check_inputs(inputs)?;
        let mut slots: Vec<Option<Value>> = Vec::with_capacity(self.slots);
        let tensors = || state.iter().map(T::borrow).chain(inputs);
        let _run = Run::start(tensors());
        slots.extend(tensors().map(|tensor| Some(Value::tensor(tensor))));
        slots.resize_with(self.slots, || None);
        for &slot in &self.written {
            slots[slot] = tensors()
                .nth(slot)
                .map(|tensor| Value::tensor(&tensor.copy()));
        }
        for (index, step) in self.steps.iter().enumerate() {
            step.run(index, self.half, &mut slots)?;
            look(step, &slots);
        }
        let output = |slot: &usize| slots[*slot].as_ref().and_then(Value::to_tensor);
        let outputs: Option<Vec<Tensor>> = self.outputs.iter().map(output).collect();
        outputs.ok_or_else(|| Error::Loss {
            loss: "of any kind",
            why: "the program returns no tensor".into(),
        })
    }

    /// Checks the inputs against the shapes that the program declares.
    ///
    /// # Errors
    /// [`Error::Inputs`] or [`Error::Shape`], with both.
    pub fn check_inputs(&self, inputs: &[Tensor]) -> Result<(), Error> {
        if inputs.len() != self.inputs.len() {
            let wanted = self
                .inputs
                .iter()
                .map(|input| input.name.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            return Err(Error::Inputs {
                wanted,
                found: inputs.len(),
            });
        }
        for (wanted, input) in self.inputs.iter().zip(inputs) {
            let found = input.size();
            let fits = |(wanted, found): (&Option<usize>, &i64)| {
                wanted.is_none_or(|wanted| wanted as i64 == *found)
            };
            if wanted.shape.len() != found.len() || !wanted.shape.iter().zip(&found).all(fits) {
                let any =
                    |size: &Option<usize>| size.map_or("any".to_string(), |size| size.to_string());
                let shape = format!(
                    "[{}]",
                    wanted.shape.iter().map(any).collect::<Vec<_>>().join(", ")
                );
                return Err(Error::Shape {
                    input: wanted.name.clone(),
                    wanted: shape,
                    found: format!("{found:?}"),
                });
            }
        }
        Ok(())
    }
}
