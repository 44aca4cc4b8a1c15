use crate::{
    canvas::{Canvas, Label, Point, Rect, Stroke},
    colour::Colour,
    scale::Scale,
    text::{self, Anchor},
};

/// Size of the numbers on axes, in points.
pub(crate) const NUMBERS: f64 = 9.0;
/// Size of the labels of axes.
pub(crate) const LABELS: f64 = 10.0;
/// Size of the title.
pub(crate) const TITLE: f64 = 11.0;
/// Width of frames and ticks.
const FRAME: f64 = 0.8;
const TICK: f64 = 3.5;
const MINOR: f64 = 2.0;
/// Between ticks and numbers, and between numbers and labels.
const GAP: f64 = 3.0;

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
pub(crate) fn vertical_space(scale: &Scale, height: f64) -> f64 {
    let numbers =
        scale.ticks(count(height, 34.0)).iter().map(|tick| text::width(&tick.label, NUMBERS)).fold(0.0, f64::max);
    TICK + GAP + numbers + 2.0 * GAP + LABELS + GAP
}

/// The space that a horizontal axis takes below the frame.
pub(crate) const HORIZONTAL_SPACE: f64 = TICK + GAP + NUMBERS + 2.0 * GAP + LABELS + GAP;

/// The space of a title above the frame.
pub(crate) fn title_space(title: &str) -> f64 {
    if title.is_empty() { 12.0 } else { 14.0 + TITLE }
}

/// How many ticks fit along an axis.
fn count(length: f64, apart: f64) -> usize {
    ((length / apart) as usize).clamp(4, 9)
}

impl Axes {
    /// Where a point of the data lies on the canvas.
    pub(crate) fn place(&self, [x, y]: [f64; 2]) -> Point {
        [self.area.x + self.x.at(x) * self.area.width, self.area.bottom() - self.y.at(y) * self.area.height]
    }

    pub(crate) fn places(&self, points: &[[f64; 2]]) -> Vec<Point> {
        points.iter().map(|point| self.place(*point)).collect()
    }

    /// The frame, and a title above it.
    pub(crate) fn frame(&self, canvas: &mut Canvas, title: &str) {
        canvas.outline(self.area, Stroke::solid(Colour::BLACK, FRAME));
        let at = [self.area.x + self.area.width / 2.0, self.area.y - 7.0];
        label(canvas, at, title, TITLE, Anchor::Middle, Colour::BLACK);
    }

    /// Faint lines at the labelled ticks.
    pub(crate) fn grid(&self, canvas: &mut Canvas) {
        let stroke = Stroke::solid(Colour::GRID, 0.5);
        for tick in self.x.ticks(count(self.area.width, 45.0)).iter().filter(|tick| !tick.label.is_empty()) {
            let x = self.area.x + self.x.at(tick.value) * self.area.width;
            canvas.line(&[[x, self.area.y], [x, self.area.bottom()]], stroke);
        }
        for tick in self.y.ticks(count(self.area.height, 34.0)).iter().filter(|tick| !tick.label.is_empty()) {
            let y = self.area.bottom() - self.y.at(tick.value) * self.area.height;
            canvas.line(&[[self.area.x, y], [self.area.right(), y]], stroke);
        }
    }

    pub(crate) fn horizontal(&self, canvas: &mut Canvas, name: &str) {
        let bottom = self.area.bottom();
        for tick in self.x.ticks(count(self.area.width, 45.0)) {
            let x = self.area.x + self.x.at(tick.value) * self.area.width;
            canvas.line(&[[x, bottom], [x, bottom + length(&tick.label)]], Stroke::solid(Colour::BLACK, FRAME));
            label(
                canvas,
                [x, bottom + TICK + GAP + text::CAPITAL * NUMBERS],
                &tick.label,
                NUMBERS,
                Anchor::Middle,
                Colour::BLACK,
            );
        }
        let at = [self.area.x + self.area.width / 2.0, bottom + TICK + GAP + NUMBERS + GAP + LABELS];
        label(canvas, at, name, LABELS, Anchor::Middle, Colour::BLACK);
    }

    pub(crate) fn vertical(&self, canvas: &mut Canvas, name: &str, side: Side, colour: Colour) {
        vertical(canvas, self.area, &self.y, name, side, colour);
    }
}

/// A vertical axis beside a frame.
pub(crate) fn vertical(canvas: &mut Canvas, area: Rect, scale: &Scale, name: &str, side: Side, colour: Colour) {
    let (x, outwards, anchor) = match side {
        Side::Left => (area.x, -1.0, Anchor::End),
        Side::Right => (area.right(), 1.0, Anchor::Start),
    };
    let mut widest: f64 = 0.0;
    for tick in scale.ticks(count(area.height, 34.0)) {
        let y = area.bottom() - scale.at(tick.value) * area.height;
        canvas.line(&[[x, y], [x + outwards * length(&tick.label), y]], Stroke::solid(colour, FRAME));
        let at = [x + outwards * (TICK + GAP), y + text::CAPITAL * NUMBERS / 2.0];
        label(canvas, at, &tick.label, NUMBERS, anchor, colour);
        widest = widest.max(text::width(&tick.label, NUMBERS));
    }
    let beside = TICK + GAP + widest + 2.0 * GAP;
    let at = match side {
        Side::Left => x - beside,
        Side::Right => x + beside + text::CAPITAL * LABELS,
    };
    let at = [at, area.y + area.height / 2.0];
    canvas.label(&Label { at, text: name, size: LABELS, anchor: Anchor::Middle, angle: -90.0, colour });
}

fn length(label: &str) -> f64 {
    if label.is_empty() { MINOR } else { TICK }
}

/// A text that is not turned; an empty one is left out.
pub(crate) fn label(canvas: &mut Canvas, at: Point, text: &str, size: f64, anchor: Anchor, colour: Colour) {
    if !text.is_empty() {
        canvas.label(&Label { at, text, size, anchor, angle: 0.0, colour });
    }
}
