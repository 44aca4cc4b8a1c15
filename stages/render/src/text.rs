//! The one font, and what is known of it: widths, superscripts.

use std::sync::LazyLock;

use ttf_parser::Face;

/// DejaVu Sans, cut down by font/make.sh.
pub(crate) const FONT: &[u8] = include_bytes!("../font/DejaVuSans-subset.ttf");
/// The name under which it is found.
pub(crate) const FAMILY: &str = "DejaVu Sans";
/// Height of capital letters, in font sizes.
pub(crate) const CAPITAL: f64 = 0.73;
/// Size of a superscript, in font sizes.
pub(crate) const RAISED_SIZE: f64 = 0.7;
/// How far a superscript is raised, in font sizes.
pub(crate) const RAISED_BY: f64 = 0.42;

static FACE: LazyLock<Face<'static>> = LazyLock::new(|| Face::parse(FONT, 0).expect("the embedded font is whole"));

/// Which end of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// The parts of a text before and after its `^`, with whether they are raised.
pub(crate) fn runs(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let (base, raised) = text.split_once('^').unwrap_or((text, ""));
    [(base, false), (raised, true)].into_iter().filter(|(run, _)| !run.is_empty())
}

/// The width of a text in points.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let units = f64::from(FACE.units_per_em());
    let advance = |c: char| FACE.glyph_index(c).and_then(|glyph| FACE.glyph_hor_advance(glyph));
    let of = |(run, raised): (&str, bool)| {
        let sum: f64 = run.chars().map(|c| f64::from(advance(c).unwrap_or(1200)) / units).sum();
        sum * if raised { RAISED_SIZE } else { 1.0 }
    };
    runs(text).map(of).sum::<f64>() * size
}

/// A text as XML wants it.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn superscripts_are_narrower() {
        assert!(width("10^3", 10.0) < width("103", 10.0));
        assert_eq!(width("", 10.0), 0.0);
    }
}
