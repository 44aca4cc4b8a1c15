use std::{fmt, str::FromStr};

use crate::{Axis, AxisError, axis::points};

/// What stands in place of the ends of an axis that are to be found.
const AUTO: &str = "auto:";

/// An axis as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AxisChoice {
    /// `min:max:count`.
    Ends(Axis),
    /// `auto:count`: the ends are to be found.
    Auto(usize),
}

impl AxisChoice {
    /// Number of points.
    pub fn count(&self) -> usize {
        match self {
            Self::Ends(axis) => axis.count(),
            Self::Auto(count) => *count,
        }
    }
}

impl FromStr for AxisChoice {
    type Err = AxisError;

    fn from_str(text: &str) -> Result<Self, AxisError> {
        match text.strip_prefix(AUTO) {
            Some(count) => Ok(Self::Auto(points(count)?)),
            None => Ok(Self::Ends(text.parse()?)),
        }
    }
}

impl fmt::Display for AxisChoice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Ends(axis) => axis.fmt(f),
            Self::Auto(count) => write!(f, "{AUTO}{count}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_ends_or_is_automatic() {
        assert_eq!("auto:51".parse(), Ok(AxisChoice::Auto(51)));
        assert_eq!(
            "auto:51".parse::<AxisChoice>().unwrap().to_string(),
            "auto:51"
        );
        assert_eq!("-1:1:5".parse::<AxisChoice>().unwrap().count(), 5);
        for text in ["auto", "auto:", "auto:0", "auto:x", "1:2"] {
            assert!(text.parse::<AxisChoice>().is_err(), "{text}");
        }
    }
}
