//! Labels on contour lines: on the straightest free stretch of each line, which is cut there; a
//! label that would touch anything is left out.

use crate::figure::{
    obstacles::{Obstacle, Obstacles, distance},
    rect::{Point, Rect},
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

/// A label that might be placed.
struct Candidate {
    /// How badly it reads.
    cost: f64,
    /// How far along the line its centre is.
    along: f64,
    label: Placed,
}

/// A stretch of a line.
#[derive(Clone, Copy)]
struct Stretch {
    line: usize,
    centre: f64,
    half: f64,
}

impl Stretch {
    fn holds(&self, point: &Obstacle) -> bool {
        point.line == self.line && (point.along - self.centre).abs() < self.half
    }
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
        let end = self.along.partition_point(|along| *along < from);
        let start = self.along.partition_point(|along| *along <= to);
        let mut before = self.points[..end].to_vec();
        before.push(self.at(from));
        let mut after = vec![self.at(to)];
        after.extend(&self.points[start..]);
        [before, after]
    }
}

/// Places labels one after another, each clear of those before, of all lines and of a legend.
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

    /// Places a label of a width on a line that has this number among the obstacles; returns the
    /// line, cut, and the label.
    pub(crate) fn place(
        &mut self,
        line: &[Point],
        number: usize,
        width: f64,
    ) -> (Vec<Vec<Point>>, Option<Placed>) {
        let (measured, gap) = (Measured::new(line), width + 2.0 * MARGIN);
        let Some(best) = self.cheapest(&measured, number, width) else {
            return (vec![line.to_vec()], None);
        };
        self.placed.push(best.label.clone());
        let pieces = measured.cut(best.along - gap / 2.0, best.along + gap / 2.0);
        (pieces.into(), Some(best.label))
    }

    /// The label that reads best on a line that is long enough for one.
    fn cheapest(&self, line: &Measured, number: usize, width: f64) -> Option<Candidate> {
        let (length, gap) = (line.length(), width + 2.0 * MARGIN);
        if length < 3.0 * gap {
            return None;
        }
        let steps = (length / 2.0) as usize;
        let mut best: Option<Candidate> = None;
        for k in 0..=steps {
            let along = gap / 2.0 + (length - gap) * k as f64 / steps as f64;
            let Some(candidate) = self.candidate(line, number, along, width) else {
                continue;
            };
            // of places that are equally good, the first
            let better = match &best {
                Some(best) => candidate.cost.total_cmp(&best.cost).is_lt(),
                None => true,
            };
            if better {
                best = Some(candidate);
            }
        }
        best
    }

    /// The label at a length along the line, where nothing is in its way.
    fn candidate(
        &self,
        line: &Measured,
        number: usize,
        centre: f64,
        width: f64,
    ) -> Option<Candidate> {
        let gap = width + 2.0 * MARGIN;
        let a = line.at(centre - gap / 2.0);
        let b = line.at(centre + gap / 2.0);
        let middle = line.at(centre);
        let chord = distance(a, b);
        if chord < 0.9 * gap {
            return None;
        }
        let mut bend = 0.0f64;
        for share in [0.2, 0.35, 0.5, 0.65, 0.8] {
            let [x, y] = line.at(centre + (share - 0.5) * gap);
            let aside = (x - a[0]) * (b[1] - a[1]) - (y - a[1]) * (b[0] - a[0]);
            bend = bend.max(aside.abs() / chord);
        }
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
        let own = Stretch {
            line: number,
            centre,
            half: 0.65 * gap,
        };
        if !self.is_free(&label, own) {
            return None;
        }
        // level labels read best
        let steep = angle.to_radians().sin().abs();
        Some(Candidate {
            cost: bend + 1.2 * steep,
            along: centre,
            label,
        })
    }

    /// Whether a label lies inside the axes and touches nothing but a stretch of its own line.
    fn is_free(&self, label: &Placed, own: Stretch) -> bool {
        let corners = self.corners(label);
        if !corners
            .iter()
            .all(|corner| self.area.contains(*corner, 2.0))
        {
            return false;
        }
        let around = Rect::around_points(&corners);
        if self.taken.is_some_and(|taken| taken.meets(&around)) {
            return false;
        }
        if self.placed.iter().any(|other| self.touch(label, other)) {
            return false;
        }
        !self
            .obstacles
            .near(around)
            .any(|point| !own.holds(point) && self.covers(label, point.at))
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
        !self.separates(one, other) && !self.separates(other, one)
    }

    /// Whether a side of one label lies between it and another label.
    fn separates(&self, one: &Placed, other: &Placed) -> bool {
        let half = self.half(one);
        let corners = self.corners(other).map(|corner| Self::local(one, corner));
        (0..2).any(|k| {
            corners.iter().all(|corner| corner[k] > half[k])
                || corners.iter().all(|corner| corner[k] < -half[k])
        })
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
mod tests;
