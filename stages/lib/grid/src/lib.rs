//! The points of a landscape: pure arithmetic, no files.
//!
//! An [`Axis`] is `min:max:count`, a [`Grid`] one or two of them, a [`Shard`] the part `i/n` of its
//! points. [`Values`] over a grid are resampled by cubic splines.

mod axis;
mod between;
mod choice;
mod curve;
mod resample;
mod shard;
mod spline;
mod within;

pub use axis::{Axis, AxisError};
pub use between::bilinear;
pub use choice::AxisChoice;
pub use curve::Curve;
pub use resample::{Interpolation, Values};
pub use shard::{Shard, ShardError};
pub use spline::{cubic, linear};
pub use within::{reckoned, within};

/// The points of one axis (a curve) or of two (a surface).
///
/// Points are numbered row by row: `index = iy · nx + ix`, row = y, column = x.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Coordinates along the x direction, in units of that direction.
    pub x: Vec<f64>,
    /// Coordinates along the y direction; `None` for a curve.
    pub y: Option<Vec<f64>>,
}

impl Grid {
    /// The grid that two axes span.
    pub fn new(x: &Axis, y: Option<&Axis>) -> Self {
        Self {
            x: x.coordinates(),
            y: y.map(Axis::coordinates),
        }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether the grid has no point.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Shape of an array over the grid: `[ny, nx]`, or `[nx]` for a curve.
    pub fn shape(&self) -> Vec<usize> {
        match &self.y {
            Some(y) => vec![y.len(), self.x.len()],
            None => vec![self.x.len()],
        }
    }

    /// Coordinates `(x, y)` of point `index`; y is 0 on a curve.
    pub fn point(&self, index: usize) -> (f64, f64) {
        let (row, column) = (index / self.x.len(), index % self.x.len());
        (self.x[column], self.y.as_ref().map_or(0.0, |y| y[row]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_run_along_x_first() {
        let grid = Grid::new(&"-1:1:3".parse().unwrap(), Some(&"0:1:2".parse().unwrap()));
        let points: Vec<_> = (0..grid.len()).map(|index| grid.point(index)).collect();
        assert_eq!(grid.shape(), [2, 3]);
        assert_eq!(
            points,
            [
                (-1.0, 0.0),
                (0.0, 0.0),
                (1.0, 0.0),
                (-1.0, 1.0),
                (0.0, 1.0),
                (1.0, 1.0)
            ]
        );
    }

    #[test]
    fn a_curve_stays_at_y_zero() {
        let grid = Grid::new(&"0:1:5".parse().unwrap(), None);
        assert_eq!((grid.shape(), grid.point(4)), (vec![5], (1.0, 0.0)));
    }
}
