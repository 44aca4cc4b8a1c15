use anyhow::{Context, bail, ensure};
use files::Surface;
use ndarray::{Array2, ArrayD, Ix2};

/// What is drawn: a quantity over the grid. What is no finite number is NaN, a hole.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// Coordinates of the columns, ascending.
    pub(crate) x: Vec<f64>,
    /// Coordinates of the rows, ascending.
    pub(crate) y: Vec<f64>,
    /// `[ny, nx]`.
    pub(crate) z: Array2<f64>,
}

impl Field {
    /// The quantity of this name on a surface.
    ///
    /// # Errors
    /// A curve, no such quantity, or no number in it.
    pub(crate) fn new(surface: &Surface, name: &str) -> anyhow::Result<Self> {
        let Some(y) = surface.grid.y.clone() else { bail!("it is a curve, not a surface: draw it with --plot curve") };
        ensure!(
            surface.grid.x.len() > 1 && y.len() > 1,
            "its grid has {} × {} points, a surface needs 2 × 2 at least",
            surface.grid.x.len(),
            y.len()
        );
        let z = quantity(surface, name)?.into_dimensionality::<Ix2>().context("a surface has two axes")?;
        ensure!(
            z.iter().any(|value| value.is_finite()),
            "{name} has no finite value anywhere: there is nothing to draw"
        );
        Ok(Self { x: surface.grid.x.clone(), y, z: z.mapv(|value| if value.is_finite() { value } else { f64::NAN }) })
    }

    /// The least and the greatest number.
    pub(crate) fn range(&self) -> (f64, f64) {
        range(self.z.iter())
    }

    /// The value at a place between the nodes, bilinear; none beyond the grid or beside a hole.
    pub(crate) fn at(&self, x: f64, y: f64) -> Option<f64> {
        let cell = |axis: &[f64], at: f64| {
            let inside = at >= axis[0] && at <= axis[axis.len() - 1];
            let k = axis.partition_point(|coordinate| *coordinate <= at).clamp(1, axis.len() - 1) - 1;
            inside.then(|| (k, (at - axis[k]) / (axis[k + 1] - axis[k])))
        };
        let ((column, u), (row, v)) = (cell(&self.x, x)?, cell(&self.y, y)?);
        let z = |row: usize, column: usize| self.z[[row, column]];
        let low = z(row, column) * (1.0 - u) + z(row, column + 1) * u;
        let high = z(row + 1, column) * (1.0 - u) + z(row + 1, column + 1) * u;
        Some(low * (1.0 - v) + high * v).filter(|value| value.is_finite())
    }
}

/// The least and the greatest finite number.
pub(crate) fn range<'a>(values: impl Iterator<Item = &'a f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)))
}

/// A metric of the file, or an error (percent) made of an accuracy: `train_err = 100 − train_acc`.
pub(crate) fn quantity(surface: &Surface, name: &str) -> anyhow::Result<ArrayD<f64>> {
    if let Some(values) = surface.metric(name) {
        return Ok(values.clone());
    }
    let accuracy = name.strip_suffix("_err").and_then(|split| surface.metric(&format!("{split}_acc")));
    let accuracy =
        accuracy.with_context(|| format!("it has no \"{name}\"; it has {}", surface.metric_names().join(", ")))?;
    Ok(accuracy.mapv(|percent| 100.0 - percent))
}

/// How a quantity is called on an axis, with its unit.
pub(crate) fn title(name: &str) -> String {
    let (split, what) = name.split_once('_').unwrap_or(("", name));
    match what {
        "loss" => format!("{split} loss"),
        "acc" => format!("{split} accuracy (%)"),
        "err" => format!("{split} error (%)"),
        _ => name.replace('_', " "),
    }
}
