//! Labels on contour lines: on the straightest free stretch of each line, which is cut there; a label that would touch
//! anything is left out.

use crate::{
    canvas::{Point, Rect},
    obstacles::{Obstacle, Obstacles, distance},
};

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
        let k = self
            .along
            .partition_point(|along| *along < length)
            .clamp(1, self.points.len() - 1);
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

/// Places labels one after another, each clear of those before, of all lines and of what else stands there.
pub(crate) struct Labeller<'a> {
    /// The axes: a label stays inside.
    area: Rect,
    /// Height of a label.
    size: f64,
    /// All lines, and trajectories.
    obstacles: &'a Obstacles,
    /// A legend.
    taken: Option<Rect>,
    placed: Vec<Placed>,
}

impl<'a> Labeller<'a> {
    pub(crate) fn new(
        area: Rect,
        size: f64,
        obstacles: &'a Obstacles,
        taken: Option<Rect>,
    ) -> Self {
        Self {
            area,
            size,
            obstacles,
            taken,
            placed: Vec::new(),
        }
    }

    /// Places a label of a width on a line that has this number among the obstacles; returns the line, cut, and the
    /// label.
    pub(crate) fn place(
        &mut self,
        line: &[Point],
        number: usize,
        width: f64,
    ) -> (Vec<Vec<Point>>, Option<Placed>) {
        let (measured, gap) = (Measured::new(line), width + 2.0 * MARGIN);
        let whole = vec![line.to_vec()];
        if measured.length() < 3.0 * gap {
            return (whole, None);
        }
        let steps = (measured.length() / 2.0) as usize;
        let centres =
            (0..=steps).map(|k| gap / 2.0 + (measured.length() - gap) * k as f64 / steps as f64);
        let candidates =
            centres.filter_map(|centre| self.candidate(&measured, number, centre, width));
        let best = candidates.min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, centre, label)) = best else {
            return (whole, None);
        };
        self.placed.push(label.clone());
        let pieces = measured.cut(centre - gap / 2.0, centre + gap / 2.0);
        (pieces.into(), Some(label))
    }

    /// The label at a length along the line with its cost, where nothing is in its way.
    fn candidate(
        &self,
        line: &Measured,
        number: usize,
        centre: f64,
        width: f64,
    ) -> Option<(f64, f64, Placed)> {
        let gap = width + 2.0 * MARGIN;
        let (a, b, middle) = (
            line.at(centre - gap / 2.0),
            line.at(centre + gap / 2.0),
            line.at(centre),
        );
        let chord = distance(a, b);
        if chord < 0.9 * gap {
            return None;
        }
        let bend = [0.2, 0.35, 0.5, 0.65, 0.8].map(|share| {
            let [x, y] = line.at(centre + (share - 0.5) * gap);
            ((x - a[0]) * (b[1] - a[1]) - (y - a[1]) * (b[0] - a[0])).abs() / chord
        });
        let bend = bend.into_iter().fold(0.0, f64::max);
        if bend > BEND * self.size {
            return None;
        }
        let angle = upright((b[1] - a[1]).atan2(b[0] - a[0]).to_degrees());
        let centred = [
            (a[0] + b[0] + 2.0 * middle[0]) / 4.0,
            (a[1] + b[1] + 2.0 * middle[1]) / 4.0,
        ];
        let label = Placed {
            centre: centred,
            angle,
            width,
        };
        // the line itself is cut under the label, and a little beyond
        let own =
            |point: &Obstacle| point.line == number && (point.along - centre).abs() < 0.65 * gap;
        let corners = self.corners(&label);
        let free = corners
            .iter()
            .all(|corner| self.area.contains(*corner, 2.0))
            && !self
                .taken
                .is_some_and(|taken| taken.meets(&around(&corners)))
            && !self.placed.iter().any(|other| self.touch(&label, other))
            && !self
                .obstacles
                .near(around(&corners))
                .any(|point| !own(point) && self.covers(&label, point.at));
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
        [
            [-width, -height],
            [width, -height],
            [width, height],
            [-width, height],
        ]
        .map(|[u, v]| {
            [
                label.centre[0] + u * cos - v * sin,
                label.centre[1] + u * sin + v * cos,
            ]
        })
    }

    /// Whether two labels overlap: no side of either separates them (separating axes).
    fn touch(&self, one: &Placed, other: &Placed) -> bool {
        let apart = |one: &Placed, other: &Placed| {
            let half = self.half(one);
            let corners = self.corners(other).map(|corner| Self::local(one, corner));
            (0..2).any(|k| {
                corners.iter().all(|corner| corner[k] > half[k])
                    || corners.iter().all(|corner| corner[k] < -half[k])
            })
        };
        !apart(one, other) && !apart(other, one)
    }
}

/// The rectangle around some points.
fn around(points: &[Point]) -> Rect {
    let extent = |axis: usize| {
        let values = points.iter().map(|point| point[axis]);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    };
    let ((left, right), (top, bottom)) = (extent(0), extent(1));
    Rect {
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
    }
}

/// The angle of a text along a line, in degrees, so that it is not upside down.
pub(crate) fn upright(angle: f64) -> f64 {
    match angle {
        angle if angle > 90.0 => angle - 180.0,
        angle if angle < -90.0 => angle + 180.0,
        angle => angle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect {
        x: 0.0,
        y: 0.0,
        width: 200.0,
        height: 200.0,
    };

    fn level(y: f64) -> Vec<Point> {
        (0..=100).map(|k| [2.0 * f64::from(k), y]).collect()
    }

    #[test]
    fn a_line_is_cut_where_its_label_stands() {
        let mut obstacles = Obstacles::within(AREA);
        let number = obstacles.add(&level(100.0));
        let (pieces, label) =
            Labeller::new(AREA, 8.0, &obstacles, None).place(&level(100.0), number, 20.0);
        let label = label.unwrap();
        assert_eq!((pieces.len(), label.angle), (2, 0.0));
        let gap = pieces[1][0][0] - pieces[0][pieces[0].len() - 1][0];
        assert!((gap - 25.0).abs() < 1e-9, "{gap}");
    }

    #[test]
    fn labels_touch_neither_each_other_nor_other_lines_nor_the_frame_nor_a_legend() {
        let lines: Vec<Vec<Point>> = [1.0, 60.0, 63.0, 120.0, 180.0].map(level).into();
        let mut obstacles = Obstacles::within(AREA);
        let numbers: Vec<usize> = lines.iter().map(|line| obstacles.add(line)).collect();
        let legend = Rect {
            x: 0.0,
            y: 170.0,
            width: 200.0,
            height: 20.0,
        };
        let mut labeller = Labeller::new(AREA, 8.0, &obstacles, Some(legend));
        let placed = lines
            .iter()
            .zip(numbers)
            .map(|(line, number)| labeller.place(line, number, 20.0).1.is_some());
        // the first is at the frame, the next two are too close to each other, the last is under the legend
        assert_eq!(
            placed.collect::<Vec<_>>(),
            [false, false, false, true, false]
        );
    }

    #[test]
    fn a_label_does_not_cover_another_stretch_of_its_own_line() {
        let mut obstacles = Obstacles::within(AREA);
        // there and back, 3 points apart
        let line: Vec<Point> = level(100.0)
            .into_iter()
            .chain(level(103.0).into_iter().rev())
            .collect();
        let number = obstacles.add(&line);
        assert!(
            Labeller::new(AREA, 8.0, &obstacles, None)
                .place(&line, number, 20.0)
                .1
                .is_none()
        );
    }

    #[test]
    fn turned_labels_are_told_apart() {
        let obstacles = Obstacles::within(AREA);
        let labeller = Labeller::new(AREA, 8.0, &obstacles, None);
        let label = |x: f64, angle: f64| Placed {
            centre: [x, 100.0],
            angle,
            width: 30.0,
        };
        assert!(labeller.touch(&label(100.0, 0.0), &label(115.0, 90.0)));
        assert!(!labeller.touch(&label(100.0, 90.0), &label(115.0, 90.0)));
        assert!(!labeller.touch(&label(100.0, 0.0), &label(140.0, 0.0)));
    }
}
