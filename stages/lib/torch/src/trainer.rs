use files::Role;
use program::Program;
use tch::{
    Device, Kind, Tensor,
    nn::{self, OptimizerConfig},
};

use crate::{Criterion, Error, IGNORED, Loss, Mode, Network, Outcome};

/// What is trained on: the mean cross-entropy.
const CRITERION: Criterion = Criterion {
    loss: Loss::CrossEntropy,
    ignored: IGNORED,
    class_axis: None,
};

/// Settings of stochastic gradient descent, with PyTorch's meaning.
#[derive(Debug, Clone, Copy)]
pub struct Sgd {
    /// Share of the last step that is kept.
    pub momentum: f64,
    /// L2 penalty on every parameter, added to the gradient.
    pub weight_decay: f64,
    /// Nesterov's momentum (Sutskever et al. 2013).
    pub nesterov: bool,
}

/// A network in training: its state and its optimiser.
pub struct Trainer {
    network: Network,
    /// In `state_dict` order; what `parameters` move shares their storage.
    state: Vec<Tensor>,
    /// `num_batches_tracked` and its like, which a step counts up.
    counters: Vec<usize>,
    optimizer: nn::Optimizer,
}

impl Trainer {
    /// A network with its state: names, roles and values in `state_dict` order.
    ///
    /// # Errors
    /// A program that libtorch cannot run.
    pub fn new(
        program: &Program,
        state: Vec<(&str, Role, Tensor)>,
        sgd: Sgd,
        device: Device,
    ) -> Result<Self, Error> {
        let names: Vec<&str> = state.iter().map(|(name, ..)| *name).collect();
        let network = Network::new(program, &names, Mode::Train, device)?;
        let variables = nn::VarStore::new(device);
        let mut tensors = Vec::with_capacity(state.len());
        let mut counters = Vec::new();
        for (index, (_, role, tensor)) in state.into_iter().enumerate() {
            if tensor.kind() == Kind::Int64 {
                counters.push(index);
            }
            tensors.push(match role {
                // a VarStore knows its variables by name, and dots are not allowed in one
                Role::Parameter => variables.root().var_copy(&index.to_string(), &tensor),
                Role::Buffer | Role::Constant => tensor.to_device(device).copy(),
            });
        }
        let config = nn::Sgd {
            momentum: sgd.momentum,
            dampening: 0.0,
            wd: sgd.weight_decay,
            nesterov: sgd.nesterov,
        };
        let optimizer = config.build(&variables, 0.0)?;
        Ok(Self {
            network,
            state: tensors,
            counters,
            optimizer,
        })
    }

    /// One step on a batch at a learning rate; returns the mean cross-entropy before it and the
    /// correct answers.
    ///
    /// # Errors
    /// What the network refuses.
    pub fn step(
        &mut self,
        inputs: &Tensor,
        targets: &Tensor,
        rate: f64,
    ) -> Result<(f64, i64), Error> {
        let outputs = self
            .network
            .forward(&self.state, &[inputs.shallow_clone()])?;
        for counter in &self.counters {
            let _ = self.state[*counter].g_add_scalar_(1);
        }
        let outcome = Outcome::new(&CRITERION, outputs, Some(targets))?;
        let losses = outcome.losses();
        let loss = losses.mean(losses.kind());
        self.optimizer.set_lr(rate);
        self.optimizer.backward_step(&loss);
        let correct = outcome.are_right().sum(Kind::Int64).int64_value(&[]);
        Ok((loss.double_value(&[]), correct))
    }

    /// The state now, in `state_dict` order.
    pub fn state(&self) -> Vec<Tensor> {
        self.state.iter().map(Tensor::detach).collect()
    }
}
