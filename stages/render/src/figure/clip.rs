//! What lies outside of a rectangle is cut off before anything is made of it: neither the size of a
//! picture nor the time that it takes depends on how far away a point lies.

use crate::figure::rect::{Point, Rect};

/// The pieces of a line inside of a rectangle. A place that is no number interrupts the line.
pub(crate) fn line(points: &[Point], area: Rect) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    for pair in points.windows(2) {
        let Some([from, to]) = segment([pair[0], pair[1]], area) else {
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
    }
    pieces
}

/// The part of a segment inside of a rectangle, if there is one.
pub(crate) fn segment(ends: [Point; 2], area: Rect) -> Option<[Point; 2]> {
    grid::within(ends, [area.x, area.y], [area.right(), area.bottom()])
}

/// The part of the inside of a ring that lies inside of a rectangle (Sutherland and Hodgman 1974).
pub(crate) fn ring(points: &[Point], area: Rect) -> Vec<Point> {
    let mut ring: Vec<Point> = points.iter().copied().filter_map(grid::reckoned).collect();
    for side in Side::all(area) {
        let before = std::mem::take(&mut ring);
        for (k, &to) in before.iter().enumerate() {
            let from = before[(k + before.len() - 1) % before.len()];
            if side.inside(from) != side.inside(to) {
                ring.push(side.crossing(from, to));
            }
            if side.inside(to) {
                ring.push(to);
            }
        }
    }
    ring
}

/// A side of a rectangle: what lies beyond it is cut off.
#[derive(Clone, Copy)]
struct Side {
    axis: usize,
    border: f64,
    /// Whether the inside lies at the greater coordinates.
    upwards: bool,
}

impl Side {
    fn all(area: Rect) -> [Self; 4] {
        [
            Self::new(0, area.x, true),
            Self::new(0, area.right(), false),
            Self::new(1, area.y, true),
            Self::new(1, area.bottom(), false),
        ]
    }

    fn new(axis: usize, border: f64, upwards: bool) -> Self {
        Self {
            axis,
            border,
            upwards,
        }
    }

    fn inside(&self, place: Point) -> bool {
        (place[self.axis] >= self.border) == self.upwards || place[self.axis] == self.border
    }

    /// Where the way from one place to another crosses the side.
    fn crossing(&self, from: Point, to: Point) -> Point {
        let (axis, other) = (self.axis, 1 - self.axis);
        let share = (self.border - from[axis]) / (to[axis] - from[axis]);
        let mut place = [0.0; 2];
        place[axis] = self.border;
        place[other] = from[other] + share * (to[other] - from[other]);
        place
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AREA: Rect = Rect {
        x: 0.0,
        y: 0.0,
        width: 100.0,
        height: 50.0,
    };

    #[test]
    fn what_lies_inside_stays_and_far_ends_are_cut_off() {
        let inside = [[10.0, 10.0], [20.0, 40.0], [90.0, 10.0]];
        assert_eq!(line(&inside, AREA), [inside]);
        let far = [[10.0, 10.0], [1e30, 10.0], [20.0, 20.0], [20.0, f64::NAN]];
        let pieces = line(&far, AREA);
        assert_eq!(pieces[0], [[10.0, 10.0], [100.0, 10.0]]);
        assert_eq!(pieces.len(), 2);
        assert!(line(&[[-5.0, 0.0], [-5.0, 50.0]], AREA).is_empty());
    }

    #[test]
    fn a_ring_around_everything_becomes_the_rectangle() {
        let around = [[-1e9, -1e9], [1e9, -1e9], [1e9, 1e9], [-1e9, 1e9]];
        let cut = ring(&around, AREA);
        assert_eq!(cut.len(), 4);
        assert!(AREA.corners().iter().all(|corner| cut.contains(corner)));
        assert!(ring(&[[-3.0, 0.0], [-1.0, 0.0], [-2.0, 9.0]], AREA).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_leaves_the_rectangle(
            places in prop::collection::vec(prop::array::uniform2(any::<f64>()), 0..20),
        ) {
            let cut = line(&places, AREA).into_iter().flatten();
            prop_assert!(cut.into_iter().all(|place| AREA.contains(place, 0.0)));
            for place in ring(&places, AREA) {
                prop_assert!(AREA.contains(place, -1e-6), "{place:?}");
            }
        }
    }
}
