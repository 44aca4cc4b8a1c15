//! Interpolation along a line: the cubic spline with "not-a-knot" ends (de Boor, *A Practical Guide
//! to Splines*, ch. IV), which is what SciPy's `RectBivariateSpline` with `s = 0` and matlab's
//! `spline` compute.

/// The piece of the knots that holds a place.
pub(crate) fn piece(knots: &[f64], at: f64) -> usize {
    knots
        .partition_point(|knot| *knot <= at)
        .clamp(1, knots.len() - 1)
        - 1
}

/// Linear interpolation of `values` at ascending `knots` (two at least).
pub fn linear(knots: &[f64], values: &[f64], places: &[f64]) -> Vec<f64> {
    let mut found = Vec::with_capacity(places.len());
    for at in places {
        let k = piece(knots, *at);
        let share = (at - knots[k]) / (knots[k + 1] - knots[k]);
        // exact at the knots, next to an infinite value too
        found.push(match share {
            0.0 => values[k],
            1.0 => values[k + 1],
            share => values[k] + share * (values[k + 1] - values[k]),
        });
    }
    found
}

/// Cubic interpolation; through two or three knots, a line or a parabola.
pub fn cubic(knots: &[f64], values: &[f64], places: &[f64]) -> Vec<f64> {
    let bends = second_derivatives(knots, values);
    let mut found = Vec::with_capacity(places.len());
    for at in places {
        let k = piece(knots, *at);
        let width = knots[k + 1] - knots[k];
        let a = (knots[k + 1] - at) / width;
        let b = (at - knots[k]) / width;
        let curve = (a.powi(3) - a) * bends[k] + (b.powi(3) - b) * bends[k + 1];
        found.push(a * values[k] + b * values[k + 1] + curve * width * width / 6.0);
    }
    found
}

/// The second derivatives at the knots.
fn second_derivatives(knots: &[f64], values: &[f64]) -> Vec<f64> {
    let count = knots.len();
    if count < 3 {
        return vec![0.0; count];
    }
    let widths: Vec<f64> = knots.windows(2).map(|ends| ends[1] - ends[0]).collect();
    let mut slopes = Vec::with_capacity(widths.len());
    for (ends, width) in values.windows(2).zip(&widths) {
        slopes.push((ends[1] - ends[0]) / width);
    }
    if count == 3 {
        return vec![2.0 * (slopes[1] - slopes[0]) / (widths[0] + widths[1]); 3];
    }
    // one equation for each inner knot; "not a knot" expresses the outer derivatives by the two
    // next to them
    let inner = count - 2;
    let mut below = widths[..inner].to_vec();
    let mut above = widths[1..].to_vec();
    let mut diagonal = vec![0.0; inner];
    let mut right = vec![0.0; inner];
    for k in 0..inner {
        diagonal[k] = 2.0 * (widths[k] + widths[k + 1]);
        right[k] = 6.0 * (slopes[k + 1] - slopes[k]);
    }
    let (first, second) = (widths[0], widths[1]);
    diagonal[0] += first * (1.0 + first / second);
    above[0] -= first * first / second;
    let (last, before) = (widths[count - 2], widths[count - 3]);
    diagonal[inner - 1] += last * (1.0 + last / before);
    below[inner - 1] -= last * last / before;
    for k in 1..inner {
        let factor = below[k] / diagonal[k - 1];
        diagonal[k] -= factor * above[k - 1];
        right[k] -= factor * right[k - 1];
    }
    let mut bends = vec![0.0; count];
    for k in (0..inner).rev() {
        bends[k + 1] = (right[k] - above[k] * bends[k + 2]) / diagonal[k];
    }
    // the last knot is 0 until here, where its factor `above` is not part of the equations
    bends[0] = bends[1] + (bends[1] - bends[2]) * first / second;
    bends[count - 1] = bends[count - 2] + (bends[count - 2] - bends[count - 3]) * last / before;
    bends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cubics_are_reproduced_exactly() {
        let knots = [-1.0, -0.4, 0.1, 0.9, 1.0];
        let cubic_of = |x: &f64| 2.0 * x.powi(3) - x.powi(2) + 0.5 * x - 3.0;
        let values: Vec<f64> = knots.iter().map(cubic_of).collect();
        let places: Vec<f64> = (0..=20).map(|k| -1.0 + f64::from(k) / 10.0).collect();
        let found = cubic(&knots, &values, &places);
        assert!(
            found
                .iter()
                .zip(&places)
                .all(|(found, place)| (found - cubic_of(place)).abs() < 1e-12),
            "{found:?}"
        );
    }

    #[test]
    fn few_knots_give_a_line_or_a_parabola() {
        assert_eq!(cubic(&[0.0, 2.0], &[1.0, 3.0], &[1.0]), [2.0]);
        assert!((cubic(&[0.0, 1.0, 3.0], &[0.0, 1.0, 9.0], &[2.0])[0] - 4.0).abs() < 1e-12);
    }
}
