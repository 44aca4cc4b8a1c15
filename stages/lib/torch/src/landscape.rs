use program::{Program, rewrite};
use tch::{Device, Kind, Tensor};

use crate::{Batch, Batches, Error, Loss, Mode, Network, folded::Fold, loss::Sum};

/// A network on a plane (or a line) in weight space: `θ(x, y) = θ* + x·dx + y·dy`.
pub struct Landscape {
    network: Network,
    folds: Vec<Fold>,
    origin: Vec<Tensor>,
    x: Vec<Option<Tensor>>,
    y: Vec<Option<Tensor>>,
}

/// A program as it is run: as it is, or rewritten to be faster.
#[derive(Debug, Clone)]
pub struct Plan {
    program: Program,
    folded: Vec<rewrite::Folded>,
}

/// How far the results of a rewritten program may be off, over the largest result: far more than rounding, far less than
/// a wrong rewrite.
const TOLERANCE: f64 = 1e-3;

impl Plan {
    /// The program as it is.
    pub fn plain(program: &Program) -> Self {
        Self { program: program.clone(), folded: Vec::new() }
    }

    /// The program with normalisations folded and, on a CPU, convolutions fused; with fewer of these rewrites where the
    /// results for a batch at the origin differ, since rewrites rely on shapes that a program does not say.
    ///
    /// # Errors
    /// What the network refuses as it is.
    pub fn fastest(program: &Program, names: &[&str], origin: &[Tensor], inputs: &[Tensor]) -> Result<Self, Error> {
        let device = origin.first().map_or(Device::Cpu, Tensor::device);
        let single =
            origin.iter().filter(|tensor| tensor.is_floating_point()).all(|tensor| tensor.kind() == Kind::Float);
        let (folding, folded) = rewrite::fold_batch_norm(program);
        let mut plans = vec![Self { program: folding, folded }];
        if device == Device::Cpu && single {
            plans.insert(0, Self { program: rewrite::fuse_convolutions(&plans[0].program), ..plans[0].clone() });
        }
        let plain = Self::plain(program);
        let wanted = plain.outputs(names, origin, inputs, device)?;
        let right = |plan: &Self| plan.outputs(names, origin, inputs, device).is_ok_and(|found| alike(&found, &wanted));
        Ok(plans.into_iter().find(right).unwrap_or(plain))
    }

    /// Number of calls.
    pub fn calls(&self) -> usize {
        self.program.nodes.len()
    }

    fn outputs(
        &self,
        names: &[&str],
        origin: &[Tensor],
        inputs: &[Tensor],
        device: Device,
    ) -> Result<Vec<Tensor>, Error> {
        let landscape = Landscape::new(self, names, shared(origin), Vec::new(), Vec::new(), device)?;
        landscape.outputs(&landscape.state(0.0, 0.0), inputs)
    }

    /// Names of the tensors that the program is run with: those of the state, then those of folded layers.
    fn names<'a>(&'a self, state: &[&'a str]) -> Vec<&'a str> {
        let folded = self.folded.iter().flat_map(|folded| &folded.names).map(String::as_str);
        state.iter().copied().chain(folded).collect()
    }
}

fn shared(tensors: &[Tensor]) -> Vec<Tensor> {
    tensors.iter().map(Tensor::shallow_clone).collect()
}

/// Whether results agree but for rounding.
fn alike(found: &[Tensor], wanted: &[Tensor]) -> bool {
    found.len() == wanted.len()
        && found.iter().zip(wanted).all(|(found, wanted)| {
            let (a, b) = (found.to_kind(Kind::Double), wanted.to_kind(Kind::Double));
            found.size() == wanted.size() && {
                if found.numel() == 0 {
                    return true;
                }
                let (off, largest) = ((a - &b).abs().max().double_value(&[]), b.abs().max().double_value(&[]));
                off <= TOLERANCE * largest
            }
        })
}

impl Landscape {
    /// A network whose state has these names; `origin` is θ* in their order, `x` and `y` are dx and dy, `None` for what
    /// does not move (and all of it on a line).
    ///
    /// # Errors
    /// What [`Network::new`] refuses.
    pub fn new(
        plan: &Plan,
        names: &[&str],
        origin: Vec<Tensor>,
        x: Vec<Option<Tensor>>,
        y: Vec<Option<Tensor>>,
        device: Device,
    ) -> Result<Self, Error> {
        let network = Network::new(&plan.program, &plan.names(names), Mode::Evaluate, device)?;
        let folds = plan.folded.iter().map(|folded| Fold::new(folded, names)).collect::<Result<_, _>>()?;
        Ok(Self { network, folds, origin, x, y })
    }

    /// Checks inputs as [`Network::check_inputs`] does.
    ///
    /// # Errors
    /// Inputs of another number or shape.
    pub fn check_inputs(&self, inputs: &[Tensor]) -> Result<(), Error> {
        self.network.check_inputs(inputs)
    }

    /// The state at a point, in the precision of the state itself, and what follows from it for folded layers.
    pub fn state(&self, x: f64, y: f64) -> Vec<Tensor> {
        let along = |direction: Option<&Option<Tensor>>, by: f64| Some(direction?.as_ref()? * by);
        let moved = |(k, origin): (usize, &Tensor)| match (along(self.x.get(k), x), along(self.y.get(k), y)) {
            (Some(dx), Some(dy)) => origin + dx + dy,
            (Some(step), None) | (None, Some(step)) => origin + step,
            (None, None) => origin.shallow_clone(),
        };
        let mut state: Vec<Tensor> = self.origin.iter().enumerate().map(moved).collect();
        let folded: Vec<Tensor> = self.folds.iter().flat_map(|fold| fold.tensors(&state)).collect();
        state.extend(folded);
        state
    }

    /// What the network returns for inputs in a state.
    ///
    /// # Errors
    /// What the network refuses.
    pub fn outputs(&self, state: &[Tensor], inputs: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        self.network.forward(state, inputs)
    }

    /// The metrics of a state over all examples, in the order of [`Loss::metrics`]; targets of the class `ignored` are
    /// left out. `None` where `stop` said so between two batches.
    ///
    /// # Errors
    /// What the network or the loss refuses.
    pub fn score(
        &self,
        state: &[Tensor],
        batches: &Batches,
        loss: Loss,
        ignored: i64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<f64>>, Error> {
        let mut sum = Sum::default();
        let mut count = 0;
        for batch in batches.iter() {
            if stop() {
                return Ok(None);
            }
            let Batch { mut inputs, targets, count: counted } = batch;
            if loss == Loss::Program {
                inputs.push(targets.shallow_clone());
            }
            let outputs = self.outputs(state, &inputs)?;
            if count == 0 {
                loss.check(&outputs, batches, ignored)?;
                count = outputs.len();
            }
            sum.add(loss, &outputs, &targets, counted, ignored)?;
        }
        Ok(Some(sum.score(loss, count)))
    }
}
