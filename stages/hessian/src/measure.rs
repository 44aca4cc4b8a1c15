//! A row of a spectrum: products with the matrix of a model, one per pass over the data.

use anyhow::Context;
use evaluation::{Bending, Bent, Plane};
use schedule::{Chunk, Cut, Measure, Next, Point, State, Stop, Vectors};
use serde::{Deserialize, Serialize};
use spectral::{Element, Study, Wanted};
use torch::{Plan, ProductSum};

use crate::{inputs::Inputs, row::Row, settings::Place};

/// What is measured of each model.
pub(crate) struct Spectra<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) bending: &'a Bending,
    pub(crate) plan: &'a Plan,
    pub(crate) place: Option<&'a Place>,
    pub(crate) wanted: Wanted,
    pub(crate) dimension: usize,
    pub(crate) element: Element,
    /// A pass is always cut into its batches: sums of vectors depend on how they are cut.
    pub(crate) chunks: usize,
    /// Whether rows have eigenvectors.
    pub(crate) has_vectors: bool,
    pub(crate) jobs: usize,
}

/// What multiplies.
pub(crate) struct Worker {
    pub(crate) bent: Bent,
    /// The row whose model is loaded.
    pub(crate) row: Option<usize>,
}

/// What is known of a row between two products.
#[derive(Serialize, Deserialize)]
pub(crate) struct RowState(Study);

impl State for RowState {
    fn vectors(&self) -> Vectors<'_> {
        let (generation, basis) = self.0.basis();
        Vectors {
            generation,
            all: basis.iter().map(spectral::Vector::bytes).collect(),
        }
    }

    fn restore(&mut self, vectors: &[Vec<u8>]) -> bool {
        self.0.set_basis(vectors)
    }
}

impl Spectra<'_> {
    /// Loads the model of a row, and goes to its place.
    fn go_to(&self, worker: &mut Worker, row: usize) -> anyhow::Result<()> {
        if let Some(place) = self.place {
            worker.bent.curvature.move_to(place.x, place.y);
        } else if worker.row.replace(row) != Some(row) {
            let subject = self.inputs.models.checkpoint(row)?;
            let plane = Plane::new(&subject, None);
            let batches = &worker.bent.batches;
            worker.bent = self
                .bending
                .bent((&subject, &plane), self.plan, batches, self.jobs)?;
        }
        Ok(())
    }
}

impl Measure for Spectra<'_> {
    type Worker = Worker;
    type Partial = ProductSum;
    type State = RowState;

    fn cut(&self, _: &RowState) -> Cut {
        Cut::Always(self.chunks)
    }

    fn start(&self) {
        torch::one_thread();
    }

    fn begin(&self, _: Point) -> RowState {
        RowState(Study::new(self.wanted, self.dimension, self.element))
    }

    fn pass(
        &self,
        worker: &mut Worker,
        point: Point,
        state: &RowState,
        chunk: Chunk,
        stop: Stop,
    ) -> anyhow::Result<Option<ProductSum>> {
        self.go_to(worker, point.number)?;
        let vector = state.0.next().context("nothing is left to multiply")?;
        let Bent { curvature, batches } = &mut worker.bent;
        Ok(curvature.of_batch(&vector, batches, chunk.number, stop)?)
    }

    fn join(&self, all: &mut ProductSum, next: ProductSum) {
        all.join(&next);
    }

    fn absorb(&self, mut state: RowState, all: ProductSum) -> anyhow::Result<Next<RowState>> {
        state.0.take(all.mean());
        if !state.0.is_done() {
            return Ok(Next::Again(state));
        }
        let row = Row::of(&state.0, &self.wanted, self.has_vectors);
        Ok(Next::Done(row.values()))
    }
}
