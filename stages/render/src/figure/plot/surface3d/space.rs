//! The box around a lit surface: walls, axes, the floor.

use super::{
    camera::{Camera, Vector, corners},
    texts::{Text, add_number},
};
use crate::figure::{
    canvas::{Canvas, Label},
    label::upright,
    look::Look,
    rect::{Point, Rect},
    scale::Scale,
    stroke::Stroke,
    text::{self, Anchor},
};

/// Half sizes of the box.
pub(super) const HALF: Vector = [1.15, 1.15, 0.8];
/// Part of the height between the floor and the surface where the floor has contours.
const LIFT: f64 = 0.25;
/// Between the height axis and its numbers, and between these and its label, in [`Look::unit`]s.
const GAP: f64 = 6.5;

/// A box with a scale along each side.
pub(super) struct Space {
    pub(super) scales: [Scale; 3],
    pub(super) camera: Camera,
    /// Whether the surface is lifted above the floor.
    pub(super) lifted: bool,
}

/// Longer names of axes run along them, shorter ones stand upright, as in matplotlib's mplot3d.
const UPRIGHT: usize = 4;

impl Space {
    /// A place of the data in the box; what is beyond the ends of an axis lies on its end.
    pub(super) fn place(&self, place: Vector) -> Vector {
        std::array::from_fn(|axis| self.along(axis, place[axis]))
    }

    fn along(&self, axis: usize, value: f64) -> f64 {
        let lift = if axis == 2 && self.lifted { LIFT } else { 0.0 };
        let at = lift + (1.0 - lift) * self.scales[axis].at(value).clamp(0.0, 1.0);
        (2.0 * at - 1.0) * HALF[axis]
    }

    /// Where a place on the floor, in the coordinates of the data, appears.
    pub(super) fn floor(&self, [x, y]: [f64; 2]) -> Point {
        self.camera
            .point([self.along(0, x), self.along(1, y), -HALF[2]])
    }

    /// The signs of the corner that is nearest to the eye.
    fn near(&self) -> Vector {
        self.camera
            .towards
            .map(|value| if value < 0.0 { -1.0 } else { 1.0 })
    }

    /// Labelled ticks along an axis, as places in the box along it.
    fn ticks(&self, axis: usize) -> Vec<(f64, String)> {
        let mut ticks = labelled(&self.scales[axis], if axis == 2 { 6 } else { 4 });
        for (along, _) in &mut ticks {
            *along = self.along(axis, *along);
        }
        ticks
    }

    /// The three walls behind the surface, with faint lines at the ticks.
    pub(super) fn walls(&self, canvas: &mut Canvas) {
        let look = canvas.look;
        let line = Stroke::solid(look.walls[1].mixed(look.ink, 0.14), 0.5 * look.unit());
        for (wall, shade) in look.walls.into_iter().enumerate() {
            let (u, v) = ((wall + 1) % 3, (wall + 2) % 3);
            let [right, top] = [HALF[u], HALF[v]];
            let corners = [[-right, -top], [right, -top], [right, top], [-right, top]];
            let corners = corners.map(|corner| self.on_wall(wall, corner));
            canvas.fill(&[corners.to_vec()], shade);
            for (along, _) in self.ticks(u) {
                let ends = [[along, -top], [along, top]];
                canvas.line(&ends.map(|end| self.on_wall(wall, end)), line);
            }
            for (along, _) in self.ticks(v) {
                let ends = [[-right, along], [right, along]];
                canvas.line(&ends.map(|end| self.on_wall(wall, end)), line);
            }
        }
    }

    /// Where a place on the wall across an axis appears, given along the two axes that follow.
    fn on_wall(&self, wall: usize, [u, v]: [f64; 2]) -> Point {
        let mut place = [0.0; 3];
        place[wall] = -self.near()[wall] * HALF[wall];
        place[(wall + 1) % 3] = u;
        place[(wall + 2) % 3] = v;
        self.camera.point(place)
    }

    /// The rectangle around the box and all texts.
    pub(super) fn bounds(&self, look: Look, names: [&str; 3]) -> Rect {
        let corners: Vec<Vector> = corners(HALF).collect();
        let mut bounds = self.camera.around(&corners);
        for text in self.texts(look, names) {
            bounds = bounds.around(&text.bounds());
        }
        bounds
    }

    /// The axes at the near edges of the floor, and the height at the edge that stands furthest
    /// left.
    pub(super) fn axes(&self, canvas: &mut Canvas, names: [&str; 3]) {
        let look = canvas.look;
        let line = Stroke::solid(look.ink, 0.8 * look.unit());
        let tick = 3.5 * look.unit();
        for (axis, half) in HALF.into_iter().enumerate().take(2) {
            let edge = self.floor_edge(axis);
            canvas.line(&[edge.at(-half), edge.at(half)], line);
            for (along, _) in self.ticks(axis) {
                canvas.line(&[edge.at(along), edge.beyond(edge.at(along), tick)], line);
            }
        }
        canvas.line(&[self.height_at(-HALF[2]), self.height_at(HALF[2])], line);
        for (along, _) in self.ticks(2) {
            let [x, y] = self.height_at(along);
            canvas.line(&[[x, y], [x - tick, y]], line);
        }
        for Text {
            at,
            text,
            size,
            anchor,
            angle,
        } in self.texts(look, names)
        {
            canvas.label(&Label {
                at,
                text: &text,
                size,
                anchor,
                angle,
                colour: look.ink,
            });
        }
    }

    /// All texts; numbers that would touch others are left out.
    fn texts(&self, look: Look, names: [&str; 3]) -> Vec<Text> {
        let mut texts = Vec::new();
        for (along, label) in self.ticks(2) {
            let [x, y] = self.height_at(along);
            add_number(
                &mut texts,
                [x - GAP * look.unit(), y],
                label,
                Anchor::End,
                look,
            );
        }
        for axis in 0..2 {
            let edge = self.floor_edge(axis);
            for (along, label) in self.ticks(axis) {
                // half of its width outwards: numbers of the two axes keep apart at their corner
                let [x, y] = edge.beyond(edge.at(along), 1.2 * look.numbers());
                let aside = edge.outwards[0] * text::width(&label, look.numbers()) / 2.0;
                add_number(&mut texts, [x + aside, y], label, Anchor::Middle, look);
            }
        }
        for (axis, name) in names.into_iter().enumerate().take(2) {
            texts.push(self.floor_name(axis, name, look));
        }
        texts.push(self.height_name(names[2], look));
        texts.retain(|text| !text.text.is_empty());
        texts
    }

    /// The near edge of the floor along an axis.
    fn floor_edge(&self, axis: usize) -> Edge<'_> {
        let mut edge = Edge {
            space: self,
            axis,
            outwards: [0.0, 0.0],
        };
        let (foot, out) = (edge.at(0.0), edge.out(0.3));
        let length = (out[0] - foot[0]).hypot(out[1] - foot[1]).max(1e-9);
        edge.outwards = [(out[0] - foot[0]) / length, (out[1] - foot[1]) / length];
        edge
    }

    /// The name of an axis of the floor: outside of its numbers, at the middle of the edge.
    fn floor_name(&self, axis: usize, name: &str, look: Look) -> Text {
        let edge = self.floor_edge(axis);
        let (from, to) = (edge.at(-HALF[axis]), edge.at(HALF[axis]));
        let along = upright((to[1] - from[1]).atan2(to[0] - from[0]).to_degrees());
        let short = name.chars().count() <= UPRIGHT;
        let angle = if short { 0.0 } else { along };
        let wide = edge.outwards[0].abs() * widest(&labelled(&self.scales[axis], 4), look);
        let half = if short {
            let (width, height) = (text::width(name, look.labels), text::CAPITAL * look.labels);
            0.5 * (edge.outwards[0].abs() * width + edge.outwards[1].abs() * height)
        } else {
            0.5 * look.labels
        };
        let [x, y] = edge.beyond(edge.at(0.0), 2.2 * look.numbers() + 0.8 * wide + half);
        // from the base line to the middle of the letters, across the text
        let (sin, cos) = angle.to_radians().sin_cos();
        let down = text::CAPITAL * look.labels / 2.0;
        let at = [x - sin * down, y + cos * down];
        Text {
            at,
            text: name.into(),
            size: look.labels,
            anchor: Anchor::Middle,
            angle,
        }
    }

    fn height_name(&self, name: &str, look: Look) -> Text {
        let [x, y] = self.height_at(0.0);
        let numbers = widest(&labelled(&self.scales[2], 6), look);
        let at = [x - 2.0 * GAP * look.unit() - numbers, y];
        Text {
            at,
            text: name.into(),
            size: look.labels,
            anchor: Anchor::Middle,
            angle: -90.0,
        }
    }

    /// A place along the vertical edge that stands furthest left.
    fn height_at(&self, along: f64) -> Point {
        let mut leftmost = [f64::INFINITY, 0.0];
        let mut place = leftmost;
        for [a, b] in [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]] {
            let foot = self.camera.point([a * HALF[0], b * HALF[1], 0.0]);
            if foot[0] < leftmost[0] {
                leftmost = foot;
                place = self.camera.point([a * HALF[0], b * HALF[1], along]);
            }
        }
        place
    }
}

/// An edge of the floor that is near to the eye.
struct Edge<'a> {
    space: &'a Space,
    axis: usize,
    /// Away from the box on the canvas: texts stand at distances in points, whatever its size.
    outwards: Point,
}

impl Edge<'_> {
    fn place(&self, along: f64, out: f64) -> Point {
        let other = 1 - self.axis;
        let mut place = [0.0, 0.0, -HALF[2]];
        place[self.axis] = along;
        place[other] = self.space.near()[other] * (HALF[other] + out);
        self.space.camera.point(place)
    }

    fn at(&self, along: f64) -> Point {
        self.place(along, 0.0)
    }

    fn out(&self, out: f64) -> Point {
        self.place(0.0, out)
    }

    fn beyond(&self, [x, y]: Point, distance: f64) -> Point {
        [
            x + self.outwards[0] * distance,
            y + self.outwards[1] * distance,
        ]
    }
}

fn labelled(scale: &Scale, count: usize) -> Vec<(f64, String)> {
    let mut labelled = Vec::new();
    for tick in scale.ticks(count) {
        if tick.is_labelled() {
            labelled.push((tick.value, tick.label));
        }
    }
    labelled
}

fn widest(ticks: &[(f64, String)], look: Look) -> f64 {
    let mut widest = 0.0f64;
    for (_, label) in ticks {
        widest = widest.max(text::width(label, look.numbers()));
    }
    widest
}
