//! Running statistics of batch normalisation, computed anew for weights that no step ever met.

use program::{Arg, Program};
use tch::{Device, Kind, Tensor};

use crate::{Error, Mode, Network};

/// The names of the running statistics in a call of batch normalisation.
const RUNNING: [&str; 2] = ["running_mean", "running_var"];
/// What `state_dict` calls the number of batches behind running statistics.
const COUNTER: &str = "num_batches_tracked";

/// Running statistics as means over batches: PyTorch's `update_bn`, which sets `momentum=None`.
pub struct Statistics {
    network: Network,
    state: Vec<Tensor>,
    /// The running statistics in the state, and their means until now.
    running: Vec<(usize, Tensor)>,
    counters: Vec<usize>,
    batches: i64,
}

impl Statistics {
    /// Of a network with this state, in `state_dict` order; `None` where it has no such layers.
    ///
    /// # Errors
    /// A program that libtorch cannot run.
    pub fn new(
        program: &Program,
        names: &[&str],
        state: &[Tensor],
        device: Device,
    ) -> Result<Option<Self>, Error> {
        let mut program = program.clone();
        let mut running = Vec::new();
        let counters = counters(&program, names);
        for node in &mut program.nodes {
            for name in RUNNING {
                let stored = node.args.get(name).and_then(Arg::state);
                let index = names.iter().position(|name| Some(*name) == stored);
                if let Some(index) = index {
                    running.push((index, state[index].zeros_like()));
                    // a batch then leaves its own statistics there
                    node.args.insert("momentum".into(), Arg::Float(1.0));
                }
            }
        }
        // a layer may be called twice
        running.sort_by_key(|(index, _)| *index);
        running.dedup_by_key(|(index, _)| *index);
        if running.is_empty() {
            return Ok(None);
        }
        let network = Network::new(&program, names, Mode::Train, device)?;
        Ok(Some(Self {
            network,
            state: state.iter().map(Tensor::copy).collect(),
            running,
            counters,
            batches: 0,
        }))
    }

    /// Takes a batch in.
    ///
    /// # Errors
    /// What the network refuses.
    pub fn add(&mut self, inputs: &[Tensor]) -> Result<(), Error> {
        tch::no_grad(|| self.network.forward(&self.state, inputs))?;
        self.batches += 1;
        let share = 1.0 / self.batches as f64;
        for (index, mean) in &mut self.running {
            let of_batch = &self.state[*index] * share;
            let _ = mean.g_mul_scalar_(1.0 - share);
            let _ = mean.g_add_(&of_batch);
        }
        Ok(())
    }

    /// The state with the means over the batches.
    pub fn state(mut self) -> Vec<Tensor> {
        for (index, mean) in self.running {
            self.state[index] = mean;
        }
        for index in self.counters {
            let counter = &self.state[index];
            self.state[index] = counter.full_like(self.batches).to_kind(Kind::Int64);
        }
        self.state
    }
}

/// The counters of batches in a state with these names: those beside running means.
pub(crate) fn counters(program: &Program, names: &[&str]) -> Vec<usize> {
    let mut counters = Vec::new();
    for node in &program.nodes {
        let mean = node.args.get(RUNNING[0]).and_then(Arg::state);
        let Some(layer) = mean.and_then(|name| name.strip_suffix(RUNNING[0])) else {
            continue;
        };
        let counter = format!("{layer}{COUNTER}");
        counters.extend(names.iter().position(|name| *name == counter));
    }
    counters.sort_unstable();
    counters.dedup();
    counters
}
