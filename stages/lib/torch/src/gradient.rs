use program::{Program, rewrite};
use tch::{Device, Kind, Tensor};

use crate::{
    Batch, Batches, Criterion, Error, Landscape, Loss, Mode, Network, Outcome, Place, Plan,
    ProductSum, State, layout::reals, outcome::in_f64,
};

/// The gradient of the mean loss at a network that is moved by any step.
///
/// Vectors and steps have the values of the chosen parameters one after the other, each in the
/// order of its tensor. Batch normalisation uses its running statistics.
pub struct Gradient {
    landscape: Landscape,
    network: Network,
    places: Vec<Place>,
    /// The parameters at θ*.
    origin: Vec<f64>,
    /// Where the parameters are among the tensors that the network is called with.
    bound: Vec<usize>,
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
        let (mut places, mut bound, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for (entry, name) in state.names.iter().enumerate() {
            let found = names.iter().position(|used| used == name);
            let origin = &state.origin[entry];
            if let (Some(found), true) = (found, chosen[entry] && origin.is_floating_point()) {
                let start = values.len();
                values.extend(reals(origin));
                places.push(Place {
                    entry,
                    values: start..values.len(),
                });
                bound.push(found);
            }
        }
        if places.is_empty() {
            return Err(Error::Curvature(
                "no parameter is chosen that the program uses".into(),
            ));
        }
        Ok(Self {
            landscape,
            network,
            places,
            origin: values,
            bound,
            criterion,
        })
    }

    /// Where vectors have the values of which parameter.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The parameters at θ*, as a vector.
    pub fn origin(&self) -> &[f64] {
        &self.origin
    }

    /// Goes to θ* + step.
    pub fn move_by(&mut self, step: &[f64]) {
        self.landscape.move_by(&self.places, step);
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
        if !self.landscape.is_invalid() {
            for piece in data.chunks(number..number + 1) {
                let piece = piece?;
                if let Some(batch) = data.of(&piece).next() {
                    return Ok(Some(self.of(batch)?));
                }
            }
        }
        Ok(Some(ProductSum {
            product: vec![f64::NAN; self.origin.len()],
            counted: 1.0,
        }))
    }

    fn of(&self, batch: Batch) -> Result<ProductSum, Error> {
        let Batch {
            mut inputs,
            targets,
            count,
        } = batch;
        let examples = inputs.first().map_or(0, |input| input.size()[0]);
        if self.criterion.loss == Loss::Program {
            inputs.extend(targets.iter().map(Tensor::shallow_clone));
        }
        let (state, leaves) = self.state();
        let outputs = self.network.forward(&state, &inputs)?;
        self.criterion.check(&outputs, targets.as_ref(), examples)?;
        let targets = targets.map(|targets| targets.narrow(0, 0, count));
        let outputs = in_f64(&outputs, count);
        let losses = Outcome::new(&self.criterion, outputs, targets.as_ref())?.losses();
        let loss = losses.sum(Kind::Double);
        let mut gradients = Vec::new();
        if loss.requires_grad() {
            gradients = Tensor::f_run_backward(&[&loss], &leaves, false, false)?;
        }
        gradients.resize_with(leaves.len(), Tensor::new);
        let mut product = Vec::new();
        for (place, gradient) in self.places.iter().zip(gradients) {
            if gradient.defined() {
                product.extend(reals(&gradient));
            } else {
                product.resize(place.values.end, 0.0);
            }
        }
        Ok(ProductSum {
            product,
            counted: losses.numel() as f64,
        })
    }

    /// What the network is called with at the point, and the parameters among it.
    fn state(&self) -> (Vec<Tensor>, Vec<Tensor>) {
        let mut state = Vec::new();
        for tensor in self.landscape.tensors() {
            state.push(tensor.detach());
        }
        let mut leaves = Vec::with_capacity(self.bound.len());
        for bound in &self.bound {
            let leaf = state[*bound].set_requires_grad(true);
            state[*bound] = leaf.shallow_clone();
            leaves.push(leaf);
        }
        (state, leaves)
    }
}
