//! Labels on contour lines: on the straightest free stretch of each line, which is cut there; a label that would touch
//! anything is left out.

use crate::canvas::{Point, Rect};

/// Free space on both sides of a label, in points.
const MARGIN: f64 = 2.5;
/// How far a line may bend under a label, in font sizes.
const BEND: f64 = 0.4;

/// A label that was placed: a rectangle that is turned.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placed {
    pub(crate) centre: Point,
    /// Degrees, clockwise, between -90 and 90: the text is never upside down.
    pub(crate) angle: f64,
    pub(crate) width: f64,
}

/// A line on the canvas, measured along its length.
struct Measured<'a> {
    points: &'a [Point],
    along: Vec<f64>,
}

impl<'a> Measured<'a> {
    fn new(points: &'a [Point]) -> Self {
        let mut along = vec![0.0];
        for pair in points.windows(2) {
            along.push(along[along.len() - 1] + distance(pair[0], pair[1]));
        }
        Self { points, along }
    }

    fn length(&self) -> f64 {
        self.along[self.along.len() - 1]
    }

    /// The point at a length from the start.
    fn at(&self, length: f64) -> Point {
        let k = self.along.partition_point(|along| *along < length).clamp(1, self.points.len() - 1);
        let piece = (self.along[k] - self.along[k - 1]).max(1e-9);
        let share = ((length - self.along[k - 1]) / piece).clamp(0.0, 1.0);
        let (a, b) = (self.points[k - 1], self.points[k]);
        [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]
    }

    /// The line without the stretch from `from` to `to`.
    fn cut(&self, from: f64, to: f64) -> [Vec<Point>; 2] {
        let kept = |keep: &dyn Fn(f64) -> bool| {
            self.points
                .iter()
                .zip(&self.along)
                .filter(|(_, along)| keep(**along))
                .map(|(point, _)| *point)
                .collect::<Vec<_>>()
        };
        let mut before = kept(&|along| along < from);
        before.push(self.at(from));
        let mut after = vec![self.at(to)];
        after.extend(kept(&|along| along > to));
        [before, after]
    }
}

/// Places labels one after another, each clear of those before.
pub(crate) struct Labeller {
    /// The axes: a label stays inside.
    pub(crate) area: Rect,
    /// Height of a label.
    pub(crate) size: f64,
    /// Points that a label must not cover: other lines, the trajectory.
    pub(crate) obstacles: Vec<Point>,
    placed: Vec<Placed>,
}

impl Labeller {
    pub(crate) fn new(area: Rect, size: f64, obstacles: Vec<Point>) -> Self {
        Self { area, size, obstacles, placed: Vec::new() }
    }

    /// Places a label of a width on a line, between `own` other obstacles; returns the line, cut, and the label.
    pub(crate) fn place(&mut self, line: &[Point], width: f64, others: &[Point]) -> (Vec<Vec<Point>>, Option<Placed>) {
        let (measured, gap) = (Measured::new(line), width + 2.0 * MARGIN);
        let whole = vec![line.to_vec()];
        if measured.length() < 2.2 * gap {
            return (whole, None);
        }
        let steps = (measured.length() / 2.0) as usize;
        let centres = (0..=steps).map(|k| gap / 2.0 + (measured.length() - gap) * k as f64 / steps as f64);
        let candidates = centres.filter_map(|centre| self.candidate(&measured, centre, width, others));
        let best = candidates.min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, centre, label)) = best else { return (whole, None) };
        self.placed.push(label.clone());
        let pieces = measured.cut(centre - gap / 2.0, centre + gap / 2.0);
        (pieces.into(), Some(label))
    }

    /// The label at a length along the line with its cost, where nothing is in its way.
    fn candidate(&self, line: &Measured, centre: f64, width: f64, others: &[Point]) -> Option<(f64, f64, Placed)> {
        let gap = width + 2.0 * MARGIN;
        let (a, b, middle) = (line.at(centre - gap / 2.0), line.at(centre + gap / 2.0), line.at(centre));
        let chord = distance(a, b);
        if chord < 0.9 * gap {
            return None;
        }
        let bend = [0.2, 0.35, 0.5, 0.65, 0.8].map(|share| {
            let [x, y] = line.at(centre + (share - 0.5) * gap);
            ((x - a[0]) * (b[1] - a[1]) - (y - a[1]) * (b[0] - a[0])).abs() / chord
        });
        let bend = bend.into_iter().fold(0.0, f64::max);
        let mut angle = (b[1] - a[1]).atan2(b[0] - a[0]).to_degrees();
        angle = if angle > 90.0 {
            angle - 180.0
        } else if angle < -90.0 {
            angle + 180.0
        } else {
            angle
        };
        let centred = [(a[0] + b[0] + 2.0 * middle[0]) / 4.0, (a[1] + b[1] + 2.0 * middle[1]) / 4.0];
        let label = Placed { centre: centred, angle, width };
        let free = bend <= BEND * self.size
            && self.corners(&label).iter().all(|corner| self.area.contains(*corner, 2.0))
            && !self.placed.iter().any(|other| self.touch(&label, other))
            && !self.obstacles.iter().chain(others).any(|point| self.covers(&label, *point));
        // level labels read best
        let steep = angle.to_radians().sin().abs();
        free.then_some((bend + 1.2 * steep, centre, label))
    }

    /// A point in the label's own directions, from its centre.
    fn local(label: &Placed, point: Point) -> Point {
        let (sin, cos) = label.angle.to_radians().sin_cos();
        let (dx, dy) = (point[0] - label.centre[0], point[1] - label.centre[1]);
        [dx * cos + dy * sin, dy * cos - dx * sin]
    }

    fn half(&self, label: &Placed) -> Point {
        [label.width / 2.0 + MARGIN, 0.62 * self.size]
    }

    fn covers(&self, label: &Placed, point: Point) -> bool {
        let ([u, v], [width, height]) = (Self::local(label, point), self.half(label));
        u.abs() < width && v.abs() < height
    }

    fn corners(&self, label: &Placed) -> [Point; 4] {
        let (sin, cos) = label.angle.to_radians().sin_cos();
        let [width, height] = self.half(label);
        [[-width, -height], [width, -height], [width, height], [-width, height]]
            .map(|[u, v]| [label.centre[0] + u * cos - v * sin, label.centre[1] + u * sin + v * cos])
    }

    /// Whether two labels overlap: no side of either separates them (separating axes).
    fn touch(&self, one: &Placed, other: &Placed) -> bool {
        let apart = |one: &Placed, other: &Placed| {
            let half = self.half(one);
            let corners = self.corners(other).map(|corner| Self::local(one, corner));
            (0..2).any(|k| {
                corners.iter().all(|corner| corner[k] > half[k]) || corners.iter().all(|corner| corner[k] < -half[k])
            })
        };
        !apart(one, other) && !apart(other, one)
    }
}

pub(crate) fn distance(a: Point, b: Point) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// Points along a line, at most `step` apart, so that a line is seen as an obstacle all along.
pub(crate) fn dense(line: &[Point], step: f64) -> Vec<Point> {
    let between = |pair: &[Point]| {
        let (a, b) = (pair[0], pair[1]);
        let count = (distance(a, b) / step).ceil().max(1.0);
        (0..count as usize).map(move |k| {
            let share = k as f64 / count;
            [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]
        })
    };
    line.windows(2).flat_map(between).chain(line.last().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect { x: 0.0, y: 0.0, width: 200.0, height: 200.0 };

    fn level(y: f64) -> Vec<Point> {
        (0..=100).map(|k| [2.0 * f64::from(k), y]).collect()
    }

    #[test]
    fn a_line_is_cut_where_its_label_stands() {
        let mut labeller = Labeller::new(AREA, 8.0, Vec::new());
        let (pieces, label) = labeller.place(&level(100.0), 20.0, &[]);
        let label = label.unwrap();
        assert_eq!((pieces.len(), label.angle), (2, 0.0));
        let gap = pieces[1][0][0] - pieces[0][pieces[0].len() - 1][0];
        assert!((gap - 25.0).abs() < 1e-9, "{gap}");
    }

    #[test]
    fn labels_touch_neither_each_other_nor_other_lines_nor_the_frame() {
        let mut labeller = Labeller::new(AREA, 8.0, Vec::new());
        let lines: Vec<Vec<Point>> = [1.0, 60.0, 63.0, 120.0].map(level).into();
        let mut labels = Vec::new();
        for (k, line) in lines.iter().enumerate() {
            let others: Vec<Point> =
                lines.iter().enumerate().filter(|(j, _)| *j != k).flat_map(|(_, line)| dense(line, 1.0)).collect();
            labels.push(labeller.place(line, 20.0, &others).1.is_some());
        }
        // the first is at the frame, the next two are too close to each other
        assert_eq!(labels, [false, false, false, true]);
    }

    #[test]
    fn turned_labels_are_told_apart() {
        let labeller = Labeller::new(AREA, 8.0, Vec::new());
        let label = |x: f64, angle: f64| Placed { centre: [x, 100.0], angle, width: 30.0 };
        assert!(labeller.touch(&label(100.0, 0.0), &label(115.0, 90.0)));
        assert!(!labeller.touch(&label(100.0, 90.0), &label(115.0, 90.0)));
        assert!(!labeller.touch(&label(100.0, 0.0), &label(140.0, 0.0)));
    }
}
