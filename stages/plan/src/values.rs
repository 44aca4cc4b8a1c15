//! Values of a config that are checked where they are read.

use std::fmt;

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

/// `MIN:MAX:COUNT`.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String")]
pub(crate) struct Axis(#[schemars(regex(pattern = "^[^:]+:[^:]+:[0-9]+$"))] String);

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

impl TryFrom<String> for Axis {
    type Error = grid::AxisError;

    fn try_from(text: String) -> Result<Self, grid::AxisError> {
        text.parse::<grid::Axis>()?;
        Ok(Self(text))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}
