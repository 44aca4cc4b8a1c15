//! A network in training mode, run in a precision.

use files::Role;
use program::Program;
use tch::{Device, Kind, Tensor};

use crate::{Error, Mode, Network, Plan, Precision, State, precision::rounded};

/// A network in training mode. In a half precision it rounds inputs, and weights at each call: the
/// rounding is a part of what is differentiated, and so gradients have the precision of the
/// weights. Losses are computed in f32.
pub(crate) struct Forward {
    network: Network,
    /// The half precision.
    half: Option<Kind>,
    /// What the entries of the state are rounded to.
    kinds: Vec<Option<Kind>>,
    /// What real inputs are rounded to.
    inputs: Option<Kind>,
}

impl Forward {
    /// Makes a program ready, whose state has these names, roles and values.
    ///
    /// # Errors
    /// A program that libtorch cannot run.
    pub(crate) fn new(
        program: &Program,
        state: &[(&str, Role, Tensor)],
        precision: Precision,
        device: Device,
    ) -> Result<Self, Error> {
        let (mut names, mut origin, mut trained) = (Vec::new(), Vec::new(), Vec::new());
        for (name, role, tensor) in state {
            names.push(*name);
            origin.push(tensor.shallow_clone());
            trained.push(*role == Role::Parameter);
        }
        let mut plan = Plan::plain(program);
        if let Some(half) = precision.half() {
            let entries = State {
                names: &names,
                origin: &origin,
                trained: &trained,
            };
            let halved = program.halved(half, &entries.weights());
            // inputs that take targets are known when it is called
            plan = Plan::plain(&halved.program).rounding(&halved, precision, usize::MAX);
        }
        let network = Network::new(&plan.program, &names, Mode::Train, device)?;
        let mut kinds = Vec::with_capacity(state.len());
        for (name, _, tensor) in state {
            let kind = plan.kind(name, tensor);
            kinds.push((kind != tensor.kind()).then_some(kind));
        }
        Ok(Self {
            network: network.in_half(precision.half()),
            half: precision.kind(),
            kinds,
            inputs: plan.rounded_inputs(),
        })
    }

    /// What the network returns in a state; the inputs after the first `fed` are targets, which are
    /// never rounded.
    ///
    /// # Errors
    /// What the network refuses.
    pub(crate) fn outputs(
        &self,
        state: &[Tensor],
        inputs: &[Tensor],
        fed: usize,
    ) -> Result<Vec<Tensor>, Error> {
        let Some(half) = self.half else {
            return self.network.forward(state, inputs);
        };
        let mut bound = Vec::with_capacity(state.len());
        for (tensor, kind) in state.iter().zip(&self.kinds) {
            bound.push(match kind {
                Some(kind) => tensor.to_kind(*kind),
                None => tensor.shallow_clone(),
            });
        }
        let rounded = rounded(inputs, fed, self.inputs);
        let mut outputs = Vec::new();
        for output in self.network.forward(&bound, &rounded)? {
            outputs.push(if output.kind() == half {
                output.to_kind(Kind::Float)
            } else {
                output
            });
        }
        Ok(outputs)
    }
}
