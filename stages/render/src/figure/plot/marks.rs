//! Networks whose places are known, with their names.

use files::Mark;

use crate::figure::{
    axes::Axes,
    canvas::{Canvas, Label},
    look::Look,
    rect::{Point, Rect},
    scene::Scene,
    text::{self, Anchor},
};

/// From the centre of a mark to its corners, in [`Look::unit`]s.
const RADIUS: f64 = 3.6;
/// The rim of paper around a mark, likewise.
const RIM: f64 = 1.2;
/// Between a mark and its name, likewise.
const GAP: f64 = 2.0;
/// How much of what lies below a name is hidden.
const OPACITY: f64 = 0.75;

/// A mark on the canvas.
pub(super) struct Placed {
    at: Point,
    name: String,
    /// Where the name stands.
    rect: Rect,
}

/// The marks of a scene at these places of the canvas that lie inside an area, with names beside
/// them that cover neither each other nor a mark, where there is room.
pub(super) fn placed(
    scene: &Scene,
    area: Rect,
    place: impl Fn(&Mark) -> Option<Point>,
) -> Vec<Placed> {
    let look = scene.look;
    let mut inside: Vec<(Point, &Mark)> = Vec::new();
    for mark in &scene.marks {
        match place(mark) {
            Some(at) if area.contains(at, 0.0) => inside.push((at, mark)),
            Some(_) | None => {}
        }
    }
    let symbols: Vec<Rect> = inside.iter().map(|(at, _)| around(*at, look)).collect();
    let mut placed: Vec<Placed> = Vec::new();
    for (at, mark) in &inside {
        let places = places(*at, &mark.name, look);
        let mut free = places.iter().filter(|rect| {
            let fits = rect
                .corners()
                .iter()
                .all(|corner| area.contains(*corner, 0.0));
            let taken = placed.iter().any(|other| other.rect.meets(rect));
            fits && !taken && !symbols.iter().any(|symbol| symbol.meets(rect))
        });
        let rect = free.next().copied().unwrap_or(places[0]);
        placed.push(Placed {
            at: *at,
            name: mark.name.clone(),
            rect,
        });
    }
    placed
}

/// The marks on the axis of a curve.
pub(super) fn on_axis(scene: &Scene, axes: &Axes) -> Vec<Placed> {
    let above = axes.area.bottom() - (RADIUS + RIM) * scene.look.unit();
    placed(scene, axes.area, |mark| {
        let [x, _] = axes.place([mark.at[0], axes.y.low]);
        (mark.at[1] == 0.0).then_some([x, above])
    })
}

impl Placed {
    /// What other labels must not cover: the mark and the line of its name.
    pub(super) fn obstacle(&self) -> Vec<Point> {
        let [_, y] = self.rect.centre();
        vec![self.at, [self.rect.x, y], [self.rect.right(), y]]
    }

    pub(super) fn draw(&self, canvas: &mut Canvas) {
        let look = canvas.look;
        let unit = look.unit();
        canvas.shade(&[self.rect.corners()], look.paper, OPACITY);
        canvas.fill(&[diamond(self.at, (RADIUS + RIM) * unit)], look.paper);
        canvas.fill(&[diamond(self.at, RADIUS * unit)], look.ink);
        let size = look.levels();
        let [x, y] = self.rect.centre();
        canvas.label(&Label {
            at: [x, y + text::CAPITAL * size / 2.0],
            text: &self.name,
            size,
            anchor: Anchor::Middle,
            angle: 0.0,
            colour: look.ink,
        });
    }
}

fn diamond([x, y]: Point, radius: f64) -> Vec<Point> {
    vec![
        [x, y - radius],
        [x + radius, y],
        [x, y + radius],
        [x - radius, y],
    ]
}

/// The rectangle of a mark.
fn around([x, y]: Point, look: Look) -> Rect {
    let radius = (RADIUS + RIM) * look.unit();
    Rect {
        x: x - radius,
        y: y - radius,
        width: 2.0 * radius,
        height: 2.0 * radius,
    }
}

/// Where the name of a mark may stand: right of it, left, above, below.
fn places([x, y]: Point, name: &str, look: Look) -> [Rect; 4] {
    let unit = look.unit();
    let size = look.levels();
    let (width, height) = (text::width(name, size) + 2.0 * unit, 1.3 * size);
    let away = (RADIUS + RIM + GAP) * unit;
    let middle = [x - width / 2.0, y - height / 2.0];
    let corners = [
        [x + away, middle[1]],
        [x - away - width, middle[1]],
        [middle[0], y - away - height],
        [middle[0], y + away],
    ];
    corners.map(|[x, y]| Rect {
        x,
        y,
        width,
        height,
    })
}
