/// The value at a place between the points of a grid, bilinear; none beyond the axes (ascending, two points at least
/// each). `value` gives that of a row and a column.
pub fn bilinear(
    x: &[f64],
    y: &[f64],
    [at_x, at_y]: [f64; 2],
    value: impl Fn([usize; 2]) -> f64,
) -> Option<f64> {
    let ((column, u), (row, v)) = (cell(x, at_x)?, cell(y, at_y)?);
    let along = |row: usize| (1.0 - u) * value([row, column]) + u * value([row, column + 1]);
    Some((1.0 - v) * along(row) + v * along(row + 1))
}

/// The cell of an axis that holds a place, and how far into it the place is: from 0 to 1.
fn cell(axis: &[f64], at: f64) -> Option<(usize, f64)> {
    let inside = at >= axis[0] && at <= axis[axis.len() - 1];
    let k = axis
        .partition_point(|coordinate| *coordinate <= at)
        .clamp(1, axis.len() - 1)
        - 1;
    inside.then(|| (k, (at - axis[k]) / (axis[k + 1] - axis[k])))
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
