//! Names and titles of surfaces, made of what varies.

use std::collections::BTreeSet;

use anyhow::ensure;

use super::{DIRECTIONS, Surface};
use crate::{config::Sweep, read::Source, settings::Settings};

/// Makes the names of surfaces.
pub(super) struct Names<'a> {
    /// The settings that vary.
    varied: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(varied: Vec<&'a str>) -> Self {
        Self { varied }
    }

    /// The surfaces of these settings, which must have different names.
    pub(super) fn of_all(
        &self,
        source: &Source,
        combinations: Vec<Settings>,
    ) -> anyhow::Result<Vec<Surface>> {
        let mut surfaces = Vec::new();
        for settings in combinations {
            surfaces.push(Surface {
                name: self.of(&settings, Sweep::KEYS, "surface"),
                directions: self.of(&settings, &DIRECTIONS, "directions"),
                settings,
            });
        }
        let mut sorted: Vec<&str> = surfaces.iter().map(|it| it.name.as_str()).collect();
        sorted.sort_unstable();
        for pair in sorted.windows(2) {
            ensure!(
                pair[0] != pair[1],
                "{}: the sweep makes the surface {} twice: remove a value that is listed twice",
                source.path.display(),
                pair[0]
            );
        }
        Ok(surfaces)
    }

    /// The name that the settings of these keys make, as far as they vary; `otherwise` where none
    /// does.
    fn of(&self, settings: &Settings, keys: &[&str], otherwise: &str) -> String {
        let mut parts = Vec::new();
        for key in keys {
            if let Some(value) = settings.get(*key)
                && self.varied.contains(key)
            {
                parts.push(part(key, value));
            }
        }
        if parts.is_empty() {
            return otherwise.into();
        }
        parts.join("_")
    }
}

/// A setting as a part of a file's name.
fn part(key: &str, value: &str) -> String {
    let plain = value.replace(
        |c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)),
        "_",
    );
    match key {
        "model" | "data" => plain,
        _ => format!("{key}-{plain}"),
    }
}

/// Titles of all surfaces, such as `vit, xnorm layer, seed 2`: names of models and data sets, and
/// what else differs between them, as the config writes it.
pub(crate) fn titles(surfaces: &[Surface]) -> Vec<String> {
    let mut varied: Vec<&str> = Vec::new();
    for key in Sweep::KEYS {
        let values: BTreeSet<Option<&String>> =
            surfaces.iter().map(|it| it.settings.get(*key)).collect();
        if values.len() > 1 {
            varied.push(key);
        }
    }
    surfaces
        .iter()
        .map(|surface| title(surface, &varied))
        .collect()
}

fn title(surface: &Surface, varied: &[&str]) -> String {
    let mut parts = Vec::new();
    for key in varied {
        match (*key, surface.settings.get(*key)) {
            ("model" | "data", Some(name)) => parts.push(name.clone()),
            (key, Some(value)) => parts.push(format!("{key} {value}")),
            (_, None) => {}
        }
    }
    if parts.is_empty() {
        surface.name.clone()
    } else {
        parts.join(", ")
    }
}
