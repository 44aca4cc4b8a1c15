//! Fields on finer grids, by the cubic splines of to-vtp.

use anyhow::{Context, ensure};
use grid::Values;
use ndarray::Array2;

use crate::field::{Field, range};

impl Field {
    /// The same on `count` × `count` points: splines through the values, or through their
    /// logarithms. Nothing is beyond the range of what was measured, and where losses were cut off,
    /// the field stays flat.
    ///
    /// # Errors
    /// Fewer points than were measured.
    pub(crate) fn smoothed(&self, count: usize, log: bool) -> anyhow::Result<Self> {
        let measured = self.x.len().max(self.y.len());
        ensure!(
            count >= measured,
            "--smooth {count} is less than the {measured} points along an axis of the grid: use at \
             least {measured}"
        );
        let (low, high) = range(self.z.iter());
        let z = if log { self.logarithms() } else { self.z.clone() };
        let z = z.into_iter().collect();
        let values = Values { x: self.x.clone(), y: self.y.clone(), z };
        let fine = values.resampled(count, grid::cubic);

        let mut z = Array2::from_shape_vec((count, count), fine.z).context("one value per point")?;
        for ((row, column), value) in z.indexed_iter_mut() {
            let within = if log { value.exp() } else { *value }.clamp(low, high);
            *value = match self.limit {
                Some(limit) => self.cut_off(fine.x[column], fine.y[row], within, limit),
                None => within,
            };
        }
        Ok(Self { x: fine.x, y: fine.y, z, ..self.clone() })
    }

    /// The logarithms of all values; what has none lies below all that have one.
    pub(crate) fn logarithms(&self) -> Array2<f64> {
        let below = self.least_positive().ln() - 1.0;
        self.z.mapv(|value| if value <= 0.0 { below } else { value.ln() })
    }

    /// The value at a place of a field that was cut off at a limit: the limit inside of cells that
    /// reach it at all corners, less than the limit in cells that reach it nowhere.
    fn cut_off(&self, x: f64, y: f64, value: f64, limit: f64) -> f64 {
        let (column, row) = (cell(&self.x, x), cell(&self.y, y));
        let corners = [[row, column], [row, column + 1], [row + 1, column], [row + 1, column + 1]];
        match corners.into_iter().filter(|corner| self.z[*corner] >= limit).count() {
            _ if value.is_nan() => value,
            0 => value.min(limit.next_down()),
            4 => limit,
            // what is the limit but for rounding is the limit
            _ if value >= limit * (1.0 - 1e-12) => limit,
            _ => value,
        }
    }
}

/// The cell of an axis that holds a place.
fn cell(axis: &[f64], place: f64) -> usize {
    axis.partition_point(|coordinate| *coordinate <= place).clamp(1, axis.len() - 1) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bowl(limit: Option<f64>) -> Field {
        let axis: Vec<f64> = (0..11).map(|k| -1.0 + 0.2 * f64::from(k)).collect();
        let loss = |row: usize, column: usize| 0.01 + 40.0 * axis[column].hypot(axis[row]).powi(2);
        let z = Array2::from_shape_fn((11, 11), |(row, column)| {
            loss(row, column).min(limit.unwrap_or(f64::INFINITY))
        });
        Field { x: axis.clone(), y: axis.clone(), z, name: "train_loss".into(), limit, measured: [11, 11] }
    }

    #[test]
    fn the_range_is_that_of_what_was_measured_and_nodes_keep_their_values() {
        let field = bowl(None);
        for log in [false, true] {
            let fine = field.smoothed(51, log).unwrap();
            assert_eq!((fine.z.dim(), fine.measured), ((51, 51), [11, 11]));
            let ((low, high), (least, most)) = (range(field.z.iter()), range(fine.z.iter()));
            assert!(least >= low && most <= high);
            for (row, column) in [(0, 0), (5, 5), (3, 8)] {
                let (a, b) = (field.z[[row, column]], fine.z[[5 * row, 5 * column]]);
                assert!((a / b - 1.0).abs() < 1e-9, "{a} {b}");
            }
        }
        let error = field.smoothed(10, false).unwrap_err().to_string();
        assert!(error.contains("at least 11"), "{error}");
    }

    #[test]
    fn what_was_cut_off_stays_flat_and_the_rest_below() {
        let (limit, log) = (5.0, true);
        let fine = bowl(Some(limit)).smoothed(101, log).unwrap();
        for ((row, column), value) in fine.z.indexed_iter() {
            let radius = fine.x[column].hypot(fine.y[row]);
            // two cells on either side of the limit are decided by the spline
            if radius > 0.36 + 0.4 {
                assert_eq!(*value, limit, "{radius}");
            }
            if radius < 0.36 - 0.3 {
                assert!(*value < limit, "{radius}: {value}");
            }
        }
    }
}
