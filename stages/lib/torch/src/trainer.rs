use files::Role;
use program::Program;
use tch::{Device, Kind, Tensor};

use crate::{
    Criterion, Error, Loss, Outcome, Precision,
    curve::Path,
    forward::Forward,
    optimizer::{Optimizer, Rule},
    statistics::counters,
};

/// A network in training: its state and its optimiser.
pub struct Trainer {
    forward: Forward,
    criterion: Criterion,
    /// In `state_dict` order.
    state: Vec<Tensor>,
    /// Which of them are trained.
    parameters: Vec<usize>,
    /// `num_batches_tracked` and its like, which a step counts up.
    counters: Vec<usize>,
    optimizer: Optimizer,
}

/// What a step found before it moved.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The mean loss of the batch.
    pub loss: f64,
    /// Right answers, for a loss on classes.
    pub correct: i64,
    /// Targets that count, of which the loss is the mean.
    pub counted: i64,
}

/// What an optimiser keeps of earlier steps.
pub struct Kept {
    /// Its steps.
    pub steps: i64,
    /// For each parameter the tensors that are kept; none before its first gradient.
    pub tensors: Vec<Vec<Tensor>>,
}

impl Trainer {
    /// A network with its state: names, roles and values in `state_dict` order. The state, the
    /// gradients and what the optimiser keeps have the precision of the state in any case; in a
    /// half precision the network computes with rounded weights.
    ///
    /// # Errors
    /// A program that libtorch cannot run.
    pub fn new(
        program: &Program,
        state: Vec<(&str, Role, Tensor)>,
        criterion: Criterion,
        rule: Rule,
        (precision, device): (Precision, Device),
    ) -> Result<Self, Error> {
        let names: Vec<&str> = state.iter().map(|(name, ..)| *name).collect();
        let forward = Forward::new(program, &state, precision, device)?;
        let counters = counters(program, &names);
        let mut tensors = Vec::with_capacity(state.len());
        let mut parameters = Vec::new();
        for (index, (_, role, tensor)) in state.into_iter().enumerate() {
            let mut tensor = tensor.to_device(device).contiguous().copy();
            if role == Role::Parameter && tensor.is_floating_point() {
                parameters.push(index);
                tensor = tensor.set_requires_grad(true);
            }
            tensors.push(tensor);
        }
        let optimizer = Optimizer::new(rule, parameters.len())?;
        Ok(Self {
            forward,
            criterion,
            state: tensors,
            parameters,
            counters,
            optimizer,
        })
    }

    /// One step on a batch at a learning rate. With a loss of the program's own, the targets are
    /// its last input.
    ///
    /// # Errors
    /// What the network refuses.
    pub fn step(
        &mut self,
        inputs: &[Tensor],
        targets: Option<&Tensor>,
        rate: f64,
    ) -> Result<Step, Error> {
        let (step, gradients) = self.gradients(&self.state, inputs, targets)?;
        self.apply(&gradients, rate)?;
        Ok(step)
    }

    /// One step of the bend of a curve, with the loss of the network at t, from 0 to 1. The bend is
    /// what the state holds.
    ///
    /// # Errors
    /// What the network refuses.
    pub fn step_on(
        &mut self,
        (path, t): (&Path, f64),
        inputs: &[Tensor],
        targets: Option<&Tensor>,
        rate: f64,
    ) -> Result<Step, Error> {
        let mut state: Vec<Tensor> = self.state.iter().map(Tensor::shallow_clone).collect();
        for (place, index) in self.parameters.iter().enumerate() {
            let point = tch::no_grad(|| path.point(t, place, &self.state[*index]));
            state[*index] = point.set_requires_grad(true);
        }
        let (step, mut gradients) = self.gradients(&state, inputs, targets)?;
        for (gradient, index) in gradients.iter_mut().zip(&self.parameters) {
            if gradient.defined() {
                *gradient = tch::no_grad(|| path.gradient(t, &state[*index], gradient));
            }
        }
        self.apply(&gradients, rate)?;
        Ok(step)
    }

    /// The loss of a batch in a state, and the gradients of its parameters; those on which no
    /// output depends are undefined.
    fn gradients(
        &self,
        state: &[Tensor],
        inputs: &[Tensor],
        targets: Option<&Tensor>,
    ) -> Result<(Step, Vec<Tensor>), Error> {
        let outputs = self.outputs(state, inputs, targets)?;
        let outcome = Outcome::new(&self.criterion, outputs, targets)?;
        let losses = outcome.losses();
        let loss = losses.mean(losses.kind());
        let mut parameters = Vec::with_capacity(self.parameters.len());
        for index in &self.parameters {
            parameters.push(&state[*index]);
        }
        let gradients = Tensor::f_run_backward(&[&loss], &parameters, false, false)?;
        let correct = match self.criterion.loss.wants_classes() {
            true => outcome.are_right().sum(Kind::Int64).int64_value(&[]),
            false => 0,
        };
        let step = Step {
            loss: loss.double_value(&[]),
            correct,
            counted: losses.numel() as i64,
        };
        Ok((step, gradients))
    }

    /// What the network returns; with a loss of the program's own, targets are the last input.
    fn outputs(
        &self,
        state: &[Tensor],
        inputs: &[Tensor],
        targets: Option<&Tensor>,
    ) -> Result<Vec<Tensor>, Error> {
        let has_targets = self.criterion.loss == Loss::Program && targets.is_some();
        let fed = inputs.len() - usize::from(has_targets);
        self.forward.outputs(state, inputs, fed)
    }

    /// Moves the parameters by their gradients.
    fn apply(&mut self, gradients: &[Tensor], rate: f64) -> Result<(), Error> {
        for counter in &self.counters {
            let _ = self.state[*counter].g_add_scalar_(1);
        }
        let mut parameters = Vec::with_capacity(self.parameters.len());
        for index in &self.parameters {
            parameters.push(&self.state[*index]);
        }
        tch::no_grad(|| self.optimizer.step(&parameters, gradients, rate))
    }

    /// Checks what the network returns for a batch against its targets.
    ///
    /// # Errors
    /// What the network or the loss refuses, with both shapes.
    pub fn check(&self, inputs: &[Tensor], targets: Option<&Tensor>) -> Result<(), Error> {
        // on copies: a network in training moves its running statistics
        let mut state = Vec::with_capacity(self.state.len());
        for tensor in &self.state {
            state.push(tensor.detach().copy());
        }
        let outputs = tch::no_grad(|| self.outputs(&state, inputs, targets))?;
        let batch = inputs.first().map_or(0, |input| input.size()[0]);
        self.criterion.check(&outputs, targets, batch)
    }

    /// The state now, in `state_dict` order.
    pub fn state(&self) -> Vec<Tensor> {
        self.state.iter().map(Tensor::detach).collect()
    }

    /// Which entries of the state are trained.
    pub fn parameters(&self) -> &[usize] {
        &self.parameters
    }

    /// What the optimiser keeps now.
    pub fn kept(&self) -> Kept {
        let mut tensors = Vec::new();
        for of_one in self.optimizer.kept() {
            tensors.push(of_one.iter().map(Tensor::shallow_clone).collect());
        }
        Kept {
            steps: self.optimizer.steps(),
            tensors,
        }
    }

    /// Goes on from a state and from what the optimiser kept then.
    ///
    /// # Errors
    /// Tensors of other shapes, or of another optimiser.
    pub fn restore(&mut self, state: &[Tensor], kept: Kept) -> Result<(), Error> {
        if state.len() != self.state.len() {
            return Err(Error::Restore);
        }
        for (tensor, saved) in self.state.iter_mut().zip(state) {
            if tensor.size() != saved.size() || tensor.kind() != saved.kind() {
                return Err(Error::Restore);
            }
            tch::no_grad(|| tensor.f_copy_(saved))?;
        }
        let mut tensors = Vec::with_capacity(kept.tensors.len());
        for (of_one, index) in kept.tensors.into_iter().zip(&self.parameters) {
            let parameter = &self.state[*index];
            let mut moved = Vec::with_capacity(of_one.len());
            for tensor in of_one {
                if tensor.size() != parameter.size() {
                    return Err(Error::Restore);
                }
                moved.push(tensor.to_device(parameter.device()).copy());
            }
            tensors.push(moved);
        }
        self.optimizer.restore(kept.steps, tensors)
    }
}
