//! The box around a lit surface: walls, axes, the floor.

use super::camera::{Camera, Vector};
use crate::{
    axes,
    canvas::{Canvas, Label, Point, Rect, Stroke},
    label::upright,
    look::Look,
    scale::Scale,
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

impl Space {
    /// The space at the left of the box for the height axis.
    pub(super) fn beside(height: &Scale, look: Look) -> f64 {
        widest(&labelled(height, 6), look) + look.labels + (2.0 * GAP + 4.0) * look.unit()
    }

    /// The space below the box for the other two axes.
    pub(super) fn below(look: Look) -> f64 {
        3.6 * look.labels
    }

    /// The space at its right for the numbers of the floor's axes.
    pub(super) fn aside(axes: [Scale; 2], look: Look) -> f64 {
        axes.iter().map(|axis| widest(&labelled(axis, 4), look)).fold(0.0, f64::max) + 0.8 * look.numbers()
    }

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
        self.camera.point([self.along(0, x), self.along(1, y), -HALF[2]])
    }

    /// The signs of the corner that is nearest to the eye.
    fn near(&self) -> Vector {
        self.camera.towards.map(|value| if value < 0.0 { -1.0 } else { 1.0 })
    }

    /// Labelled ticks along an axis, as places in the box along it.
    fn ticks(&self, axis: usize) -> Vec<(f64, String)> {
        let ticks = labelled(&self.scales[axis], if axis == 2 { 6 } else { 4 });
        ticks.into_iter().map(|(value, label)| (self.along(axis, value), label)).collect()
    }

    /// The three walls behind the surface, with faint lines at the ticks.
    pub(super) fn walls(&self, canvas: &mut Canvas) {
        let look = canvas.look;
        let line = Stroke::solid(look.walls[1].mixed(look.ink, 0.14), 0.5 * look.unit());
        for (wall, shade) in look.walls.into_iter().enumerate() {
            let (u, v) = ((wall + 1) % 3, (wall + 2) % 3);
            let at = |along_u: f64, along_v: f64| -> Point {
                let mut place = [0.0; 3];
                (place[wall], place[u], place[v]) = (-self.near()[wall] * HALF[wall], along_u, along_v);
                self.camera.point(place)
            };
            let corners =
                vec![at(-HALF[u], -HALF[v]), at(HALF[u], -HALF[v]), at(HALF[u], HALF[v]), at(-HALF[u], HALF[v])];
            canvas.fill(&[corners], shade);
            for (along, _) in self.ticks(u) {
                canvas.line(&[at(along, -HALF[v]), at(along, HALF[v])], line);
            }
            for (along, _) in self.ticks(v) {
                canvas.line(&[at(-HALF[u], along), at(HALF[u], along)], line);
            }
        }
    }

    /// The axes at the near edges of the floor, and the height at the edge that stands furthest left. Numbers that would
    /// touch others are left out.
    pub(super) fn axes(&self, canvas: &mut Canvas, names: [&str; 3]) {
        let mut taken = Vec::new();
        self.height_axis(canvas, names[2], &mut taken);
        (0..2).for_each(|axis| self.floor_axis(canvas, axis, names[axis], &mut taken));
    }

    fn floor_axis(&self, canvas: &mut Canvas, axis: usize, name: &str, taken: &mut Vec<Rect>) {
        let (look, near, other) = (canvas.look, self.near(), 1 - axis);
        let line = Stroke::solid(look.ink, 0.8 * look.unit());
        let at = |along: f64, out: f64| {
            let mut place = [0.0, 0.0, -HALF[2]];
            (place[axis], place[other]) = (along, near[other] * (HALF[other] + out));
            self.camera.point(place)
        };
        canvas.line(&[at(-HALF[axis], 0.0), at(HALF[axis], 0.0)], line);
        // outwards on the canvas: texts stand at distances in points, whatever the size of the box
        let (foot, out) = (at(0.0, 0.0), at(0.0, 0.3));
        let length = (out[0] - foot[0]).hypot(out[1] - foot[1]).max(1e-9);
        let outwards = [(out[0] - foot[0]) / length, (out[1] - foot[1]) / length];
        let beyond = |[x, y]: Point, distance: f64| [x + outwards[0] * distance, y + outwards[1] * distance];
        for (along, label) in self.ticks(axis) {
            let foot = at(along, 0.0);
            canvas.line(&[foot, beyond(foot, 3.5 * look.unit())], line);
            // half of its width outwards: numbers of the two axes keep apart at their corner
            let [x, y] = beyond(foot, 1.2 * look.numbers());
            let aside = outwards[0] * text::width(&label, look.numbers()) / 2.0;
            number(canvas, [x + aside, y], &label, Anchor::Middle, taken);
        }
        let (from, to) = (at(-HALF[axis], 0.0), at(HALF[axis], 0.0));
        let angle = upright((to[1] - from[1]).atan2(to[0] - from[0]).to_degrees());
        let wide = outwards[0].abs() * widest(&labelled(&self.scales[axis], 4), look);
        let [x, y] = beyond(foot, 2.6 * look.numbers() + 0.6 * wide);
        // from the base line to the middle of the letters, across the axis
        let (sin, cos) = angle.to_radians().sin_cos();
        let down = text::CAPITAL * look.labels / 2.0;
        let at = [x - sin * down, y + cos * down];
        canvas.label(&Label { at, text: name, size: look.labels, anchor: Anchor::Middle, angle, colour: look.ink });
    }

    fn height_axis(&self, canvas: &mut Canvas, name: &str, taken: &mut Vec<Rect>) {
        let look = canvas.look;
        let line = Stroke::solid(look.ink, 0.8 * look.unit());
        let edges = [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]];
        let foot = |edge: &[f64; 2]| self.camera.point([edge[0] * HALF[0], edge[1] * HALF[1], 0.0])[0];
        let edge = edges.into_iter().min_by(|a, b| foot(a).total_cmp(&foot(b))).unwrap_or(edges[0]);
        let at = |along: f64| self.camera.point([edge[0] * HALF[0], edge[1] * HALF[1], along]);
        canvas.line(&[at(-HALF[2]), at(HALF[2])], line);
        for (along, label) in self.ticks(2) {
            let [x, y] = at(along);
            canvas.line(&[[x, y], [x - 3.5 * look.unit(), y]], line);
            number(canvas, [x - GAP * look.unit(), y], &label, Anchor::End, taken);
        }
        let [x, y] = at(0.0);
        let x = x - 2.0 * GAP * look.unit() - widest(&labelled(&self.scales[2], 6), look);
        canvas.label(&Label {
            at: [x, y],
            text: name,
            size: look.labels,
            anchor: Anchor::Middle,
            angle: -90.0,
            colour: look.ink,
        });
    }
}

/// A number whose middle, or whose end, is at a place, unless it would touch one that is there.
fn number(canvas: &mut Canvas, [x, y]: Point, text: &str, anchor: Anchor, taken: &mut Vec<Rect>) {
    let size = canvas.look.numbers();
    let width = text::width(text, size);
    let left = if anchor == Anchor::End { x - width } else { x - width / 2.0 };
    let place = Rect { x: left - 1.0, y: y - size / 2.0, width: width + 2.0, height: size };
    if !taken.iter().any(|other| other.meets(&place)) {
        taken.push(place);
        axes::label(canvas, [x, y + text::CAPITAL * size / 2.0], text, size, anchor, canvas.look.ink);
    }
}

fn labelled(scale: &Scale, count: usize) -> Vec<(f64, String)> {
    let ticks = scale.ticks(count).into_iter().filter(|tick| !tick.label.is_empty());
    ticks.map(|tick| (tick.value, tick.label)).collect()
}

fn widest(ticks: &[(f64, String)], look: Look) -> f64 {
    ticks.iter().map(|(_, label)| text::width(label, look.numbers())).fold(0.0, f64::max)
}
