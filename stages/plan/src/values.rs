//! Values of a config that are checked where they are read.

use grid::AxisChoice;
use std::{fmt, num::NonZeroUsize};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_yaml::{Location, Spanned};

use crate::nearest;

/// A name that the user chose; it becomes a part of file names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String")]
pub(crate) struct Name(#[schemars(regex(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$"))] String);

/// An architecture of the zoo.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String")]
pub(crate) struct Arch(String);

/// `MIN:MAX:COUNT`, or `auto:COUNT`.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String")]
pub(crate) struct Axis(#[schemars(regex(pattern = "^([^:]+:[^:]+|auto):[0-9]+$"))] String);

/// Epochs between two checkpoints.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "f64")]
pub(crate) struct SaveEvery(f64);

/// The name of a model or a data set that the config describes.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Reference(#[schemars(with = "String")] Spanned<String>);

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Reference {
    pub(crate) fn name(&self) -> &str {
        &self.0.value
    }

    /// Where the config has it.
    pub(crate) fn place(&self) -> Location {
        self.0.referenced
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let plain = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if plain && name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return Ok(Self(name));
        }
        Err(format!(
            "invalid name \"{name}\": files are named after it, so begin it with a letter or a \
             digit, \
             and use letters, digits, \".\", \"_\" and \"-\" only"
        ))
    }
}

impl TryFrom<String> for Arch {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if zoo::names().any(|known| known == name) {
            return Ok(Self(name));
        }
        let known: Vec<&str> = zoo::names().collect();
        Err(format!(
            "unknown architecture \"{name}\"{}",
            nearest::hint(&name, &known, "import-model --list")
        ))
    }
}

/// The number of points of an axis.
///
/// # Errors
/// It is none.
pub(crate) fn points_of_axis(text: &str) -> Result<usize, grid::AxisError> {
    Ok(text.parse::<AxisChoice>()?.count())
}

/// Whether eval-grid finds the ends of an axis.
pub(crate) fn is_automatic(axis: &str) -> bool {
    matches!(axis.parse(), Ok(AxisChoice::Auto(_)))
}

impl TryFrom<String> for Axis {
    type Error = grid::AxisError;

    fn try_from(text: String) -> Result<Self, grid::AxisError> {
        points_of_axis(&text)?;
        Ok(Self(text))
    }
}

impl SaveEvery {
    /// Checkpoints of a training of so many epochs, the untrained network and the last one among
    /// them.
    pub(crate) fn checkpoints(self, epochs: NonZeroUsize) -> usize {
        (epochs.get() as f64 / self.0).ceil() as usize + 1
    }
}

impl Default for SaveEvery {
    fn default() -> Self {
        Self(1.0)
    }
}

impl TryFrom<f64> for SaveEvery {
    type Error = String;

    fn try_from(epochs: f64) -> Result<Self, String> {
        let text = epochs.to_string();
        let digits = text.split_once('.').map_or(0, |(_, digits)| digits.len());
        if epochs > 0.0 && epochs.is_finite() && digits <= 6 {
            return Ok(Self(epochs));
        }
        Err(format!(
            "invalid number of epochs {epochs}: use a number above zero with at most 6 digits \
             after the point, such as 5 or 0.25"
        ))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}
