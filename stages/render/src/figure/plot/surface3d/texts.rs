//! Texts beside the box of a surface.

use crate::figure::{
    look::Look,
    rect::{Point, Rect},
    text::{self, Anchor},
};

/// A text beside the box.
pub(super) struct Text {
    /// Its base line, at the anchor.
    pub(super) at: Point,
    pub(super) text: String,
    pub(super) size: f64,
    pub(super) anchor: Anchor,
    /// Degrees, clockwise.
    pub(super) angle: f64,
}

impl Text {
    /// A rectangle around it.
    pub(super) fn bounds(&self) -> Rect {
        let (width, height) = (
            text::width(&self.text, self.size),
            text::CAPITAL * self.size,
        );
        let left = match self.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => -width / 2.0,
            Anchor::End => -width,
        };
        // below the base line hangs a quarter of the size
        let (top, bottom) = (-height, 0.25 * self.size);
        let (sin, cos) = self.angle.to_radians().sin_cos();
        let corners = [
            [left, top],
            [left + width, top],
            [left + width, bottom],
            [left, bottom],
        ];
        let turned = corners.map(|[u, v]| {
            [
                self.at[0] + u * cos - v * sin,
                self.at[1] + u * sin + v * cos,
            ]
        });
        Rect::around_points(&turned)
    }
}

/// A number whose middle, or whose end, is at a place, unless it would touch one that is there.
pub(super) fn add_number(
    texts: &mut Vec<Text>,
    [x, y]: Point,
    text: String,
    anchor: Anchor,
    look: Look,
) {
    let size = look.numbers();
    let at = [x, y + text::CAPITAL * size / 2.0];
    let number = Text {
        at,
        text,
        size,
        anchor,
        angle: 0.0,
    };
    if !texts
        .iter()
        .any(|other| other.bounds().meets(&number.bounds()))
    {
        texts.push(number);
    }
}
