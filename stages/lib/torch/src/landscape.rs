use tch::{Device, Kind, Tensor};

use crate::{
    Error, Mode, Network, Plan, bound::Bound, folded::Fold, plane::Moving, variances::Variances,
};

/// A network on a plane (or a line) in weight space: `θ(x, y) = θ* + x·dx + y·dy`.
pub struct Landscape {
    network: Network,
    state: Vec<Moving>,
    folds: Vec<Fold>,
    /// What the network is called with, for each name that its program uses.
    bound: Vec<Bound>,
    /// What real inputs are rounded to before the network sees them.
    rounds_inputs: Option<Kind>,
    /// How many of the inputs are fed from the data's inputs; targets come after them, and are not rounded.
    fed: usize,
    variances: Variances,
    /// Whether a running variance is negative at the point.
    is_invalid: bool,
    at: Option<(f64, f64)>,
}

impl Landscape {
    /// A network whose state has these names; `origin` is θ* in their order, `x` and `y` are dx and dy, `None` (or
    /// nothing) for what does not move. It stands at θ*.
    ///
    /// # Errors
    /// What [`Network::new`] refuses.
    pub fn new(
        plan: &Plan,
        names: &[&str],
        origin: &[Tensor],
        x: &[Option<Tensor>],
        y: &[Option<Tensor>],
        device: Device,
    ) -> Result<Self, Error> {
        let direction =
            |axis: &'_ [Option<Tensor>], k: usize| axis.get(k)?.as_ref().map(Tensor::shallow_clone);
        let moving =
            |(k, origin)| Moving::new(origin, direction(x, k).as_ref(), direction(y, k).as_ref());
        let state: Vec<Moving> = origin.iter().enumerate().map(moving).collect();
        let folds = plan
            .folded
            .iter()
            .map(|folded| Fold::new(folded, names, &state))
            .collect::<Result<Vec<_>, _>>()?;
        let used = plan.program.state_names();
        let network = Network::new(&plan.program, &used, Mode::Evaluate, device)?
            .in_half(plan.precision.half());
        let find = |name: &str| -> Option<Tensor> {
            let folded = plan.folded.iter().zip(&folds).find_map(|(folded, fold)| {
                let which = folded.names.iter().position(|folded| folded == name)?;
                Some(fold.tensors(&state)[which].shallow_clone())
            });
            folded.or_else(|| {
                names
                    .iter()
                    .position(|entry| *entry == name)
                    .map(|k| state[k].now().shallow_clone())
            })
        };
        let folded = |name: &str| {
            plan.folded
                .iter()
                .any(|folded| folded.names.iter().any(|folded| folded == name))
        };
        let bind = |name: &&str| {
            let from = find(name).ok_or_else(|| Error::State((*name).into()))?;
            Ok(Bound::new(name, from, folded(name), plan, device))
        };
        let bound = used.iter().map(bind).collect::<Result<_, Error>>()?;
        let mut landscape = Self {
            network,
            state,
            folds,
            bound,
            rounds_inputs: plan.rounded_inputs(),
            fed: plan.fed,
            variances: Variances::new(&plan.program, &plan.folded, names),
            is_invalid: false,
            at: None,
        };
        landscape.move_to(0.0, 0.0);
        Ok(landscape)
    }

    /// Checks inputs as [`Network::check_inputs`] does.
    ///
    /// # Errors
    /// Inputs of another number or shape.
    pub fn check_inputs(&self, inputs: &[Tensor]) -> Result<(), Error> {
        self.network.check_inputs(inputs)
    }

    /// Goes to a point, unless it is there. No memory is allocated; weights are computed in f64 and rounded once.
    pub fn move_to(&mut self, x: f64, y: f64) {
        if self.at.replace((x, y)) == Some((x, y)) {
            return;
        }
        self.state.iter_mut().for_each(|entry| entry.to(x, y));
        self.folds
            .iter_mut()
            .for_each(|fold| fold.fold(&self.state));
        self.bound.iter_mut().for_each(Bound::follow);
        self.is_invalid = self.variances.are_negative(&self.state);
    }

    /// What the network returns for inputs at the point.
    ///
    /// # Errors
    /// What the network refuses.
    pub fn outputs(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        let state: Vec<&Tensor> = self.bound.iter().map(|bound| &bound.tensor).collect();
        let Some(half) = self.rounds_inputs else {
            return self.network.forward(&state, inputs);
        };
        let mut rounded = Vec::with_capacity(inputs.len());
        for (place, input) in inputs.iter().enumerate() {
            let rounds = place < self.fed && input.is_floating_point();
            rounded.push(if rounds {
                input.to_kind(half)
            } else {
                input.shallow_clone()
            });
        }
        self.network.forward(&state, &rounded)
    }

    /// The number of elements of the largest tensor that a call of the program returns for inputs.
    ///
    /// # Errors
    /// As [`Landscape::outputs`].
    pub fn largest(&self, inputs: &[Tensor]) -> Result<usize, Error> {
        self.network.largest(
            &self
                .bound
                .iter()
                .map(|bound| &bound.tensor)
                .collect::<Vec<_>>(),
            inputs,
        )
    }

    /// Whether nothing can be measured at the point, since a running variance is negative.
    pub(crate) fn is_invalid(&self) -> bool {
        self.is_invalid
    }
}
