/// Values at other places, from knots, the values there and the places: [`crate::cubic`] or
/// [`crate::linear`].
pub type Interpolation = fn(&[f64], &[f64], &[f64]) -> Vec<f64>;

/// Values over a grid, row by row: row = y, column = x.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// Coordinates of the columns, ascending.
    pub x: Vec<f64>,
    /// Coordinates of the rows, ascending.
    pub y: Vec<f64>,
    /// A value for each point; NaN where there is none.
    pub z: Vec<f64>,
}

impl Values {
    /// The same range on `count` × `count` points.
    ///
    /// Interpolates along x, then along y, and only through stretches of points without a hole
    /// between them: a cell of the grid that touches a hole stays a hole, and no missing point is
    /// invented.
    #[must_use]
    pub fn resampled(&self, count: usize, along: Interpolation) -> Self {
        let (x, y) = (evenly(&self.x, count), evenly(&self.y, count));
        let mut rows = Vec::with_capacity(x.len() * self.y.len());
        for row in self.z.chunks(self.x.len()) {
            rows.extend(line(&self.x, row, &x, along));
        }
        let mut z = vec![f64::NAN; x.len() * y.len()];
        for column in 0..x.len() {
            let values: Vec<f64> = rows.iter().skip(column).step_by(x.len()).copied().collect();
            for (row, value) in line(&self.y, &values, &y, along).into_iter().enumerate() {
                z[row * x.len() + column] = value;
            }
        }
        let mut fine = Self { x, y, z };
        if self.z.iter().any(|value| value.is_nan()) {
            self.leave_out_lines(&mut fine);
        }
        fine
    }

    /// Takes away values on the lines between cells of which none is whole: nothing but a line
    /// would be drawn of them.
    fn leave_out_lines(&self, fine: &mut Self) {
        let columns: Vec<Vec<usize>> = fine.x.iter().map(|x| cells(&self.x, *x)).collect();
        let rows: Vec<Vec<usize>> = fine.y.iter().map(|y| cells(&self.y, *y)).collect();
        for (k, value) in fine.z.iter_mut().enumerate() {
            let (row, column) = (k / fine.x.len(), k % fine.x.len());
            let (columns, rows) = (&columns[column], &rows[row]);
            let mut whole = false;
            for row in rows {
                whole |= columns.iter().any(|column| self.whole(*row, *column));
            }
            if !whole {
                *value = f64::NAN;
            }
        }
    }

    /// Whether a cell has values at all corners.
    fn whole(&self, row: usize, column: usize) -> bool {
        let first = row * self.x.len() + column;
        let corners = [
            first,
            first + 1,
            first + self.x.len(),
            first + self.x.len() + 1,
        ];
        corners.iter().all(|corner| !self.z[*corner].is_nan())
    }
}

/// The cells of an axis that a place lies in, or between.
fn cells(axis: &[f64], place: f64) -> Vec<usize> {
    let slack = 1e-9 * (axis[axis.len() - 1] - axis[0]);
    let mut cells = Vec::new();
    for k in 0..axis.len() - 1 {
        if axis[k] - slack <= place && place <= axis[k + 1] + slack {
            cells.push(k);
        }
    }
    cells
}

/// `count` places from the first to the last coordinate of an axis; both stay exact.
fn evenly(axis: &[f64], count: usize) -> Vec<f64> {
    let (first, last) = (axis[0], axis[axis.len() - 1]);
    let step = (last - first) / (count - 1) as f64;
    let mut places: Vec<f64> = (0..count).map(|k| first + k as f64 * step).collect();
    places[count - 1] = last;
    places
}

/// Values at the places of a line whose knots may have holes.
fn line(knots: &[f64], values: &[f64], places: &[f64], along: Interpolation) -> Vec<f64> {
    let mut found = vec![f64::NAN; places.len()];
    let mut start = 0;
    while start < knots.len() {
        let hole = values[start..].iter().position(|value| value.is_nan());
        let length = hole.unwrap_or(values.len() - start);
        let end = start + length;
        if length > 0 {
            // rounding may put a place a little beside the knot that it stands for
            let slack = 1e-9 * (knots[knots.len() - 1] - knots[0]);
            let from = places.partition_point(|place| *place < knots[start] - slack);
            let to = places.partition_point(|place| *place <= knots[end - 1] + slack);
            let inside = &places[from..to];
            let stretch = match length {
                1 => vec![values[start]; inside.len()],
                _ => along(&knots[start..end], &values[start..end], inside),
            };
            found[from..to].copy_from_slice(&stretch);
        }
        start = end + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cubic, linear};

    fn grid(nx: usize, ny: usize, z: impl Fn(f64, f64) -> f64) -> Values {
        let axis = |count: usize| evenly(&[-1.0, 1.0], count);
        let (x, y) = (axis(nx), axis(ny));
        let z = y
            .iter()
            .flat_map(|y| x.iter().map(|x| z(*x, *y)).collect::<Vec<_>>())
            .collect();
        Values { x, y, z }
    }

    #[test]
    fn a_product_of_cubics_is_reproduced_exactly() {
        let form = |x: f64, y: f64| (x.powi(3) - 2.0 * x) * (y * y + 0.5);
        let (found, wanted) = (grid(6, 5, form).resampled(31, cubic), grid(31, 31, form));
        for (found, wanted) in found.z.iter().zip(&wanted.z) {
            assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
        }
    }

    #[test]
    fn cells_that_touch_a_hole_stay_holes_and_all_others_have_values() {
        let mut values = grid(9, 9, |x, y| 1.0 + x + y);
        let hole = 4 * 9 + 2; // at (-0.5, 0)
        values.z[hole] = f64::NAN;
        for along in [cubic, linear] {
            let fine = values.resampled(41, along);
            for (k, value) in fine.z.iter().enumerate() {
                let (x, y) = (fine.x[k % 41], fine.y[k / 41]);
                let near = (x + 0.5).abs().max(y.abs()) < 0.25 - 1e-9;
                assert_eq!(value.is_nan(), near, "{x} {y}: {value}");
                assert!(
                    near || (value - (1.0 + x + y)).abs() < 1e-9,
                    "{x} {y}: {value}"
                );
            }
        }
    }

    /// `tests/golden/spline/make.py` says how SciPy made them.
    #[test]
    fn surfaces_are_those_of_scipy() {
        let golden = include_str!("../../../../tests/golden/spline/scipy.json");
        let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        let list = |name: &str| -> Vec<f64> {
            golden[name]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_f64().unwrap())
                .collect()
        };
        let (x, y, z, wanted) = (list("x"), list("y"), list("z"), list("resampled"));
        let found = Values { x, y, z }.resampled(9, cubic).z;
        assert_eq!(found.len(), wanted.len());
        assert!(
            found
                .iter()
                .zip(&wanted)
                .all(|(a, b)| (a - b).abs() < 1e-10),
            "{found:?}"
        );
    }
}
