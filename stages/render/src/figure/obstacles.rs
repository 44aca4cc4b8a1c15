//! What a label must not cover: points along lines, kept by the place on the canvas where they are.

use std::collections::HashMap;

use crate::figure::{
    clip,
    rect::{Point, Rect},
};

/// Side of a bucket in points.
const BUCKET: f64 = 8.0;
/// The largest distance between two points of a line.
pub(crate) const STEP: f64 = 2.0;

/// A point of a line: which line, and how far along it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Obstacle {
    pub(crate) at: Point,
    pub(crate) line: usize,
    pub(crate) along: f64,
}

/// Points of all lines inside an area: their number does not depend on how far lines reach beyond
/// it.
#[derive(Debug)]
pub(crate) struct Obstacles {
    area: Rect,
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
    pub(crate) fn within(area: Rect) -> Self {
        Self {
            area,
            buckets: HashMap::new(),
            lines: 0,
        }
    }

    /// Adds a line and returns its number.
    pub(crate) fn add(&mut self, line: &[Point]) -> usize {
        let mut along = 0.0;
        for pair in line.windows(2) {
            let before = along;
            along += distance(pair[0], pair[1]);
            let Some([a, b]) = clip::segment([pair[0], pair[1]], self.area) else {
                continue;
            };
            let (length, start) = (distance(a, b), before + distance(pair[0], a));
            let count = (length / STEP).ceil().max(1.0);
            for k in 0..count as usize {
                let share = k as f64 / count;
                self.add_point(
                    [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])],
                    start + share * length,
                );
            }
        }
        if let Some(last) = line.last().filter(|at| self.area.contains(**at, 0.0)) {
            self.add_point(*last, along);
        }
        self.lines += 1;
        self.lines - 1
    }

    /// Adds a point of the line that is being added.
    fn add_point(&mut self, at: Point, along: f64) {
        self.buckets.entry(bucket(at)).or_default().push(Obstacle {
            at,
            line: self.lines,
            along,
        });
    }

    /// The points near a rectangle, and some further ones.
    pub(crate) fn near(&self, rect: Rect) -> impl Iterator<Item = &Obstacle> {
        let (left, top) = bucket([rect.x, rect.y]);
        let (right, bottom) = bucket([rect.right(), rect.bottom()]);
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
        let mut obstacles = Obstacles::within(Rect {
            x: 0.0,
            y: 0.0,
            width: 100.0,
            height: 50.0,
        });
        // only the part inside counts, however long the line is
        obstacles.add(&[[0.0, 0.0], [1e9, 0.0]]);
        let all: usize = obstacles.buckets.values().map(Vec::len).sum();
        assert_eq!(all, 50);
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
