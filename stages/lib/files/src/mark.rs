use crate::{AxisName, Meaning, Note};

/// Before the number of a mark.
const MARK: &str = "mark";
/// The cosine of the angle between the axes.
const COSINE: &str = "cosine";

/// A network with a known place on the plane of two directions: a remark of directions, shards and
/// surfaces, never in the id.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Its coordinates; y is 0 on a line.
    pub at: [f64; 2],
    /// Its name in pictures.
    pub name: String,
}

impl Mark {
    /// The marks among the remarks of a file. What cannot be read is no error: it is a remark.
    pub fn all(notes: &[(String, Note)]) -> Vec<Self> {
        let mut marks = Vec::new();
        for (name, note) in notes {
            if is_mark(name)
                && let Note::Text(text) = note
            {
                marks.extend(Self::parse(text));
            }
        }
        marks
    }

    /// Marks as remarks: `mark0`, `mark1`, …, each `X Y NAME`.
    pub fn notes(marks: &[Self]) -> Vec<(String, Note)> {
        let mut notes = Vec::new();
        for (number, Self { at: [x, y], name }) in marks.iter().enumerate() {
            notes.push((
                format!("{MARK}{number}"),
                Note::Text(format!("{x} {y} {name}")),
            ));
        }
        notes
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ' ');
        let [x, y] = [parts.next()?.parse().ok()?, parts.next()?.parse().ok()?];
        Some(Self {
            at: [x, y],
            name: parts.next()?.into(),
        })
    }
}

fn is_mark(name: &str) -> bool {
    let number = name.strip_prefix(MARK);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()))
}

/// Axes whose angle has a larger cosine are oblique: beyond some 6 degrees from a right angle, as
/// which pictures draw it.
const OBLIQUE: f64 = 0.1;

/// Whether pictures, which draw a right angle, mislead about axes with this cosine.
pub fn is_oblique(cosine: f64) -> bool {
    cosine.abs() > OBLIQUE
}

/// The cosine of the angle between the axes as a remark.
pub fn cosine_note(cosine: f64) -> (String, Note) {
    (COSINE.into(), Note::Real(cosine))
}

/// The cosine of the angle between the axes among the remarks of a file.
pub fn cosine_of(notes: &[(String, Note)]) -> Option<f64> {
    let (_, note) = notes.iter().find(|(name, _)| name == COSINE)?;
    match note {
        Note::Real(cosine) => Some(*cosine),
        Note::Text(_) | Note::Integer(_) => None,
    }
}

/// What shards and surfaces keep of the remarks of directions: what the axes mean, the networks
/// that are marked, the angle between the axes.
pub fn remarks_of_the_plane(notes: &[(String, Note)]) -> Vec<(String, Note)> {
    let mut kept = Vec::new();
    for axis in AxisName::ALL {
        kept.extend(Meaning::of(notes, axis).map(|meaning| meaning.note(axis)));
    }
    kept.extend(Mark::notes(&Mark::all(notes)));
    kept.extend(cosine_of(notes).map(cosine_note));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_as_they_were_written() {
        let marks = [([0.0, 0.0], "a"), ([12.25, -1e-7], "b 2, the last")].map(|(at, name)| Mark {
            at,
            name: name.into(),
        });
        let mut notes = Mark::notes(&marks);
        assert_eq!(notes[1].0, "mark1");
        notes.push(("mark".into(), Note::Text("1 2 no number".into())));
        notes.push(("mark9".into(), Note::Text("1 x no place".into())));
        notes.push(("seed".into(), Note::Integer(3)));
        notes.push(cosine_note(0.25));
        assert_eq!(Mark::all(&notes), marks);
        assert_eq!(cosine_of(&notes), Some(0.25));
        assert_eq!(remarks_of_the_plane(&notes).len(), 3);
    }
}
