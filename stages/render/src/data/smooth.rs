//! Fields on finer grids, by the cubic splines of to-vtp.

use anyhow::{Context, ensure};
use grid::Values;
use ndarray::Array2;

use crate::data::{extent::range, field::Field};

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
        let mut z = if log {
            self.logarithms()
        } else {
            self.z.clone()
        };
        if let Some(limit) = self.limit {
            grow(&mut z, if log { limit.ln() } else { limit });
        }
        let z = z.into_iter().collect();
        let values = Values {
            x: self.x.clone(),
            y: self.y.clone(),
            z,
        };
        let fine = values.resampled(count, grid::cubic);

        let mut z =
            Array2::from_shape_vec((count, count), fine.z).context("one value per point")?;
        for ((row, column), value) in z.indexed_iter_mut() {
            let within = if log { value.exp() } else { *value };
            *value = match self.limit {
                Some(limit) => self.cut_off(fine.x[column], fine.y[row], within, limit),
                None => within,
            };
            *value = value.clamp(low, high);
        }
        ensure!(
            z.iter().any(|value| !value.is_nan()),
            "no cell of the grid has a value at each corner: there is nothing to smooth"
        );
        Ok(Self {
            x: fine.x,
            y: fine.y,
            z,
            ..self.clone()
        })
    }

    /// The logarithms of all values; what has none lies below all that have one.
    pub(crate) fn logarithms(&self) -> Array2<f64> {
        let below = self.least_positive().ln() - 1.0;
        self.z
            .mapv(|value| if value <= 0.0 { below } else { value.ln() })
    }

    /// The value at a place of a field that was cut off at a limit: the limit inside of cells that
    /// reach it at all corners, less than the limit in cells that reach it nowhere.
    fn cut_off(&self, x: f64, y: f64, value: f64, limit: f64) -> f64 {
        let (column, row) = (cell(&self.x, x), cell(&self.y, y));
        let corners = [
            [row, column],
            [row, column + 1],
            [row + 1, column],
            [row + 1, column + 1],
        ];
        if value.is_nan() {
            return value;
        }
        let reach = corners.iter().filter(|corner| self.z[**corner] >= limit);
        match reach.count() {
            0 => value.min(limit.next_down()),
            4 => limit,
            _ => value.min(limit),
        }
    }
}

/// Lets a field that was cut off at a limit rise on beyond it, as it rose before: a spline then
/// crosses the limit between the points, where one through a plateau would bend at each of them.
/// Only whether a place lies beyond is seen of it.
fn grow(z: &mut Array2<f64>, limit: f64) {
    let (low, _) = range(z.iter());
    let (least, most) = (0.01 * (limit - low), 0.3 * (limit - low));
    let slack = 1e-12 * limit.abs();
    let mut unknown: Vec<[usize; 2]> = Vec::new();
    for ((row, column), value) in z.indexed_iter() {
        if *value >= limit - slack {
            unknown.push([row, column]);
        }
    }
    let mut known = z.mapv(|value| !value.is_nan());
    for place in &unknown {
        known[*place] = false;
    }
    // from the border inwards, one point after another
    while !unknown.is_empty() {
        let mut found = Vec::new();
        for place in &unknown {
            if let Some(value) = continued(z, &known, *place) {
                found.push((*place, value.clamp(limit + least, limit + most)));
            }
        }
        if found.is_empty() {
            return;
        }
        for (place, value) in &found {
            (z[*place], known[*place]) = (*value, true);
        }
        unknown.retain(|place| !known[*place]);
    }
}

/// The next place in a direction, where that is known.
fn known_step(
    known: &Array2<bool>,
    [row, column]: [usize; 2],
    [down, right]: [isize; 2],
) -> Option<[usize; 2]> {
    let place = [
        row.checked_add_signed(down)?,
        column.checked_add_signed(right)?,
    ];
    match known.get(place) {
        Some(true) => Some(place),
        Some(false) | None => None,
    }
}

/// The value that the known points beside a point lead to: the mean of the lines through two of
/// them in a row, as far as they rise.
fn continued(z: &Array2<f64>, known: &Array2<bool>, [row, column]: [usize; 2]) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0);
    for (down, right) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
        let Some(near) = known_step(known, [row, column], [down, right]) else {
            continue;
        };
        let far = known_step(known, near, [down, right]).unwrap_or(near);
        sum += z[near] + (z[near] - z[far]).max(0.0);
        count += 1;
    }
    (count > 0).then(|| sum / f64::from(count))
}

/// The cell of an axis that holds a place.
fn cell(axis: &[f64], place: f64) -> usize {
    axis.partition_point(|coordinate| *coordinate <= place)
        .clamp(1, axis.len() - 1)
        - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bowl(limit: Option<f64>) -> Field {
        let axis: Vec<f64> = (0..11).map(|k| -1.0 + 0.2 * f64::from(k)).collect();
        let loss = |row: usize, column: usize| 1.0 + 40.0 * axis[column].hypot(axis[row]).powi(2);
        let z = Array2::from_shape_fn((11, 11), |(row, column)| {
            loss(row, column).min(limit.unwrap_or(f64::INFINITY))
        });
        Field {
            x: axis.clone(),
            y: axis.clone(),
            z,
            quantity: files::Quantity::of_name("train_loss"),
            limit,
            measured: [11, 11],
        }
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
        let limit = 5.0;
        let fine = [false, true].map(|log| bowl(Some(limit)).smoothed(101, log).unwrap());
        for ((row, column), value) in fine.iter().flat_map(|fine| fine.z.indexed_iter()) {
            let fine = &fine[0];
            let radius = fine.x[column].hypot(fine.y[row]);
            // the border is a circle, to half a cell
            let border = ((limit - 1.0) / 40.0f64).sqrt();
            if radius > border + 0.1 {
                assert_eq!(*value, limit, "{radius}");
            }
            if radius < border - 0.1 {
                assert!(*value < limit, "{radius}: {value}");
            }
        }
    }
}
