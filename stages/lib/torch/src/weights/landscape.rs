use std::ops::Range;

use tch::{Device, Kind, Tensor};

use super::{
    bound::Bound, fold::Fold, moving::Moving, recalibration::BatchStatistics, variances::Variances,
};
use crate::{Error, Mode, Network, Plan, plan::Part, precision::rounded};

/// Where a vector has the values of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its place in the state.
    pub entry: usize,
    /// Where its values lie in vectors.
    pub values: Range<usize>,
}

/// A network on a plane (or a line) in weight space: `θ(x, y) = θ* + x·dx + y·dy`.
pub struct Landscape {
    network: Network,
    state: Vec<Moving>,
    folds: Vec<Fold>,
    /// What the network is called with, for each name that its program uses.
    bound: Vec<Bound>,
    /// What real inputs are rounded to before the network sees them.
    rounds_inputs: Option<Kind>,
    /// How many of the inputs are fed from the data's inputs; targets come after them, and are not
    /// rounded.
    fed: usize,
    variances: Variances,
    /// Whether a running variance is negative at the point.
    is_invalid: bool,
    at: Option<(f64, f64)>,
    /// Whether running statistics are those of [`Landscape::recalibrate`] at the point.
    is_recalibrated: bool,
}

impl Landscape {
    /// A network whose state has these names; `origin` is θ* in their order, `x` and `y` are dx and
    /// dy, `None` (or nothing) for what does not move. It is at θ* first.
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
        Self::in_mode(plan, names, origin, [x, y], device, Mode::Evaluate)
    }

    /// A network that is moved from θ* by any step, see [`Landscape::move_by`].
    ///
    /// # Errors
    /// What [`Network::new`] refuses.
    pub fn free(
        plan: &Plan,
        names: &[&str],
        origin: &[Tensor],
        device: Device,
    ) -> Result<Self, Error> {
        let state = origin.iter().map(Moving::free).collect();
        Self::of(plan, names, state, device, Mode::Evaluate)
    }

    /// The same, whose network runs in a mode.
    pub(super) fn in_mode(
        plan: &Plan,
        names: &[&str],
        origin: &[Tensor],
        [x, y]: [&[Option<Tensor>]; 2],
        device: Device,
        mode: Mode,
    ) -> Result<Self, Error> {
        let mut state = Vec::with_capacity(origin.len());
        for (place, origin) in origin.iter().enumerate() {
            state.push(Moving::new(origin, step(x, place), step(y, place)));
        }
        Self::of(plan, names, state, device, mode)
    }

    fn of(
        plan: &Plan,
        names: &[&str],
        state: Vec<Moving>,
        device: Device,
        mode: Mode,
    ) -> Result<Self, Error> {
        let mut folds = Vec::with_capacity(plan.folded.len());
        for folded in &plan.folded {
            folds.push(Fold::new(folded, names, &state)?);
        }
        let used = plan.program.state_names();
        let network =
            Network::new(&plan.program, &used, mode, device)?.in_half(plan.precision.half());
        let tensors = Tensors {
            plan,
            names,
            state: &state,
            folds: &folds,
        };
        let mut bound = Vec::with_capacity(used.len());
        for name in used {
            bound.push(Bound::new(name, tensors.find(name)?, plan, device));
        }
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
            is_recalibrated: false,
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

    /// Goes to a point, unless it is there; whether it moved. No memory is allocated; weights are
    /// computed in f64 and rounded once.
    pub fn move_to(&mut self, x: f64, y: f64) -> bool {
        if self.at.replace((x, y)) == Some((x, y)) {
            return false;
        }
        for tensor in &mut self.state {
            tensor.to(x, y);
        }
        self.is_recalibrated = false;
        self.follow();
        true
    }

    /// Goes to θ* + step, of a network that is [`Landscape::free`]. The step has values for these
    /// places of the state, one after the other; what else there is stays.
    pub fn move_by(&mut self, places: &[Place], step: &[f64]) {
        for place in places {
            self.state[place.entry].by(&step[place.values.clone()]);
        }
        self.at = None;
        self.is_recalibrated = false;
        self.follow();
    }

    /// Replaces the running statistics at the point: values for these places of the state. They
    /// stay until it goes to another point. Whether they were replaced now.
    pub fn recalibrate(&mut self, places: &[usize], statistics: &BatchStatistics) -> bool {
        if std::mem::replace(&mut self.is_recalibrated, true) {
            return false;
        }
        for (place, values) in places.iter().zip(statistics) {
            self.state[*place].set(values);
        }
        self.follow();
        true
    }

    /// Makes anew what is made from the state.
    fn follow(&mut self) {
        for fold in &mut self.folds {
            fold.fold(&self.state);
        }
        for bound in &mut self.bound {
            bound.follow();
        }
        self.is_invalid = self.variances.are_negative(&self.state);
    }

    /// What the network returns for inputs at the point.
    ///
    /// # Errors
    /// What the network refuses.
    pub fn outputs(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        let rounded = rounded(inputs, self.fed, self.rounds_inputs);
        self.network.forward(&self.tensors(), &rounded)
    }

    /// Runs the network on inputs and returns what it writes into these of the tensors that it is
    /// called with, which are zero before.
    ///
    /// # Errors
    /// What the network refuses.
    pub(super) fn written(&self, bound: &[usize], inputs: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        let mut tensors: Vec<Tensor> = Vec::with_capacity(self.bound.len());
        for one in &self.bound {
            tensors.push(one.tensor.shallow_clone());
        }
        let mut written = Vec::with_capacity(bound.len());
        for place in bound {
            tensors[*place] = tensors[*place].zeros_like();
            written.push(tensors[*place].shallow_clone());
        }
        self.network.forward(&tensors, inputs)?;
        Ok(written)
    }

    /// The number of elements of the largest tensor that a call of the program returns for inputs.
    ///
    /// # Errors
    /// As [`Landscape::outputs`].
    pub fn largest(&self, inputs: &[Tensor]) -> Result<usize, Error> {
        let sizes = self.network.sizes(&self.tensors(), inputs)?;
        Ok(sizes.into_iter().max().unwrap_or(0))
    }

    /// What the network is called with at the point.
    pub(crate) fn tensors(&self) -> Vec<&Tensor> {
        self.bound.iter().map(|bound| &bound.tensor).collect()
    }

    /// Whether nothing can be measured at the point, since a running variance is negative.
    pub(crate) fn is_invalid(&self) -> bool {
        self.is_invalid
    }
}

/// Along an axis, the direction of one tensor of the state, if it moves.
fn step(axis: &[Option<Tensor>], place: usize) -> Option<&Tensor> {
    axis.get(place)?.as_ref()
}

/// The tensors of a plan by their names: those of the state, and those that layers were
/// folded into.
struct Tensors<'a> {
    plan: &'a Plan,
    names: &'a [&'a str],
    state: &'a [Moving],
    folds: &'a [Fold],
}

impl Tensors<'_> {
    /// The tensor of a name, in the memory that moves.
    fn find(&self, name: &str) -> Result<Tensor, Error> {
        if let Some(folded) = self.plan.folded(name) {
            let [weight, bias] = self.folds[folded.fold].tensors(self.state);
            return Ok(match folded.part {
                Part::Weight => weight,
                Part::Bias => bias,
            });
        }
        let place = self.names.iter().position(|entry| *entry == name);
        let place = place.ok_or_else(|| Error::State(name.into()))?;
        Ok(self.state[place].now().shallow_clone())
    }
}
