//! The surfaces of a study: the base settings, with each combination of those that vary.

use std::collections::BTreeMap;

use anyhow::ensure;
use serde::Serialize;
use serde_json::Value;

use crate::{
    config::{Config, Sweep},
    read::Source,
};

/// Settings by name, as the stages' options take them.
pub(crate) type Settings = BTreeMap<String, String>;

/// Surfaces of a plan: each is a job array, and Slurm holds 10,000 jobs unless its MaxJobCount says
/// otherwise.
const MOST_SURFACES: usize = 10_000;
/// Surfaces and pictures of a plan, each a rule of make: some 100 MB of text.
const MOST_FILES: usize = 100_000;
/// Shards of a surface, each a file in one folder.
const MOST_SHARDS: usize = 100_000;

/// What directions depend on.
pub(crate) const DIRECTIONS: [&str; 7] = [
    "model", "dir_type", "seed", "xnorm", "xignore", "ynorm", "yignore",
];

/// One surface (or curve) of the study.
pub(crate) struct Surface {
    /// Its name, made of what varies.
    pub(crate) name: String,
    /// The name of its directions, which surfaces share where nothing that they depend on differs.
    pub(crate) directions: String,
    pub(crate) settings: Settings,
}

/// All surfaces, in the order of the config.
///
/// # Errors
/// An exclude that leaves nothing out, a combination that stands there twice, or none.
pub(crate) fn surfaces(source: &Source) -> anyhow::Result<Vec<Surface>> {
    let config = &source.config;
    check_count(source)?;
    let mut combinations = product(base(config), &lists(&config.sweep));
    for exclude in &config.sweep.exclude {
        let unwanted = settings(&exclude.value);
        let before = combinations.len();
        combinations.retain(|found| {
            !unwanted
                .iter()
                .all(|(key, value)| found.get(key) == Some(value))
        });
        let left_out = before > combinations.len() && !unwanted.is_empty();
        ensure!(
            left_out,
            source.wrong(
                exclude.referenced,
                "this excludes nothing: no combination has these settings"
            )
        );
    }
    let mut varied: Vec<&str> = lists(&config.sweep).iter().map(|(key, _)| *key).collect();
    for include in &config.sweep.include {
        let more = settings(&include.value);
        varied.extend(Sweep::KEYS.iter().filter(|key| more.contains_key(**key)));
        let mut surface = base(config);
        surface.extend(more);
        let twice = combinations.contains(&surface);
        ensure!(
            !twice,
            source.wrong(
                include.referenced,
                "this includes a surface that is there without it"
            )
        );
        combinations.push(surface);
    }
    ensure!(
        !combinations.is_empty(),
        "{}: the sweep excludes every surface",
        source.path.display()
    );
    let name = |settings: &Settings, keys: &dyn Fn(&str) -> bool, otherwise: &str| {
        let parts = Sweep::KEYS
            .iter()
            .filter(|key| varied.contains(key) && keys(key));
        let parts: Vec<String> = parts
            .filter_map(|key| Some(part(key, settings.get(*key)?)))
            .collect();
        if parts.is_empty() {
            otherwise.into()
        } else {
            parts.join("_")
        }
    };
    let surfaces: Vec<Surface> = combinations
        .into_iter()
        .map(|settings| Surface {
            name: name(&settings, &|_| true, "surface"),
            directions: name(&settings, &|key| DIRECTIONS.contains(&key), "directions"),
            settings,
        })
        .collect();
    let mut names: Vec<&str> = surfaces
        .iter()
        .map(|surface| surface.name.as_str())
        .collect();
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    ensure!(
        twice.is_none(),
        "{}: the sweep makes {} twice",
        source.path.display(),
        twice.map_or("", |pair| pair[0])
    );
    Ok(surfaces)
}

/// Checks, before anything is expanded, how many files there would be.
fn check_count(source: &Source) -> anyhow::Result<()> {
    let config = &source.config;
    let mut count = 1usize;
    for (_, values) in lists(&config.sweep) {
        count = count.saturating_mul(values.len());
    }
    count = count.saturating_add(config.sweep.include.len());
    let files = count.saturating_mul(config.pictures.len() + 1);
    let more = if count == usize::MAX { "at least " } else { "" };
    ensure!(
        count <= MOST_SURFACES,
        "{}: the sweep has {more}{count} combinations, a plan has {MOST_SURFACES} surfaces at most: \
         split it into several configs",
        source.path.display()
    );
    ensure!(
        files <= MOST_FILES,
        "{}: {count} surfaces with {} pictures each are more than {MOST_FILES} files: split it into \
         several configs",
        source.path.display(),
        config.pictures.len()
    );
    let shards = config.evaluate.shards.map_or(1, usize::from);
    ensure!(
        shards <= MOST_SHARDS,
        "{}: {shards} shards of a surface are more than {MOST_SHARDS}",
        source.path.display()
    );
    Ok(())
}

/// Titles of all surfaces, such as `vit, xnorm layer, seed 2`: names of models and data sets, and
/// what else differs between them, as the config writes it.
pub(crate) fn titles(surfaces: &[Surface]) -> Vec<String> {
    let mut varied: Vec<&str> = Vec::new();
    for key in Sweep::KEYS.iter().copied() {
        let first = surfaces
            .first()
            .and_then(|surface| surface.settings.get(key));
        if surfaces
            .iter()
            .any(|surface| surface.settings.get(key) != first)
        {
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

/// What all surfaces share.
fn base(config: &Config) -> Settings {
    let mut base = Settings::new();
    // one of a kind need not be chosen
    if let [(name, _)] = config.models.iter().collect::<Vec<_>>()[..] {
        base.insert("model".into(), name.to_string());
    }
    if let [(name, _)] = config.data.iter().collect::<Vec<_>>()[..] {
        base.insert("data".into(), name.to_string());
    }
    if let Some(directions) = &config.directions {
        base.extend(settings(&directions.value));
    }
    base.extend(settings(&config.grid));
    base.extend(settings(&config.evaluate));
    base
}

/// The settings of a part of the config, by name; what is not given is left out.
pub(crate) fn settings(part: &impl Serialize) -> Settings {
    let Ok(Value::Object(part)) = serde_json::to_value(part) else {
        return Settings::new();
    };
    part.into_iter()
        .filter_map(|(key, value)| Some((key, text(&value)?)))
        .collect()
}

/// The lists of values, in the order of [`Sweep::KEYS`].
fn lists(sweep: &Sweep) -> Vec<(&'static str, Vec<String>)> {
    let Ok(Value::Object(sweep)) = serde_json::to_value(sweep) else {
        return Vec::new();
    };
    let list = |key: &&'static str| {
        Some((
            *key,
            sweep
                .get(*key)?
                .as_array()?
                .iter()
                .filter_map(text)
                .collect(),
        ))
    };
    Sweep::KEYS.iter().filter_map(list).collect()
}

fn product(base: Settings, lists: &[(&str, Vec<String>)]) -> Vec<Settings> {
    lists
        .iter()
        .fold(vec![base], |combinations, (key, values)| {
            let each = |settings: Settings| {
                values.iter().map(move |value| {
                    let mut settings = settings.clone();
                    settings.insert((*key).into(), value.clone());
                    settings
                })
            };
            combinations.into_iter().flat_map(each).collect()
        })
}

/// A value as an option takes it; none where it is not given.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => Some(values.iter().filter_map(text).collect::<Vec<_>>().join(",")),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(settings: &[(&str, &str)]) -> Surface {
        let settings = settings
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()));
        Surface {
            name: "surface".into(),
            directions: String::new(),
            settings: settings.collect(),
        }
    }

    #[test]
    fn titles_are_what_differs_as_the_config_writes_it() {
        let one = surface(&[
            ("model", "vit"),
            ("data", "mnist"),
            ("xnorm", "layer"),
            ("seed", "1"),
        ]);
        let two = surface(&[
            ("model", "vit"),
            ("data", "mnist"),
            ("xnorm", "layer"),
            ("seed", "2"),
        ]);
        let other = surface(&[("model", "resnet 20"), ("data", "mnist"), ("seed", "2")]);
        assert_eq!(
            titles(&[one, two, other]),
            [
                "vit, seed 1, xnorm layer",
                "vit, seed 2, xnorm layer",
                "resnet 20, seed 2"
            ]
        );
        assert_eq!(titles(&[surface(&[("model", "vit")])]), ["surface"]);
    }
}
