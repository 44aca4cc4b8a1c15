//! The fonts, and what is known of them: widths, superscripts, which characters they have.

use std::{ops::RangeInclusive, path::Path, sync::OnceLock};

use anyhow::{Context, bail};
use ttf_parser::Face;
use usvg::fontdb::Database;

/// DejaVu Sans, cut down by font/make.sh.
const FONT: &[u8] = include_bytes!("../../font/DejaVuSans-subset.ttf");
/// The name under which it is found.
pub(crate) const FAMILY: &str = "DejaVu Sans";
/// Height of capital letters, in font sizes.
pub(crate) const CAPITAL: f64 = 0.73;
/// Size of a superscript, in font sizes.
pub(crate) const RAISED_SIZE: f64 = 0.7;
/// How far a superscript is raised, in font sizes.
pub(crate) const RAISED_BY: f64 = 0.42;
/// Characters that only change how others are drawn: joiners and selectors of variants.
const INVISIBLE: [RangeInclusive<char>; 2] = ['\u{200b}'..='\u{200f}', '\u{fe00}'..='\u{fe0f}'];

static FACES: OnceLock<Vec<Face<'static>>> = OnceLock::new();
/// The user's font and its name.
static BYTES: OnceLock<&'static [u8]> = OnceLock::new();
static OTHER_FAMILY: OnceLock<String> = OnceLock::new();

/// Which end of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// Adds the user's font to the embedded one, for all pictures of this process. To be called once,
/// before anything is drawn.
///
/// # Errors
/// A file that cannot be read or is no font.
pub(crate) fn add_font_for_all(path: &Path) -> anyhow::Result<()> {
    let bytes = stage::regular(path).and_then(std::fs::read);
    let bytes = bytes.with_context(|| format!("the font {} cannot be read", path.display()))?;
    // the library takes memory for as many fonts as a collection says that it has
    if let Some(count) = bytes.strip_prefix(b"ttcf").and_then(|rest| rest.get(4..8)) {
        let count = u32::from_be_bytes([count[0], count[1], count[2], count[3]]);
        anyhow::ensure!(
            count as usize <= bytes.len() / 12,
            "{} is damaged: it says that it holds {count} fonts",
            path.display()
        );
    }
    // the renderer must find it by its name, or there would be gaps
    let mut fonts = Database::new();
    fonts.load_font_data(bytes.clone());
    let name = fonts.faces().next().and_then(|face| face.families.first());
    let (Some((name, _)), Ok(_)) = (name, Face::parse(&bytes, 0)) else {
        bail!(
            "{} is not a font that can be used: give a .ttf or .otf file with names in it",
            path.display()
        );
    };
    let _ = OTHER_FAMILY.set(name.clone());
    // it is needed until the process ends
    let _ = BYTES.set(Vec::leak(bytes));
    Ok(())
}

/// The fonts for a renderer: these only, those of the system differ from machine to machine.
pub(crate) fn database() -> Database {
    let mut fonts = Database::new();
    fonts.load_font_data(FONT.to_vec());
    if let Some(bytes) = BYTES.get() {
        fonts.load_font_data(bytes.to_vec());
    }
    fonts
}

fn faces() -> &'static [Face<'static>] {
    FACES.get_or_init(|| {
        let bytes = [Some(&FONT), BYTES.get()];
        bytes
            .into_iter()
            .flatten()
            .filter_map(|bytes| Face::parse(bytes, 0).ok())
            .collect()
    })
}

/// The width of a character in font sizes; none where no font has it.
fn advance(c: char) -> Option<f64> {
    if let Some(face) = faces().get(face_of(c)?) {
        let glyph = face.glyph_index(c)?;
        let units = face.glyph_hor_advance(glyph).unwrap_or(0);
        return Some(f64::from(units) / f64::from(face.units_per_em()));
    }
    Some(0.0)
}

/// The first font that has a character; a number beyond all for one that is not seen.
fn face_of(c: char) -> Option<usize> {
    let found = faces()
        .iter()
        .position(|face| face.glyph_index(c).is_some());
    found.or_else(|| {
        INVISIBLE
            .iter()
            .any(|range| range.contains(&c))
            .then_some(usize::MAX)
    })
}

/// The parts of a text, each with the name of the font that sets it.
pub(crate) fn set(text: &str) -> Vec<(String, &'static str)> {
    let mut parts: Vec<(String, &'static str)> = Vec::new();
    for c in text.chars() {
        let family = match face_of(c) {
            Some(1) => OTHER_FAMILY.get().map_or(FAMILY, String::as_str),
            // what joins characters stays with them
            Some(usize::MAX) => parts.last().map_or(FAMILY, |part| part.1),
            _ => FAMILY,
        };
        match parts.last_mut() {
            Some((part, of)) if *of == family => part.push(c),
            _ => parts.push((c.into(), family)),
        }
    }
    parts
}

/// The first character of a text that no font has.
pub(crate) fn missing(text: &str) -> Option<char> {
    text.chars().find(|c| advance(*c).is_none())
}

/// The parts of a text before and after its `^`, with whether they are raised.
pub(crate) fn runs(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let (base, raised) = text.split_once('^').unwrap_or((text, ""));
    [(base, false), (raised, true)]
        .into_iter()
        .filter(|(run, _)| !run.is_empty())
}

/// The width of a text in points.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let mut width = 0.0;
    for (run, raised) in runs(text) {
        let sum: f64 = run.chars().filter_map(advance).sum();
        width += sum * size * if raised { RAISED_SIZE } else { 1.0 };
    }
    width
}

/// A text as XML wants it.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn superscripts_are_narrower() {
        assert!(width("10^3", 10.0) < width("103", 10.0));
        assert_eq!(width("", 10.0), 0.0);
    }

    #[test]
    fn characters_of_other_scripts_are_missing() {
        assert_eq!(missing("λmin ≥ 10^−3 (85.1 %)"), None);
        assert_eq!(missing("loss \u{5b66}"), Some('\u{5b66}'));
        assert_eq!(missing("a\u{200d}b\u{fe0f}"), None);
    }
}
