use program::{Program, rewrite};
use tch::{Device, Kind, Tensor};

use crate::{
    Batches, Criterion, Error, Landscape, Mode, Network, Place, Plan, ProductSum, State,
    layout::reals,
    leaves::Leaves,
    returned::{Returned, batch},
};

/// The gradient of the mean loss at a network that is moved by any step.
///
/// Vectors and steps have the values of the chosen parameters one after the other, each in the
/// order of its tensor. Batch normalisation uses its running statistics.
pub struct Gradient {
    landscape: Landscape,
    network: Network,
    leaves: Leaves,
    /// The parameters at θ*.
    origin: Vec<f64>,
    criterion: Criterion,
}

impl Gradient {
    /// For a network in the precision of its program. `chosen` tells which entries of the state
    /// vectors have values for.
    ///
    /// # Errors
    /// What [`Network::new`] refuses; nothing chosen that the program uses.
    pub fn new(
        program: &Program,
        state: State,
        chosen: &[bool],
        (criterion, device): (Criterion, Device),
    ) -> Result<Self, Error> {
        let used = rewrite::drop_unused(program);
        let names = used.state_names();
        let plan = Plan::plain(&used);
        let landscape = Landscape::free(&plan, state.names, state.origin, device)?;
        let network = Network::new(&used, &names, Mode::Evaluate, device)?;
        let leaves = Leaves::new(&names, state, chosen)?;
        let mut values = Vec::with_capacity(leaves.dimension());
        for place in leaves.places() {
            values.extend(reals(&state.origin[place.entry]));
        }
        Ok(Self {
            landscape,
            network,
            leaves,
            origin: values,
            criterion,
        })
    }

    /// Where vectors have the values of which parameter.
    pub fn places(&self) -> &[Place] {
        self.leaves.places()
    }

    /// The parameters at θ*, as a vector.
    pub fn origin(&self) -> &[f64] {
        &self.origin
    }

    /// Goes to θ* + step.
    pub fn move_by(&mut self, step: &[f64]) {
        self.landscape.move_by(self.leaves.places(), step);
    }

    /// The gradient of the loss summed over batch number `number` of the data; `None` where `stop`
    /// said so. Where a running variance is negative all values are NaN.
    ///
    /// # Errors
    /// What the network or the loss refuses.
    pub fn of_batch(
        &self,
        data: &Batches,
        number: usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<ProductSum>, Error> {
        if stop() {
            return Ok(None);
        }
        let found = match self.landscape.is_invalid() {
            true => None,
            false => batch(data, number)?,
        };
        let Some(batch) = found else {
            return Ok(Some(ProductSum {
                product: vec![f64::NAN; self.origin.len()],
                counted: 1.0,
            }));
        };
        let (state, leaves) = self.leaves.among(&self.landscape.tensors());
        let returned = Returned::new(&self.network, &state, &self.criterion, &batch)?;
        let losses = returned.losses(&self.criterion, returned.outputs())?;
        let loss = losses.sum(Kind::Double);
        let mut gradients = Vec::new();
        if loss.requires_grad() {
            gradients = Tensor::f_run_backward(&[&loss], &leaves, false, false)?;
        }
        gradients.resize_with(leaves.len(), Tensor::new);
        Ok(Some(ProductSum {
            product: self.leaves.vector(&gradients),
            counted: losses.numel() as f64,
        }))
    }
}
