//! Reads a config; what is wrong is told with its line, its column and what to write instead.

use std::{fs, path::Path};

use anyhow::{Context, anyhow, ensure};
use serde_yaml::Location;

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
    /// No such file, no YAML, or nothing that the form knows.
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
    match place {
        Some(place) => anyhow!(
            "{}:{}:{}: {what}",
            path.display(),
            place.line(),
            place.column()
        ),
        None => anyhow!("{}: {what}", path.display()),
    }
}

/// What is wrong and what to write instead.
fn said(error: &serde_yaml::Error) -> String {
    use serde_yaml::Error;
    match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => {
            format!(
                "\"{field}\" has no meaning here{}",
                nearest::hint(field, expected.iter().copied(), "")
            )
        }
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => {
            let hint = nearest::hint(variant, expected.iter().copied(), "");
            format!("\"{variant}\" is no choice here{hint}")
        }
        Error::SerdeMissingField { field, .. } => format!("\"{field}\" is missing"),
        Error::SerdeInvalidValue { expected, .. } if expected.starts_with("a nonzero") => {
            "a whole number from 1 is wanted here".into()
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
        } => {
            format!("{expected} is wanted here, this is {unexpected}")
        }
        Error::DuplicateMappingKey { key, .. } => {
            format!(
                "\"{}\" stands here twice",
                key.as_deref().unwrap_or("a key")
            )
        }
        Error::InvalidScalar { ty, .. } if ty.starts_with('f') => "a number is wanted here".into(),
        Error::InvalidScalar { .. } => "a whole number is wanted here".into(),
        Error::Unexpected {
            expected: "sequence start",
            ..
        } => "a list is wanted here, such as [a, b]".into(),
        Error::Unexpected {
            expected: "mapping start",
            ..
        } => "settings are wanted here, such as {key: value}".into(),
        Error::ExternallyTaggedEnumExpectedScalarOrMapping { .. } => {
            "one word is wanted here, no list".into()
        }
        Error::Eof { .. } => {
            "something is missing here: the file is empty, or a key is no word".into()
        }
        Error::MultipleDocuments { .. } => {
            "a second document begins here (---), one is wanted".into()
        }
        Error::UnknownAnchor { .. } => "no anchor of this name (&name) stands before it".into(),
        other if other.to_string().contains("cannot deserialize null") => {
            "a word is wanted here, this is null".into()
        }
        other if other.to_string().contains("tabs disallowed") => {
            "a tab cannot indent: use spaces".into()
        }
        other => without_place(&other.to_string()).into(),
    }
}

/// A message without the place that its writer put behind it.
fn without_place(text: &str) -> &str {
    text.split(" at line ").next().unwrap_or(text)
}
