//! What a point yields: running statistics that are estimated anew, the means of losses and their
//! like, the ends of the spectrum of the Hessian; one after the other, those that are asked for.

pub(crate) mod hessian;
pub(crate) mod loss;
pub(crate) mod recalibrated;

use anyhow::Context;
use evaluation::{Bent, Plane};
use schedule::{Chunk, Cut, Measure, Next, Point, State, Stop, Vectors};
use serde::{Deserialize, Serialize};
use spectral::Study;
use torch::{BatchStatistics, Batches, Landscape, ProductSum, Samples};

use crate::networks::Networks;
use hessian::Hessian;
use loss::Losses;
use recalibrated::Estimate;

/// All that is measured at a point.
pub(crate) struct Everything {
    pub(crate) losses: Losses,
    /// Whether running statistics are estimated anew before.
    pub(crate) recalibrates: bool,
    pub(crate) hessian: Option<Hessian>,
}

/// A network, and the data that it reads.
pub(crate) struct Worker {
    pub(crate) landscape: Landscape,
    /// The examples of each split.
    pub(crate) splits: Vec<Batches>,
    /// What estimates running statistics anew, where they are.
    pub(crate) recalibration: Option<Estimate>,
    /// What multiplies vectors with the Hessian, where its eigenvalues are measured.
    pub(crate) bent: Option<Bent>,
    /// What is measured instead of the plane.
    pub(crate) networks: Option<Networks>,
}

impl Worker {
    /// Takes the checkpoint of a point, where checkpoints are measured; returns where the networks
    /// are then.
    fn place_of(&mut self, point: Point) -> anyhow::Result<(f64, f64)> {
        let Some(networks) = &mut self.networks else {
            return Ok((point.x, point.y));
        };
        if let Some(subject) = networks.load(point.number)? {
            let plane = Plane::new(&subject, None);
            self.landscape = plane.at_origin(&networks.plan, subject.device)?;
            if let Some(estimate) = &mut self.recalibration {
                estimate.network = plane.recalibration(&subject.program, subject.device)?;
            }
            if let Some(bent) = &mut self.bent {
                let batches = &bent.batches;
                let bending = &networks.bending;
                *bent = bending.bent((&subject, &plane), &networks.plan, batches, networks.jobs)?;
            }
        }
        // a checkpoint is an origin of its own
        Ok((0.0, 0.0))
    }
}

/// What a point knows between two passes.
#[derive(Serialize, Deserialize)]
pub(crate) struct PointState {
    /// The running statistics that were estimated at the point.
    statistics: Option<BatchStatistics>,
    /// The means of the splits, once they are measured.
    means: Option<Vec<f64>>,
    study: Option<Study>,
}

impl State for PointState {
    fn vectors(&self) -> Vectors<'_> {
        let Some(study) = &self.study else {
            return Vectors::default();
        };
        let (generation, basis) = study.basis();
        Vectors {
            generation,
            all: basis.iter().map(spectral::Vector::bytes).collect(),
        }
    }

    fn restore(&mut self, vectors: &[Vec<u8>]) -> bool {
        match &mut self.study {
            Some(study) => study.set_basis(vectors),
            None => vectors.is_empty(),
        }
    }
}

/// What a chunk gives.
pub(crate) enum Partial {
    /// The statistics of each batch.
    Statistics(Vec<BatchStatistics>),
    /// What was measured of each split.
    Samples(Vec<Samples>),
    /// The product of a vector with the Hessian.
    Product(ProductSum),
}

/// What a pass is for.
enum Pass {
    Statistics,
    Losses,
    Product,
}

impl Everything {
    /// The next pass of a point.
    fn pass_of(&self, state: &PointState) -> Pass {
        if self.recalibrates && state.statistics.is_none() {
            Pass::Statistics
        } else if state.means.is_none() {
            Pass::Losses
        } else {
            Pass::Product
        }
    }

    /// The means at a point, measured by one worker alone.
    pub(crate) fn means(&self, worker: &mut Worker, point: Point) -> anyhow::Result<Vec<f64>> {
        let mut state = self.begin(point);
        loop {
            if let Some(means) = state.means {
                return Ok(means);
            }
            let all = self.pass(worker, point, &state, Chunk::WHOLE, &|| false)?;
            let all = all.context("nothing told it to stop")?;
            match self.absorb(state, all)? {
                Next::Done(values) => return Ok(values),
                Next::Again(next) => state = next,
            }
        }
    }

    /// Whether a point has all of its values.
    fn next(&self, state: PointState) -> Next<PointState> {
        let Some(means) = &state.means else {
            return Next::Again(state);
        };
        match &state.study {
            Some(study) if !study.is_done() => Next::Again(state),
            Some(study) => {
                let mut values = means.clone();
                values.extend(hessian::values(&study.found()));
                Next::Done(values)
            }
            None => Next::Done(means.clone()),
        }
    }
}

impl Measure for Everything {
    type Worker = Worker;
    type Partial = Partial;
    type State = PointState;

    fn cut(&self, state: &PointState) -> Cut {
        match (self.pass_of(state), &self.hessian) {
            (Pass::Product, Some(hessian)) => Cut::Always(hessian.chunks),
            (Pass::Statistics | Pass::Losses | Pass::Product, _) => Cut::Freely(self.losses.most),
        }
    }

    fn start(&self) {
        torch::one_thread();
    }

    fn begin(&self, _: Point) -> PointState {
        PointState {
            statistics: None,
            means: (!self.losses.are_measured()).then(Vec::new),
            study: self.hessian.as_ref().map(Hessian::study),
        }
    }

    fn pass(
        &self,
        worker: &mut Worker,
        point: Point,
        state: &PointState,
        chunk: Chunk,
        stop: Stop,
    ) -> anyhow::Result<Option<Partial>> {
        let place = worker.place_of(point)?;
        if let (Pass::Product, Some(hessian)) = (self.pass_of(state), &self.hessian) {
            let product = hessian.pass(worker, place, state, chunk, stop)?;
            return Ok(product.map(Partial::Product));
        }
        torch::no_grad(|| {
            if let (Some(estimate), None) = (&mut worker.recalibration, &state.statistics) {
                let found = estimate.pass(place, chunk, self.losses.loss, stop)?;
                return Ok(found.map(Partial::Statistics));
            }
            let samples = self.losses.pass(worker, place, state, chunk, stop)?;
            Ok(samples.map(Partial::Samples))
        })
    }

    fn join(&self, all: &mut Partial, next: Partial) {
        match (all, next) {
            (Partial::Statistics(all), Partial::Statistics(next)) => all.extend(next),
            (Partial::Samples(all), Partial::Samples(next)) => {
                for (all, next) in all.iter_mut().zip(next) {
                    all.join(next);
                }
            }
            (Partial::Product(all), Partial::Product(next)) => all.join(&next),
            // chunks of one pass are alike
            (Partial::Statistics(_) | Partial::Samples(_) | Partial::Product(_), _) => {}
        }
    }

    fn absorb(&self, mut state: PointState, all: Partial) -> anyhow::Result<Next<PointState>> {
        match all {
            Partial::Statistics(batches) => {
                state.statistics = Some(torch::mean_statistics(&batches));
                return Ok(Next::Again(state));
            }
            Partial::Samples(samples) => state.means = Some(self.losses.means(&samples)?),
            Partial::Product(product) => {
                if let Some(study) = &mut state.study {
                    study.take(product.mean());
                }
            }
        }
        Ok(self.next(state))
    }
}
