use anyhow::{Context, bail, ensure};
use files::{Metric, Quantity, Stored, Surface};
use ndarray::{Array2, Ix2};

use crate::{
    data::{
        extent::{Extent, LARGEST},
        metric,
        number::number,
    },
    options::Options,
};

/// What is drawn: a quantity over the grid. What is no finite number is NaN, a hole.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// Coordinates of the columns, ascending.
    pub(crate) x: Vec<f64>,
    /// Coordinates of the rows, ascending.
    pub(crate) y: Vec<f64>,
    /// `[ny, nx]`.
    pub(crate) z: Array2<f64>,
    /// What it is.
    pub(crate) quantity: Quantity,
    /// Where losses were cut off, if there are such: what has this value lies there or beyond.
    pub(crate) limit: Option<f64>,
    /// Points along x and along y that were measured: fewer than here in a field that was smoothed.
    pub(crate) measured: [usize; 2],
}

impl Field {
    /// What is drawn of a surface.
    ///
    /// # Errors
    /// A curve, no such quantity, or no number in it.
    pub(crate) fn new(options: &Options, surface: &Stored<Surface>) -> anyhow::Result<Self> {
        let name = metric::drawn(options, surface);
        Self::read(surface, &name, options.clip)
            .with_context(|| surface.header.path.display().to_string())
    }

    fn read(surface: &Surface, name: &str, clip: Option<f64>) -> anyhow::Result<Self> {
        let Some(y) = surface.grid.y.clone() else {
            bail!("it is a curve, not a surface: draw it with --plot curve")
        };
        let x = surface.grid.x.clone();
        let size = format!("{} × {}", x.len(), y.len());
        ensure!(
            x.len() > 1 && y.len() > 1,
            "its grid has {size} points, a surface needs 2 × 2 at least"
        );
        for (axis, places) in [("x", &x), ("y", &y)] {
            check_axis(axis, places)?;
        }
        let Metric {
            quantity, values, ..
        } = surface.quantity(name)?.into_owned();
        let z = values
            .into_dimensionality::<Ix2>()
            .context("a surface has two axes")?;
        ensure!(
            z.iter().any(|value| value.is_finite()),
            "{name} has no finite value anywhere: there is nothing to draw"
        );
        let z = z.mapv(|value| if value.is_finite() { value } else { f64::NAN });
        let limit = surface
            .limit(&quantity, clip)
            .filter(|limit| z.iter().any(|value| value >= limit));
        let measured = [x.len(), y.len()];
        Ok(Self {
            x,
            y,
            z,
            quantity,
            limit,
            measured,
        })
    }

    /// The least number above 0; infinite where there is none.
    pub(crate) fn least_positive(&self) -> f64 {
        self.extent().least_positive
    }

    /// Its numbers.
    pub(crate) fn extent(&self) -> Extent {
        Extent::over(self.quantity.meaning, self.z.iter())
    }

    /// The value at a place between the nodes, bilinear; none beyond the grid or beside a hole.
    pub(crate) fn at(&self, x: f64, y: f64) -> Option<f64> {
        grid::bilinear(&self.x, &self.y, [x, y], |node| self.z[node])
            .filter(|value| value.is_finite())
    }

    /// The part of a segment over the grid.
    pub(crate) fn within(&self, ends: [[f64; 2]; 2]) -> Option<[[f64; 2]; 2]> {
        let (x, y) = (&self.x, &self.y);
        let high = [x[x.len() - 1], y[y.len() - 1]];
        grid::within(ends, [x[0], y[0]], high)
    }

    /// Whether a cell has values at three corners at least: a surface is made of such.
    pub(crate) fn has_triangle(&self) -> bool {
        let cells = self.z.windows([2, 2]);
        cells
            .into_iter()
            .any(|cell| cell.iter().filter(|value| !value.is_nan()).count() >= 3)
    }

    /// How the quantity is called on an axis.
    pub(crate) fn title(&self) -> String {
        self.quantity.label()
    }

    /// What a legend says of the part that was cut off.
    pub(crate) fn beyond(&self) -> Option<String> {
        self.limit
            .map(|limit| format!("{} ≥ {}", self.title(), number(limit)))
    }
}

/// Checks that the coordinates of an axis can be drawn.
///
/// # Errors
/// They do not ascend, or reach too far.
pub(crate) fn check_axis(axis: &str, places: &[f64]) -> anyhow::Result<()> {
    ensure!(
        places.is_sorted_by(|a, b| a < b),
        "the coordinates of {axis} do not ascend"
    );
    ensure!(
        places.iter().all(|place| place.abs() <= LARGEST),
        "the coordinates of {axis} reach beyond ±{LARGEST:e}"
    );
    Ok(())
}
