use anyhow::{Context, bail, ensure};
use files::Surface;
use ndarray::{Array2, Ix2};

use crate::spline;

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
    pub(crate) fn new(surface: &Surface, name: &str, zmax: Option<f64>, log: bool) -> anyhow::Result<Self> {
        let Some(y) = surface.grid.y.clone() else { bail!("it is a curve; a mesh needs a surface") };
        let x = surface.grid.x.clone();
        ensure!(
            x.len() > 1 && y.len() > 1,
            "its grid has {} × {} points, a mesh needs 2 × 2 at least",
            x.len(),
            y.len()
        );
        let plane = |values: &ndarray::ArrayD<f64>| {
            values.clone().into_dimensionality::<Ix2>().context("a surface has two axes")
        };
        let quantity = surface.quantity(name)?;
        let height = |value: f64| {
            let cut = if value.is_nan() { value } else { value.min(zmax.unwrap_or(f64::INFINITY)) };
            let height = if log { (cut + BEFORE_LOG).ln() } else { cut };
            if height.is_finite() { height } else { f64::NAN }
        };
        let z = plane(&quantity)?.mapv(height);
        ensure!(z.iter().any(|z| z.is_finite()), "{name} has no finite height anywhere: there is nothing to write");
        let metrics = surface.metrics.iter().map(|metric| Ok((metric.name.clone(), plane(&metric.values)?)));
        Ok(Self { x, y, z, metrics: metrics.collect::<anyhow::Result<_>>()? })
    }

    /// The height at a place between the points, bilinear; none beyond the grid or beside a missing point.
    pub(crate) fn at(&self, x: f64, y: f64) -> Option<f64> {
        grid::bilinear(&self.x, &self.y, [x, y], |node| self.z[node]).filter(|height| height.is_finite())
    }

    /// The same on `count` × `count` points: heights by cubic splines (after cut-off and logarithm: before, splines
    /// would overshoot at spikes), metrics linearly.
    ///
    /// # Errors
    /// Missing points: a spline through them would invent what was not computed.
    pub(crate) fn resampled(&self, count: usize) -> anyhow::Result<Self> {
        let missing = self.z.iter().filter(|z| z.is_nan()).count();
        ensure!(
            missing == 0,
            "{missing} points have no finite height, and --interp needs all: cut off with --zmax, or leave --interp out"
        );
        let axis = |axis: &[f64]| -> Vec<f64> {
            let (first, last) = (axis[0], axis[axis.len() - 1]);
            let step = (last - first) / (count - 1) as f64;
            (0..count).map(|k| if k == count - 1 { last } else { first + k as f64 * step }).collect()
        };
        let (x, y) = (axis(&self.x), axis(&self.y));
        let both = |values: &Array2<f64>, along: Interpolation| {
            let rows = resampled_rows(values, &self.x, &x, along);
            resampled_rows(&rows.reversed_axes(), &self.y, &y, along).reversed_axes()
        };
        let metrics = self.metrics.iter().map(|(name, values)| (name.clone(), both(values, spline::linear)));
        Ok(Self { z: both(&self.z, spline::cubic), metrics: metrics.collect(), x, y })
    }
}

/// Values at other places, from knots, the values there and the places.
type Interpolation = fn(&[f64], &[f64], &[f64]) -> Vec<f64>;

/// Each row, resampled from the places `from` to the places `to`.
fn resampled_rows(values: &Array2<f64>, from: &[f64], to: &[f64], along: Interpolation) -> Array2<f64> {
    let rows: Vec<f64> = values.rows().into_iter().flat_map(|row| along(from, &row.to_vec(), to)).collect();
    Array2::from_shape_vec((values.nrows(), to.len()), rows).expect("each row has as many values as places")
}
