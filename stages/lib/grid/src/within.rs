/// A place of the plane.
type Place = [f64; 2];

/// The part of a segment inside of a rectangle with these corners, if there is one. An end that
/// lies inside stays as it is; a place that is no number lies nowhere.
pub fn within([a, b]: [Place; 2], low: Place, high: Place) -> Option<[Place; 2]> {
    let (a, b) = (reckoned(a)?, reckoned(b)?);
    // each end is measured from the other one: the share of a long way is exact near its start
    let (_, end) = shares([a, b], low, high)?;
    let (_, start) = shares([b, a], low, high)?;
    let ends = [between([b, a], start), between([a, b], end)];
    Some(ends.map(|end| [0, 1].map(|axis| end[axis].clamp(low[axis], high[axis]))))
}

/// A place that can be reckoned with: differences and products stay finite.
pub fn reckoned(place: Place) -> Option<Place> {
    let finite = place.iter().all(|along| along.is_finite());
    finite.then(|| place.map(|along| along.clamp(-1e100, 1e100)))
}

/// The shares of a segment at which it enters and leaves a rectangle (Liang and Barsky 1984).
fn shares([a, b]: [Place; 2], low: Place, high: Place) -> Option<(f64, f64)> {
    let (mut enters, mut leaves) = (0.0f64, 1.0f64);
    for axis in 0..2 {
        let way = b[axis] - a[axis];
        if way == 0.0 {
            if a[axis] < low[axis] || a[axis] > high[axis] {
                return None;
            }
            continue;
        }
        let [first, last] = [low, high].map(|border| (border[axis] - a[axis]) / way);
        enters = enters.max(first.min(last));
        leaves = leaves.min(first.max(last));
    }
    (enters <= leaves).then_some((enters, leaves))
}

fn between([a, b]: [Place; 2], share: f64) -> Place {
    if share >= 1.0 {
        return b;
    }
    [0, 1].map(|axis| a[axis] + share * (b[axis] - a[axis]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_ends_are_cut_off_and_near_ones_stay() {
        let cut = |a, b| within([a, b], [-1.0, -1.0], [1.0, 1.0]);
        assert_eq!(cut([0.1, 0.2], [0.3, 0.7]), Some([[0.1, 0.2], [0.3, 0.7]]));
        assert_eq!(
            cut([0.1, 0.5], [1e300, 0.5]),
            Some([[0.1, 0.5], [1.0, 0.5]])
        );
        assert_eq!(
            cut([-9.0, 0.0], [9.0, 0.0]),
            Some([[-1.0, 0.0], [1.0, 0.0]])
        );
        assert_eq!(cut([2.0, -5.0], [2.0, 5.0]), None);
        assert_eq!(cut([f64::NAN, 0.0], [0.0, 0.0]), None);
    }
}
