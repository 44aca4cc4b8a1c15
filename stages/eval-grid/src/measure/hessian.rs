//! The ends of the spectrum of the Hessian, or of a relative of it: by Lanczos, one product with it
//! per pass over the data.

use evaluation::{Bent, Part};
use files::{Eigenvectors, HessianSettings, MAX_EIG, MIN_EIG, MetricMeaning, Quantity, Spectrum};
use schedule::{Chunk, Column, Stop};
use spectral::{Element, Found, Study, Wanted};
use torch::{Kind, ProductSum};

use super::{PointState, Worker};

/// How far the values may be off.
const BOUND: &str = "_bound";
/// How many products a point took.
const PRODUCTS: &str = "eig_products";
/// 1 where both values are within the tolerance, 0 where a point ended before.
const CONVERGED: &str = "eig_converged";

/// What is measured of the spectrum.
pub(crate) struct Hessian {
    wanted: Wanted,
    dimension: usize,
    /// Where the search starts, where it is not at random.
    start: Option<Vec<f64>>,
    element: Element,
    /// A pass is always cut into its batches: sums of vectors depend on how they are cut.
    pub(crate) chunks: usize,
}

/// The smallest and the largest eigenvalue, their bounds, and how it went.
pub(crate) fn columns(settings: &HessianSettings, part: &Part) -> Vec<Column> {
    let mut columns = Vec::new();
    for name in [MIN_EIG, MAX_EIG] {
        columns.push(column(settings, part, name, MetricMeaning::Eigenvalue));
        let bound = format!("{name}{BOUND}");
        columns.push(column(settings, part, &bound, MetricMeaning::Other));
    }
    for name in [PRODUCTS, CONVERGED] {
        columns.push(column(settings, part, name, MetricMeaning::Other));
    }
    columns
}

fn column(settings: &HessianSettings, part: &Part, name: &str, meaning: MetricMeaning) -> Column {
    Column {
        quantity: Quantity {
            examples: Some(settings.examples),
            ..Quantity::new(name, meaning, "", Some(part.split.clone()))
        },
        at_least: false,
        stderr: false,
    }
}

/// The values of the columns.
pub(crate) fn values(found: &Found) -> Vec<f64> {
    let (first, last) = (0, found.values.len() - 1);
    vec![
        found.values[first],
        found.bounds[first],
        found.values[last],
        found.bounds[last],
        found.products as f64,
        f64::from(u8::from(found.is_converged)),
    ]
}

impl Hessian {
    /// As it is told, with vectors in the precision of the program.
    pub(crate) fn new(
        settings: &HessianSettings,
        bent: &Bent,
        real: Kind,
        start: Option<&Spectrum>,
    ) -> Self {
        let HessianSettings {
            tolerance,
            max_products,
            seed,
            ..
        } = *settings;
        Self {
            wanted: Wanted::ends(tolerance, max_products, seed),
            dimension: bent.curvature.dimension(),
            start: start
                .and_then(|spectrum| spectrum.vectors.as_ref())
                .map(sum),
            element: match real {
                Kind::Double => Element::F64,
                _ => Element::F32,
            },
            chunks: bent.batches.count(),
        }
    }

    /// A point before its first product.
    pub(crate) fn study(&self) -> Study {
        let study = Study::new(self.wanted, self.dimension, self.element);
        match &self.start {
            Some(start) => study.from(start),
            None => study,
        }
    }

    /// A part of the next product at a point.
    pub(super) fn pass(
        &self,
        worker: &mut Worker,
        (x, y): (f64, f64),
        state: &PointState,
        chunk: Chunk,
        stop: Stop,
    ) -> anyhow::Result<Option<ProductSum>> {
        let vector = state.study.as_ref().and_then(Study::next);
        let (Some(bent), Some(vector)) = (&mut worker.bent, vector) else {
            return Ok(None);
        };
        bent.curvature.move_to(x, y);
        if let (Some(estimate), Some(statistics)) = (&worker.recalibration, &state.statistics) {
            let places = estimate.network.places();
            bent.curvature.recalibrate(places, statistics);
        }
        let product = bent
            .curvature
            .of_batch(&vector, &bent.batches, chunk.number, stop)?;
        Ok(product)
    }
}

/// The sum of eigenvectors: it has a part in each of their directions.
fn sum(vectors: &Eigenvectors) -> Vec<f64> {
    let mut sum = vec![0.0; vectors.values.ncols()];
    for vector in vectors.values.rows() {
        for (sum, value) in sum.iter_mut().zip(vector) {
            *sum += f64::from(*value);
        }
    }
    sum
}
