//! What a label must not cover: points along lines, kept by the place on the canvas where they are.

use std::collections::HashMap;

use crate::canvas::{Point, Rect};

/// Side of a bucket in points.
const BUCKET: f64 = 8.0;
/// Points of a line are at most so far apart.
pub(crate) const STEP: f64 = 2.0;

/// A point of a line: which line, and how far along it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Obstacle {
    pub(crate) at: Point,
    pub(crate) line: usize,
    pub(crate) along: f64,
}

/// Points of all lines.
#[derive(Debug, Default)]
pub(crate) struct Obstacles {
    buckets: HashMap<(i32, i32), Vec<Obstacle>>,
    lines: usize,
}

fn bucket(at: Point) -> (i32, i32) {
    (
        (at[0] / BUCKET).floor() as i32,
        (at[1] / BUCKET).floor() as i32,
    )
}

impl Obstacles {
    /// Adds a line and returns its number.
    pub(crate) fn add(&mut self, line: &[Point]) -> usize {
        let mut along = 0.0;
        let mut add = |at, along| {
            self.buckets.entry(bucket(at)).or_default().push(Obstacle {
                at,
                line: self.lines,
                along,
            });
        };
        for pair in line.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let length = distance(a, b);
            let count = (length / STEP).ceil().max(1.0);
            for k in 0..count as usize {
                let share = k as f64 / count;
                add(
                    [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])],
                    along + share * length,
                );
            }
            along += length;
        }
        if let Some(last) = line.last() {
            add(*last, along);
        }
        self.lines += 1;
        self.lines - 1
    }

    /// The points near a rectangle, and some further ones.
    pub(crate) fn near(&self, rect: Rect) -> impl Iterator<Item = &Obstacle> {
        let ((left, top), (right, bottom)) = (
            bucket([rect.x, rect.y]),
            bucket([rect.right(), rect.bottom()]),
        );
        let rows =
            (top..=bottom).flat_map(move |row| (left..=right).map(move |column| (column, row)));
        rows.filter_map(|bucket| self.buckets.get(&bucket))
            .flatten()
    }
}

pub(crate) fn distance(a: Point, b: Point) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_near_all_along() {
        let mut obstacles = Obstacles::default();
        obstacles.add(&[[0.0, 0.0], [100.0, 0.0]]);
        let near = |x: f64, y: f64| {
            obstacles
                .near(Rect {
                    x,
                    y,
                    width: 3.0,
                    height: 3.0,
                })
                .count()
        };
        assert!(near(50.0, 1.0) > 0 && near(50.0, 40.0) == 0 && near(150.0, 0.0) == 0);
    }
}
