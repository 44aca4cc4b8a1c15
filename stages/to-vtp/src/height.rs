use anyhow::{Context, bail, ensure};
use files::Surface;
use grid::{Interpolation, Values};
use ndarray::{Array2, ArrayD, Ix2};

/// Added before the logarithm, as in the tool of the paper, so that a loss of 0 has one.
const BEFORE_LOG: f64 = 0.1;

/// What is drawn over the grid: heights, and the metrics that go along.
pub(crate) struct Heights {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    /// `[ny, nx]`; NaN where there is none.
    pub(crate) z: Array2<f64>,
    /// Every metric of the file, `[ny, nx]`.
    pub(crate) metrics: Vec<(String, Array2<f64>)>,
}

impl Heights {
    /// The heights of a quantity: first cut off at `zmax`, then the logarithm.
    ///
    /// # Errors
    /// A curve, no such quantity, no finite height.
    pub(crate) fn new(
        surface: &Surface,
        name: &str,
        zmax: Option<f64>,
        log: bool,
    ) -> anyhow::Result<Self> {
        let Some(y) = surface.grid.y.clone() else {
            bail!("it is a curve; a mesh needs a surface")
        };
        let x = surface.grid.x.clone();
        ensure!(
            x.len() > 1 && y.len() > 1,
            "its grid has {} × {} points, a mesh needs 2 × 2 at least",
            x.len(),
            y.len()
        );
        for (axis, places) in [("x", &x), ("y", &y)] {
            ensure!(
                places.is_sorted_by(|a, b| a < b),
                "the coordinates of {axis} do not ascend"
            );
        }
        let quantity = surface.quantity(name)?;
        let values = plane(&quantity.values)?;
        let z = values.mapv(|value| height(value, zmax, log));
        ensure!(
            z.iter().any(|z| z.is_finite()),
            "{name} has no finite height anywhere: there is nothing to write"
        );
        let mut metrics = Vec::new();
        for name in surface.metric_names() {
            let values = plane(&surface.quantity(&name)?.values)?;
            metrics.push((name, values));
        }
        Ok(Self { x, y, z, metrics })
    }

    /// The height at a place between the points, bilinear; none beyond the grid or beside a missing
    /// point.
    pub(crate) fn at(&self, x: f64, y: f64) -> Option<f64> {
        let height = grid::bilinear(&self.x, &self.y, [x, y], |node| self.z[node])?;
        height.is_finite().then_some(height)
    }

    /// A place of the plane with its height.
    pub(crate) fn place(&self, [x, y]: [f64; 2]) -> Option<[f64; 3]> {
        Some([x, y, self.at(x, y)?])
    }

    /// The part of a segment over the grid.
    pub(crate) fn within(&self, ends: [[f64; 2]; 2]) -> Option<[[f64; 2]; 2]> {
        let (x, y) = (&self.x, &self.y);
        let high = [x[x.len() - 1], y[y.len() - 1]];
        grid::within(ends, [x[0], y[0]], high)
    }

    /// The same on `count` × `count` points: heights by cubic splines (after cut-off and logarithm:
    /// before, splines would overshoot at spikes), metrics linearly.
    ///
    /// # Errors
    /// Missing points: a spline through them would invent what was not computed.
    pub(crate) fn resampled(&self, count: usize) -> anyhow::Result<Self> {
        let missing = self.z.iter().filter(|z| z.is_nan()).count();
        ensure!(
            missing == 0,
            "{missing} points have no finite height, and --interp needs all: cut off with --zmax, \
             or leave --interp out"
        );
        let resampled = self.interpolated(&self.z, count, grid::cubic);
        let mut metrics = Vec::new();
        for (name, values) in &self.metrics {
            metrics.push((
                name.clone(),
                shaped(&self.interpolated(values, count, grid::linear))?,
            ));
        }
        Ok(Self {
            z: shaped(&resampled)?,
            metrics,
            x: resampled.x,
            y: resampled.y,
        })
    }

    /// Values over the grid on `count` × `count` points.
    fn interpolated(&self, values: &Array2<f64>, count: usize, along: Interpolation) -> Values {
        let z = values.iter().copied().collect();
        Values {
            x: self.x.clone(),
            y: self.y.clone(),
            z,
        }
        .resampled(count, along)
    }
}

/// Values over a surface as rows and columns.
fn plane(values: &ArrayD<f64>) -> anyhow::Result<Array2<f64>> {
    let values = values.clone().into_dimensionality::<Ix2>();
    values.context("a surface has two axes")
}

/// The height of a value: cut off, then its logarithm; NaN where that is not finite.
fn height(value: f64, zmax: Option<f64>, log: bool) -> f64 {
    let cut = match zmax {
        // the minimum of NaN and a number would be the number
        Some(zmax) if !value.is_nan() => value.min(zmax),
        _ => value,
    };
    let height = if log { (cut + BEFORE_LOG).ln() } else { cut };
    if height.is_finite() { height } else { f64::NAN }
}

fn shaped(values: &Values) -> anyhow::Result<Array2<f64>> {
    let shape = (values.y.len(), values.x.len());
    Array2::from_shape_vec(shape, values.z.clone()).context("one value per point")
}
