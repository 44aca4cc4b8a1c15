use crate::spline::piece;

/// The value at a place between the points of a grid by bilinear interpolation; `None` beyond the
/// axes. An axis ascends and has at least two points. `value` takes a row and a column.
pub fn bilinear(
    x: &[f64],
    y: &[f64],
    [at_x, at_y]: [f64; 2],
    value: impl Fn([usize; 2]) -> f64,
) -> Option<f64> {
    let (column, u) = cell(x, at_x)?;
    let (row, v) = cell(y, at_y)?;
    let [first, second] =
        [row, row + 1].map(|row| (1.0 - u) * value([row, column]) + u * value([row, column + 1]));
    Some((1.0 - v) * first + v * second)
}

/// The cell of an axis that holds a place, and how far into it the place is: from 0 to 1.
fn cell(axis: &[f64], at: f64) -> Option<(usize, f64)> {
    // a place that is NaN is not inside either
    let inside = at >= axis[0] && at <= axis[axis.len() - 1];
    if !inside {
        return None;
    }
    let k = piece(axis, at);
    Some((k, (at - axis[k]) / (axis[k + 1] - axis[k])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_met_exactly_and_nothing_is_beyond() {
        let (x, y) = ([-1.0, 0.0, 2.0], [0.0, 1.0]);
        let plane = |x: f64, y: f64| 3.0 * x - y;
        let at =
            |place: [f64; 2]| bilinear(&x, &y, place, |[row, column]| plane(x[column], y[row]));
        for place in [[-1.0, 0.0], [2.0, 1.0], [0.5, 0.25], [0.0, 1.0]] {
            assert_eq!(at(place), Some(plane(place[0], place[1])));
        }
        assert_eq!(
            (at([2.1, 0.5]), at([0.0, -0.1]), at([f64::NAN, 0.0])),
            (None, None, None)
        );
    }
}
