use colour::Colour;

use crate::figure::{
    canvas::{Canvas, Label},
    look::Look,
    rect::{Point, Rect},
    scale::Scale,
    stroke::Stroke,
    text::{self, Anchor},
    ticks::Tick,
};

/// Width of frames and ticks, lengths of ticks, and the gap between ticks, numbers and labels, in
/// [`Look::unit`]s.
const FRAME: f64 = 0.8;
const TICK: f64 = 3.5;
const MINOR: f64 = 2.0;
const GAP: f64 = 3.0;
/// Between a vertical axis and its numbers, likewise.
pub(crate) const NUMBERS: f64 = TICK + GAP;

/// A frame with its two scales.
pub(crate) struct Axes {
    pub(crate) area: Rect,
    pub(crate) x: Scale,
    pub(crate) y: Scale,
}

/// The side of the frame on which a vertical axis stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// The space that a vertical axis takes beside the frame: ticks, numbers and label.
pub(crate) fn vertical_space(scale: &Scale, height: f64, look: Look) -> f64 {
    ticks_space(&vertical_ticks(scale, height, look), look) + label_space(look)
}

/// The part of it that ticks and numbers take.
pub(crate) fn ticks_space(ticks: &[Tick], look: Look) -> f64 {
    let mut widest = 0.0f64;
    for tick in ticks {
        widest = widest.max(text::width(&tick.label, look.numbers()));
    }
    (TICK + 2.0 * GAP) * look.unit() + widest
}

/// The part that the label takes.
pub(crate) fn label_space(look: Look) -> f64 {
    look.labels + 2.0 * GAP * look.unit()
}

/// The space that a horizontal axis takes below the frame.
pub(crate) fn horizontal_space(look: Look) -> f64 {
    look.numbers() + look.labels + (TICK + 4.0 * GAP) * look.unit()
}

/// The space of a title above the frame.
pub(crate) fn title_space(title: &str, look: Look) -> f64 {
    if title.is_empty() {
        0.8 * look.labels
    } else {
        1.2 * look.labels + look.title()
    }
}

/// The space at the right of a frame that has nothing there but half of its last number.
pub(crate) fn margin(look: Look) -> f64 {
    1.6 * look.labels
}

/// Ticks whose numbers stand clear of each other.
pub(crate) fn vertical_ticks(scale: &Scale, height: f64, look: Look) -> Vec<Tick> {
    scale.ticks(((height / (3.4 * look.labels)) as usize).clamp(2, 9))
}

/// Ticks of a horizontal axis whose numbers stand clear of each other.
pub(crate) fn horizontal_ticks(scale: &Scale, width: f64, look: Look) -> Vec<Tick> {
    let most = ((width / (3.4 * look.labels)) as usize).clamp(2, 9);
    for count in (2..=most).rev() {
        let ticks = scale.ticks(count);
        if stand_apart(&ticks, scale, width, look) {
            return ticks;
        }
    }
    scale.ticks(1)
}

/// Whether the numbers along a horizontal axis of this width stand clear of each other.
pub(crate) fn stand_apart(ticks: &[Tick], scale: &Scale, width: f64, look: Look) -> bool {
    let labelled: Vec<&Tick> = ticks.iter().filter(|tick| tick.is_labelled()).collect();
    labelled.windows(2).all(|pair| {
        let apart = (scale.at(pair[1].value) - scale.at(pair[0].value)) * width;
        let widths = text::width(&pair[0].label, look.numbers())
            + text::width(&pair[1].label, look.numbers());
        widths / 2.0 + 0.6 * look.numbers() <= apart
    })
}

impl Axes {
    /// Where a point of the data lies on the canvas.
    pub(crate) fn place(&self, [x, y]: [f64; 2]) -> Point {
        [
            self.area.x + self.x.at(x) * self.area.width,
            self.area.bottom() - self.y.at(y) * self.area.height,
        ]
    }

    pub(crate) fn places(&self, points: &[[f64; 2]]) -> Vec<Point> {
        points.iter().map(|point| self.place(*point)).collect()
    }

    pub(crate) fn all_places(&self, lines: &[Vec<[f64; 2]>]) -> Vec<Vec<Point>> {
        lines.iter().map(|line| self.places(line)).collect()
    }

    pub(crate) fn frame(&self, canvas: &mut Canvas) {
        let look = canvas.look;
        canvas.outline(self.area, Stroke::solid(look.ink, FRAME * look.unit()));
    }

    /// A title at the upper edge of the canvas.
    pub(crate) fn title(&self, canvas: &mut Canvas, title: &str) {
        let look = canvas.look;
        let at = [self.area.centre()[0], 0.5 * look.labels + look.title()];
        label(canvas, at, title, look.title(), Anchor::Middle, look.ink);
    }

    /// Faint lines at the labelled ticks.
    pub(crate) fn grid(&self, canvas: &mut Canvas) {
        let stroke = Stroke::solid(canvas.look.grid, 0.5 * canvas.look.unit());
        let mut ticks = horizontal_ticks(&self.x, self.area.width, canvas.look);
        ticks.retain(Tick::is_labelled);
        for tick in ticks {
            let x = self.area.x + self.x.at(tick.value) * self.area.width;
            canvas.line(&[[x, self.area.y], [x, self.area.bottom()]], stroke);
        }
        self.rows(canvas);
    }

    /// Those of the vertical axis only.
    pub(crate) fn rows(&self, canvas: &mut Canvas) {
        let stroke = Stroke::solid(canvas.look.grid, 0.5 * canvas.look.unit());
        let mut ticks = vertical_ticks(&self.y, self.area.height, canvas.look);
        ticks.retain(Tick::is_labelled);
        for tick in ticks {
            let y = self.area.bottom() - self.y.at(tick.value) * self.area.height;
            canvas.line(&[[self.area.x, y], [self.area.right(), y]], stroke);
        }
    }

    pub(crate) fn horizontal(&self, canvas: &mut Canvas, name: &str) {
        let ticks = horizontal_ticks(&self.x, self.area.width, canvas.look);
        self.horizontal_with(canvas, name, &ticks);
    }

    /// A horizontal axis with these ticks.
    pub(crate) fn horizontal_with(&self, canvas: &mut Canvas, name: &str, ticks: &[Tick]) {
        let (look, unit, bottom) = (canvas.look, canvas.look.unit(), self.area.bottom());
        let numbers = bottom + (TICK + GAP) * unit + text::CAPITAL * look.numbers();
        for tick in ticks {
            let x = self.area.x + self.x.at(tick.value) * self.area.width;
            let end = bottom + length(&tick.label) * unit;
            canvas.line(
                &[[x, bottom], [x, end]],
                Stroke::solid(look.ink, FRAME * unit),
            );
            label(
                canvas,
                [x, numbers],
                &tick.label,
                look.numbers(),
                Anchor::Middle,
                look.ink,
            );
        }
        let at = [
            self.area.centre()[0],
            bottom + (TICK + 2.0 * GAP) * unit + look.numbers() + text::CAPITAL * look.labels,
        ];
        label(canvas, at, name, look.labels, Anchor::Middle, look.ink);
    }

    pub(crate) fn vertical(&self, canvas: &mut Canvas, name: &str, side: Side, colour: Colour) {
        let ticks = vertical_ticks(&self.y, self.area.height, canvas.look);
        vertical(canvas, self.area, (&self.y, &ticks), name, side, colour);
    }
}

/// A vertical axis with its ticks beside a frame.
pub(crate) fn vertical(
    canvas: &mut Canvas,
    area: Rect,
    (scale, ticks): (&Scale, &[Tick]),
    name: &str,
    side: Side,
    colour: Colour,
) {
    let (look, unit) = (canvas.look, canvas.look.unit());
    let (x, outwards, anchor) = match side {
        Side::Left => (area.x, -1.0, Anchor::End),
        Side::Right => (area.right(), 1.0, Anchor::Start),
    };
    for tick in ticks {
        let y = area.bottom() - scale.at(tick.value) * area.height;
        let end = x + outwards * length(&tick.label) * unit;
        canvas.line(&[[x, y], [end, y]], Stroke::solid(colour, FRAME * unit));
        let at = [
            x + outwards * (TICK + GAP) * unit,
            y + text::CAPITAL * look.numbers() / 2.0,
        ];
        label(canvas, at, &tick.label, look.numbers(), anchor, colour);
    }
    let beside = ticks_space(ticks, look) + GAP * look.unit();
    let at = match side {
        Side::Left => x - beside,
        Side::Right => x + beside + text::CAPITAL * look.labels,
    };
    let at = [at, area.centre()[1]];
    if !name.is_empty() {
        canvas.label(&Label {
            at,
            text: name,
            size: look.labels,
            anchor: Anchor::Middle,
            angle: -90.0,
            colour,
        });
    }
}

fn length(label: &str) -> f64 {
    if label.is_empty() { MINOR } else { TICK }
}

/// A text that is not turned; an empty one is left out.
pub(crate) fn label(
    canvas: &mut Canvas,
    at: Point,
    text: &str,
    size: f64,
    anchor: Anchor,
    colour: Colour,
) {
    if !text.is_empty() {
        canvas.label(&Label {
            at,
            text,
            size,
            anchor,
            angle: 0.0,
            colour,
        });
    }
}
