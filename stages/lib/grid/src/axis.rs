use std::{fmt, str::FromStr};

/// The largest number of points that an axis may have.
const MOST: usize = 1_000_000;

/// Evenly spaced coordinates `min:max:count`, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    min: f64,
    max: f64,
    count: usize,
}

/// Why a text is not an axis.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum AxisError {
    /// Not three fields.
    #[error("\"{0}\" is not MIN:MAX:COUNT, such as -1:1:51")]
    Form(String),
    /// A bound that is not a finite number.
    #[error("\"{0}\" is not a finite number; an axis is MIN:MAX:COUNT, such as -1:1:51")]
    Bound(String),
    /// A count that is not a positive integer.
    #[error(
        "\"{0}\" is not a number of points from 1 to {MOST}; an axis is MIN:MAX:COUNT, such as \
         -1:1:51"
    )]
    Count(String),
    /// The axis runs backwards or stands still.
    #[error(
        "an axis runs upwards, but {0} to {1} in {2} points does not; write {1}:{0}:{2}, or one \
         point"
    )]
    Backwards(f64, f64, usize),
    /// Its points cannot be told apart, or are beyond all numbers.
    #[error(
        "{0} to {1} in {2} points has no steps that can be told apart: use other ends, or one point"
    )]
    Steps(f64, f64, usize),
}

impl Axis {
    /// An axis by its ends and its number of points.
    ///
    /// # Errors
    /// It runs backwards, or its points cannot be told apart.
    pub fn new(min: f64, max: f64, count: usize) -> Result<Self, AxisError> {
        if count > 1 && min > max {
            return Err(AxisError::Backwards(min, max, count));
        }
        let axis = Self { min, max, count };
        let coordinates = axis.coordinates();
        let finite = coordinates.iter().all(|coordinate| coordinate.is_finite());
        if !finite || !coordinates.is_sorted_by(|one, next| one < next) {
            return Err(AxisError::Steps(min, max, count));
        }
        Ok(axis)
    }

    /// Coordinate `index`, computed as `numpy.linspace` does, so that both tools have the same
    /// bits.
    fn coordinate(&self, index: usize) -> f64 {
        if index > 0 && index == self.count - 1 {
            return self.max;
        }
        let step = (self.max - self.min) / (self.count.max(2) - 1) as f64;
        index as f64 * step + self.min
    }

    /// Number of points.
    pub fn count(&self) -> usize {
        self.count
    }

    /// All coordinates, in order; one point stands at `min`.
    pub fn coordinates(&self) -> Vec<f64> {
        (0..self.count)
            .map(|index| self.coordinate(index))
            .collect()
    }
}

impl FromStr for Axis {
    type Err = AxisError;

    fn from_str(text: &str) -> Result<Self, AxisError> {
        let fields: Vec<&str> = text.split(':').collect();
        let [min, max, count] = fields[..] else {
            return Err(AxisError::Form(text.into()));
        };
        let (min, max) = (bound(min)?, bound(max)?);
        Self::new(min, max, points(count)?)
    }
}

/// A number of points.
pub(crate) fn points(field: &str) -> Result<usize, AxisError> {
    match field.parse() {
        Ok(number) if (1..=MOST).contains(&number) => Ok(number),
        _ => Err(AxisError::Count(field.into())),
    }
}

/// An end of an axis.
fn bound(field: &str) -> Result<f64, AxisError> {
    match field.parse::<f64>() {
        // -0 is the same place as 0, and must have the same bits
        Ok(value) if value.is_finite() => Ok(value + 0.0),
        _ => Err(AxisError::Bound(field.into())),
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}:{}", self.min, self.max, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coordinates(text: &str) -> Vec<f64> {
        text.parse::<Axis>().unwrap().coordinates()
    }

    #[test]
    fn ends_are_included_and_zero_is_a_legal_end() {
        assert_eq!(coordinates("0:1:5"), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(coordinates("-1:1:1"), [-1.0]);
        assert_eq!(coordinates("0:0:1"), [0.0]);
    }

    /// `numpy.linspace(-0.7, 0.9, 7)`, numpy 2.4.
    #[test]
    fn bits_are_those_of_numpy() {
        let numpy = [
            -0.7,
            -0.4333333333333333,
            -0.16666666666666663,
            0.10000000000000009,
            0.3666666666666667,
            0.6333333333333333,
            0.9,
        ];
        assert_eq!(coordinates("-0.7:0.9:7"), numpy);
    }

    #[test]
    fn what_is_no_axis_is_refused() {
        for text in [
            "-1:1:0",
            "1:2",
            "nan:1:5",
            "0:inf:5",
            "1:-1:5",
            "1:1:2",
            "",
            "0:1:2:3",
            "0:1:-4",
            "0:1:99999999",
        ] {
            assert!(text.parse::<Axis>().is_err(), "{text}");
        }
    }
}
