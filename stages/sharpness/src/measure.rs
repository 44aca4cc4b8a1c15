//! A row of the table: passes over the data, each of which measures a loss or a gradient at one
//! place near the model.

use anyhow::Context;
use evaluation::{Models, Parameters, Plane, Subject};
use schedule::{Chunk, Cut, Measure, Next, Point, State, Stop, Vectors};
use serde::{Deserialize, Serialize};
use torch::{Averages, Batches, Gradient, Landscape, Plan, ProductSum, Samples};

use crate::{
    settings::Wanted,
    steps,
    study::{Pass, Step, Study},
};

/// What is measured of each model.
pub(crate) struct Sharpnesses<'a> {
    pub(crate) models: &'a Models,
    pub(crate) wanted: &'a Wanted,
    pub(crate) parameters: &'a Parameters,
    pub(crate) plan: &'a Plan,
    pub(crate) averages: Averages,
    /// The number of batches. A pass for a gradient is always cut into them: sums of vectors depend
    /// on how they are cut.
    pub(crate) chunks: usize,
    /// The relative precision of a loss.
    pub(crate) rounding: f64,
}

/// A model that is moved, and the data.
pub(crate) struct Worker {
    network: Network,
    batches: Batches,
    /// The row whose model is loaded.
    row: usize,
    /// The pass of this row for which the network was moved.
    pass: Option<usize>,
}

struct Network {
    subject: Subject,
    /// The network that measures losses, in its fastest form.
    landscape: Landscape,
    /// The one that measures gradients.
    gradient: Gradient,
}

/// What is known of a row between two passes.
#[derive(Serialize, Deserialize)]
pub(crate) struct RowState(Study);

impl State for RowState {
    /// The gradient, then where the ascent is and the gradient there.
    fn vectors(&self) -> Vectors<'_> {
        let Study {
            gradient, ascent, ..
        } = &self.0;
        if gradient.is_empty() {
            return Vectors::default();
        }
        let mut all: Vec<&[u8]> = vec![bytemuck::cast_slice(gradient)];
        if let Some(ascent) = ascent {
            all.push(bytemuck::cast_slice(&ascent.point));
            all.push(bytemuck::cast_slice(&ascent.gradient));
        }
        Vectors {
            // the vectors of an ascent are replaced as it goes on
            generation: ascent.as_ref().map_or(0, |ascent| ascent.replaced),
            all,
        }
    }

    fn restore(&mut self, vectors: &[Vec<u8>]) -> bool {
        let mut vectors = vectors
            .iter()
            .map(|bytes| bytemuck::pod_collect_to_vec(bytes));
        self.0.gradient = vectors.next().unwrap_or_default();
        let size = self.0.gradient.len();
        let Some(ascent) = &mut self.0.ascent else {
            return vectors.next().is_none();
        };
        ascent.point = vectors.next().unwrap_or_default();
        ascent.gradient = vectors.next().unwrap_or_default();
        let fits = ascent.point.len() == size && ascent.gradient.len() == size;
        fits && vectors.next().is_none()
    }
}

/// What a chunk gives.
pub(crate) enum Partial {
    Losses(Samples),
    Gradient(ProductSum),
}

impl Sharpnesses<'_> {
    /// A worker that starts with the model of this row.
    pub(crate) fn worker(&self, row: usize, batches: &Batches) -> anyhow::Result<Worker> {
        Ok(Worker {
            network: self.network(row)?,
            batches: batches.share(batches.size() as usize),
            row,
            pass: None,
        })
    }

    fn network(&self, row: usize) -> anyhow::Result<Network> {
        let subject = self.models.checkpoint(row)?;
        let plane = Plane::new(&subject, None);
        let chosen = self.parameters.of(&subject.model)?;
        let (names, device) = (&plane.names, subject.device);
        let landscape = Landscape::free(self.plan, names, &plane.origin, device)
            .with_context(|| subject.model_file())?;
        let measured = (subject.criterion, device);
        let gradient = Gradient::new(&subject.program, plane.state(), &chosen, measured)
            .with_context(|| subject.model_file())?;
        drop(plane);
        Ok(Network {
            subject,
            landscape,
            gradient,
        })
    }

    /// Takes the model of a row, and moves it to where the next pass measures.
    fn go_to(&self, worker: &mut Worker, row: usize, study: &Study) -> anyhow::Result<Pass> {
        let pass = study
            .next(self.wanted)
            .context("nothing is left to measure")?;
        if worker.row != row {
            worker.network = self.network(row)?;
            worker.row = row;
            worker.pass = None;
        }
        if worker.pass.replace(study.passes) != Some(study.passes) {
            let network = &mut worker.network;
            let step = self.step(network, study, pass);
            let step = step.context("a pass lacks what its step is made of")?;
            match pass {
                Pass::Loss(_) => network.landscape.move_by(network.gradient.places(), &step),
                Pass::Gradient | Pass::GradientOfAscent => network.gradient.move_by(&step),
            }
        }
        Ok(pass)
    }

    /// The step to where a pass measures; `None` where the pass is not one of those wanted.
    fn step(&self, network: &Network, study: &Study, pass: Pass) -> Option<Vec<f64>> {
        let Network {
            subject, gradient, ..
        } = network;
        let origin = gradient.origin();
        let wanted = self.wanted;
        Some(match pass {
            Pass::Gradient | Pass::Loss(Step::Stay) => vec![0.0; origin.len()],
            Pass::Loss(Step::Random(number)) => {
                let network = (&*subject.model, &subject.program);
                steps::random(network, &wanted.average?, number, gradient.places())
            }
            Pass::Loss(Step::Sam) => steps::sam(&study.gradient, wanted.sam?),
            Pass::Loss(Step::Asam) => steps::asam(origin, &study.gradient, wanted.asam?),
            Pass::Loss(Step::Ascent) => {
                let point = study.ascent.as_ref()?.trial();
                steps::in_box(origin, &point, wanted.epsilon?.epsilon)
            }
            Pass::GradientOfAscent => {
                let point = &study.ascent.as_ref()?.point;
                steps::in_box(origin, point, wanted.epsilon?.epsilon)
            }
            Pass::Loss(Step::Update(rate)) => steps::update(&study.gradient, rate),
        })
    }
}

impl Measure for Sharpnesses<'_> {
    type Worker = Worker;
    type Partial = Partial;
    type State = RowState;

    fn cut(&self, state: &RowState) -> Cut {
        match state.0.next(self.wanted) {
            Some(Pass::Gradient | Pass::GradientOfAscent) => Cut::Always(self.chunks),
            Some(Pass::Loss(_)) | None => Cut::Freely(self.chunks),
        }
    }

    fn start(&self) {
        torch::one_thread();
    }

    fn begin(&self, _: Point) -> RowState {
        RowState(Study::default())
    }

    fn pass(
        &self,
        worker: &mut Worker,
        point: Point,
        state: &RowState,
        chunk: Chunk,
        stop: Stop,
    ) -> anyhow::Result<Option<Partial>> {
        let pass = self.go_to(worker, point.number, &state.0)?;
        let Worker {
            network, batches, ..
        } = worker;
        match pass {
            Pass::Loss(_) => torch::no_grad(|| {
                let (landscape, averages) = (&network.landscape, &self.averages);
                let chunk = (chunk.number, chunk.of);
                let samples = landscape.measure(batches, chunk, averages, stop)?;
                Ok(samples.map(Partial::Losses))
            }),
            Pass::Gradient | Pass::GradientOfAscent => {
                let sum = network.gradient.of_batch(batches, chunk.number, stop)?;
                Ok(sum.map(Partial::Gradient))
            }
        }
    }

    fn join(&self, all: &mut Partial, next: Partial) {
        match (all, next) {
            (Partial::Losses(all), Partial::Losses(next)) => all.join(next),
            (Partial::Gradient(all), Partial::Gradient(next)) => all.join(&next),
            // chunks of one pass are alike
            (Partial::Losses(_) | Partial::Gradient(_), _) => {}
        }
    }

    fn absorb(&self, state: RowState, all: Partial) -> anyhow::Result<Next<RowState>> {
        let RowState(mut study) = state;
        let pass = study
            .next(self.wanted)
            .context("nothing was left to measure")?;
        match (pass, all) {
            (Pass::Loss(step), Partial::Losses(samples)) => {
                let score = self.averages.score(&samples)?;
                let loss = score.means.first().context("a loss has a mean")?;
                study.take_loss(step, *loss);
            }
            (Pass::Gradient, Partial::Gradient(sum)) => {
                study.take_gradient(sum.mean(), self.wanted, self.rounding);
            }
            (Pass::GradientOfAscent, Partial::Gradient(sum)) => {
                study.take_gradient_of_ascent(sum.mean());
            }
            (Pass::Loss(_) | Pass::Gradient | Pass::GradientOfAscent, _) => {
                anyhow::bail!("a pass gave what it does not measure")
            }
        }
        Ok(match study.next(self.wanted) {
            Some(_) => Next::Again(RowState(study)),
            None => Next::Done(study.values(self.wanted)),
        })
    }
}
