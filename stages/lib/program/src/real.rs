//! Real numbers in JSON, which has no word for those that are not finite: "Infinity", "-Infinity",
//! "NaN", as PyTorch writes them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Real {
    Finite(f64),
    Other(String),
}

impl From<f64> for Real {
    fn from(number: f64) -> Self {
        match number {
            number if number.is_finite() => Self::Finite(number),
            number if number.is_nan() => Self::Other("NaN".into()),
            number if number > 0.0 => Self::Other("Infinity".into()),
            _ => Self::Other("-Infinity".into()),
        }
    }
}

impl Real {
    fn number<E: Error>(self) -> Result<f64, E> {
        match self {
            Self::Finite(number) => Ok(number),
            Self::Other(text) => match text.as_str() {
                "NaN" => Ok(f64::NAN),
                "Infinity" => Ok(f64::INFINITY),
                "-Infinity" => Ok(f64::NEG_INFINITY),
                _ => Err(E::custom(format!("\"{text}\" is no number"))),
            },
        }
    }
}

/// One number.
pub mod one {
    use super::*;

    /// Writes it.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        Real::from(*number).serialize(serializer)
    }

    /// Reads it.
    ///
    /// # Errors
    /// Neither a number nor one of the words.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Real::deserialize(deserializer)?.number()
    }
}

/// A list of them.
pub mod many {
    use super::*;

    /// Writes it.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(numbers: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(numbers.iter().map(|number| Real::from(*number)))
    }

    /// Reads it.
    ///
    /// # Errors
    /// Neither a number nor one of the words.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        Vec::<Real>::deserialize(deserializer)?
            .into_iter()
            .map(Real::number)
            .collect()
    }
}
