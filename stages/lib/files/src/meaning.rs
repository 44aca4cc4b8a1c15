use std::fmt;

use crate::Note;

/// What an axis of a grid means: a remark of directions, shards and surfaces, never in the id.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    /// A random direction.
    Random,
    /// Towards another model, which stands at 1.
    Target(String),
    /// Towards another model, in units of distance: the plane has an orthonormal basis.
    Distance(String),
    /// A principal component of the checkpoints of a run.
    Component {
        /// Which one, from 1.
        number: usize,
        /// The share of the variance that it explains, from 0 to 1.
        ratio: f64,
    },
    /// An eigenvector of the Hessian, or of a relative of it.
    Eigenvector {
        /// Which one: 1 has the largest eigenvalue, -1 the smallest.
        number: i64,
        /// Its eigenvalue.
        value: f64,
    },
}

/// The axes that a meaning is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxisName {
    /// The first axis.
    X,
    /// The second axis.
    Y,
}

impl AxisName {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::X, Self::Y];

    /// The attribute that holds the meaning.
    fn attribute(self) -> &'static str {
        match self {
            Self::X => "xmeaning",
            Self::Y => "ymeaning",
        }
    }
}

impl Meaning {
    /// The meaning of an axis among the remarks of a file. What cannot be read is no error: it is a
    /// remark.
    pub fn of(notes: &[(String, Note)], axis: AxisName) -> Option<Self> {
        let (_, note) = notes.iter().find(|(name, _)| name == axis.attribute())?;
        match note {
            Note::Text(text) => Self::parse(text),
            Note::Integer(_) | Note::Real(_) => None,
        }
    }

    /// This meaning as a remark.
    pub fn note(&self, axis: AxisName) -> (String, Note) {
        (axis.attribute().into(), Note::Text(self.to_string()))
    }

    fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
        match kind {
            "random" => Some(Self::Random),
            "target" if !rest.is_empty() => Some(Self::Target(rest.into())),
            "distance" if !rest.is_empty() => Some(Self::Distance(rest.into())),
            "component" => {
                let (number, ratio) = rest.split_once(' ')?;
                Some(Self::Component {
                    number: number.parse().ok()?,
                    ratio: ratio.parse().ok()?,
                })
            }
            "eigenvector" => {
                let (number, value) = rest.split_once(' ')?;
                Some(Self::Eigenvector {
                    number: number.parse().ok()?,
                    value: value.parse().ok()?,
                })
            }
            _ => None,
        }
    }
}

/// As files have it: `random`, `target NAME`, `distance NAME`, `component NUMBER RATIO`,
/// `eigenvector NUMBER VALUE`.
impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Random => f.write_str("random"),
            Self::Target(name) => write!(f, "target {name}"),
            Self::Distance(name) => write!(f, "distance {name}"),
            Self::Component { number, ratio } => write!(f, "component {number} {ratio}"),
            Self::Eigenvector { number, value } => write!(f, "eigenvector {number} {value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meanings_are_read_as_they_were_written() {
        let meanings = [
            Meaning::Random,
            Meaning::Distance("b".into()),
            Meaning::Target("resnet 20, seed 2".into()),
            Meaning::Eigenvector {
                number: -1,
                value: -0.25,
            },
            Meaning::Component {
                number: 2,
                ratio: 0.0712,
            },
        ];
        for meaning in meanings {
            for axis in AxisName::ALL {
                let notes = [("seed".to_string(), Note::Integer(1)), meaning.note(axis)];
                assert_eq!(Meaning::of(&notes, axis), Some(meaning.clone()));
            }
            assert_eq!(Meaning::of(&[meaning.note(AxisName::X)], AxisName::Y), None);
        }
        for text in [
            "",
            "target",
            "component",
            "component x 1",
            "eigenvector 1",
            "something else",
        ] {
            assert_eq!(Meaning::parse(text), None, "{text}");
        }
    }
}
