use anyhow::{Context, bail, ensure};
use files::{EIG_RATIO, EIG_RATIO_SIGNED, Stored, Surface};
use ndarray::{Array2, Ix2};

use crate::{args::Args, scale};

/// What is drawn: a quantity over the grid. What is no finite number is NaN, a hole.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// Coordinates of the columns, ascending.
    pub(crate) x: Vec<f64>,
    /// Coordinates of the rows, ascending.
    pub(crate) y: Vec<f64>,
    /// `[ny, nx]`.
    pub(crate) z: Array2<f64>,
    /// The quantity.
    pub(crate) name: String,
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
    pub(crate) fn new(args: &Args, surface: &Stored<Surface>) -> anyhow::Result<Self> {
        let name = args.quantity(surface);
        let path = || surface.header.path.display().to_string();
        Self::read(surface, &name, args.clip).with_context(path)
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
        let metric = surface.quantity(name)?;
        let z = metric
            .values
            .clone()
            .into_dimensionality::<Ix2>()
            .context("a surface has two axes")?;
        ensure!(
            z.iter().any(|value| value.is_finite()),
            "{name} has no finite value anywhere: there is nothing to draw"
        );
        let z = z.mapv(|value| if value.is_finite() { value } else { f64::NAN });
        let limit = surface.limit(&metric, clip);
        let limit = limit.filter(|limit| z.iter().any(|value| *value >= *limit));
        let measured = [x.len(), y.len()];
        Ok(Self {
            x,
            y,
            z,
            name: name.into(),
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
        Extent::over(&self.name, self.z.iter())
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
        title(&self.name)
    }

    /// What a legend says of the part that was cut off.
    pub(crate) fn beyond(&self) -> Option<String> {
        self.limit
            .map(|limit| format!("{} ≥ {}", self.title(), scale::number(limit)))
    }
}

/// The largest number in a picture: extents and products of it stay finite.
pub(crate) const LARGEST: f64 = 1e300;
/// What is nearer to 0 is 0 in a picture: ratios and differences of what is not stay exact.
pub(crate) const SMALLEST: f64 = 1e-300;

fn or_zero(value: f64) -> f64 {
    if value.abs() < SMALLEST { 0.0 } else { value }
}

/// Decades from which on a scale is logarithmic: on a linear one, a tenth of the colours or fewer
/// would be left for the basin below a twentieth of the largest loss.
pub(crate) const DECADES: f64 = 1.3;

/// The numbers of one field, or of all those that share a scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Extent {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// The least number above 0, where a logarithmic scale ends; infinite where there is none.
    pub(crate) least_positive: f64,
    /// Whether it is drawn on a linear scale unless a logarithmic one is asked for.
    pub(crate) bounded: bool,
}

impl Extent {
    pub(crate) fn over<'a>(name: &str, values: impl Iterator<Item = &'a f64> + Clone) -> Self {
        let (low, high) = range(values.clone());
        let (least_positive, _) = range(values.filter(|value| **value >= SMALLEST));
        Self {
            low: or_zero(low),
            high: or_zero(high),
            least_positive,
            bounded: bounded(name),
        }
    }

    /// Whether the numbers are better seen as logarithms: see [`DECADES`].
    pub(crate) fn spans_decades(&self) -> bool {
        !self.bounded && self.low > 0.0 && (self.high / self.low).log10() > DECADES
    }

    /// The ends of a scale; on a logarithmic one 0 is at its lower end.
    ///
    /// # Errors
    /// Numbers that have no place on a logarithmic scale.
    pub(crate) fn ends(&self, log: bool) -> anyhow::Result<(f64, f64)> {
        ensure!(
            self.low >= -LARGEST && self.high <= LARGEST,
            "its values go from {:e} to {:e}: a picture shows what is within ±{LARGEST:e} (--clip \
             cuts losses off)",
            self.low,
            self.high
        );
        ensure!(
            !log || (self.low >= 0.0 && self.high > 0.0),
            "--log wants positive numbers, these are from {} to {}",
            scale::number(self.low),
            scale::number(self.high)
        );
        Ok((
            if log {
                self.low.max(self.least_positive)
            } else {
                self.low
            },
            self.high,
        ))
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

/// The least and the greatest finite number.
pub(crate) fn range<'a>(values: impl Iterator<Item = &'a f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(*value), high.max(*value))
    })
}

/// Whether a quantity has its place on a linear scale whatever it spans: percentages and ratios.
pub(crate) fn bounded(name: &str) -> bool {
    name.ends_with("_acc")
        || name.ends_with("_err")
        || name == EIG_RATIO
        || name == EIG_RATIO_SIGNED
}

/// How a quantity is called on an axis, with its unit.
pub(crate) fn title(name: &str) -> String {
    if let Some(metric) = name.strip_suffix("_stderr") {
        return format!("standard error of {}", title(metric));
    }
    let (split, what) = name.split_once('_').unwrap_or(("", name));
    match (name, what) {
        (EIG_RATIO, _) => "|λmin / λmax|".into(),
        (EIG_RATIO_SIGNED, _) => "λmin / λmax".into(),
        ("min_eig", _) => "λmin".into(),
        ("max_eig", _) => "λmax".into(),
        (_, "loss") => format!("{split} loss"),
        (_, "acc") => format!("{split} accuracy (%)"),
        (_, "err") => format!("{split} error (%)"),
        _ => name.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_names_with_units() {
        assert_eq!(title("train_loss_stderr"), "standard error of train loss");
        assert_eq!(title("test_err"), "test error (%)");
        assert_eq!(title("custom_thing"), "custom thing");
    }
}
