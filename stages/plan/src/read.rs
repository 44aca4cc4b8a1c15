//! Reads a config. An error names the line, the column and what to write instead.

use std::{fs, path::Path};

use anyhow::{Context, anyhow, ensure};
use serde_yaml::{Error, Location};

use crate::{config::Config, nearest};

/// Bytes of the largest config: a list of 10,000 seeds has a sixtieth of them.
const LARGEST: u64 = 4 << 20;

/// A config and where it came from.
pub(crate) struct Source<'a> {
    pub(crate) path: &'a Path,
    pub(crate) config: Config,
}

impl<'a> Source<'a> {
    /// Reads the config in a file.
    ///
    /// # Errors
    /// The file cannot be read, is not YAML, or has keys or values that no config has.
    pub(crate) fn read(path: &'a Path) -> anyhow::Result<Self> {
        let text = text(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let config = serde_yaml::from_str(&text).map_err(|error| {
            let error = error.without_snippet();
            at(path, error.location(), &said(error))
        })?;
        Ok(Self { path, config })
    }

    /// An error at a place of the config.
    pub(crate) fn wrong(&self, place: Location, what: impl AsRef<str>) -> anyhow::Error {
        at(self.path, Some(place), what.as_ref())
    }

    /// The result of a check of what stands at a place of the config.
    pub(crate) fn at(&self, place: Location, checked: Result<(), String>) -> anyhow::Result<()> {
        checked.map_err(|what| self.wrong(place, what))
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    let size = fs::metadata(stage::regular(path)?)?.len();
    ensure!(
        size <= LARGEST,
        "it has {size} bytes, a config has {LARGEST} at most"
    );
    Ok(fs::read_to_string(path)?)
}

fn at(path: &Path, place: Option<Location>, what: &str) -> anyhow::Error {
    let path = path.display();
    match place {
        Some(place) => anyhow!("{path}:{}:{}: {what}", place.line(), place.column()),
        None => anyhow!("{path}: {what}"),
    }
}

/// What is wrong, and what to write instead.
fn said(error: &Error) -> String {
    match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => format!(
            "unknown key \"{field}\"{}",
            nearest::hint(field, expected, "")
        ),
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => format!(
            "unknown value \"{variant}\"{}",
            nearest::hint(variant, expected, "")
        ),
        Error::SerdeMissingField { field, .. } => format!("the key \"{field}\" is missing"),
        Error::SerdeInvalidValue { expected, .. } if expected.starts_with("a nonzero") => {
            "expected a whole number of at least 1".into()
        }
        Error::SerdeInvalidType {
            unexpected,
            expected,
            ..
        }
        | Error::SerdeInvalidValue {
            unexpected,
            expected,
            ..
        } => format!("expected {expected}, found {unexpected}"),
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key \"{key}\" is given twice")
        }
        Error::DuplicateMappingKey { key: None, .. } => "a key is given twice".into(),
        Error::InvalidScalar { ty, .. } if ty.starts_with('f') => "expected a number".into(),
        Error::InvalidScalar { .. } => "expected a whole number".into(),
        Error::Unexpected {
            expected: "sequence start",
            ..
        } => "expected a list, such as [a, b]".into(),
        Error::Unexpected {
            expected: "mapping start",
            ..
        } => "expected settings, such as {key: value}".into(),
        Error::ExternallyTaggedEnumExpectedScalarOrMapping { .. } => {
            "expected one word, not a list".into()
        }
        Error::Eof { .. } => {
            "the text ends too early: the file is empty, or a key is not a word".into()
        }
        Error::MultipleDocuments { .. } => {
            "a second document begins here (---): a config is one document".into()
        }
        Error::UnknownAnchor { .. } => "unknown alias: define it before, by &NAME".into(),
        other => of_other(&other.to_string()),
    }
}

/// What is wrong, of errors that only their text tells apart.
fn of_other(text: &str) -> String {
    if text.contains("cannot deserialize null") {
        return "expected a word, found null".into();
    }
    if text.contains("tabs disallowed") {
        return "a tab cannot indent: use spaces".into();
    }
    // the place is told before
    text.split(" at line ").next().unwrap_or(text).into()
}
