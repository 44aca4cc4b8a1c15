//! The surfaces of a study: the base settings, with each combination of those that vary.

mod count;
mod names;
#[cfg(test)]
mod tests;

use anyhow::ensure;
use serde_json::Value;

use crate::{
    config::{Config, Sweep},
    read::Source,
    settings::{Settings, settings, texts},
};
use names::Names;
pub(crate) use names::titles;

/// What directions depend on, in the order of [`Sweep::KEYS`].
pub(crate) const DIRECTIONS: [&str; 7] = [
    "model", "dir_type", "seed", "xnorm", "xignore", "ynorm", "yignore",
];

/// One surface (or curve) of the study.
pub(crate) struct Surface {
    /// Its name, made of what varies.
    pub(crate) name: String,
    /// The name of its directions. Surfaces share directions where nothing differs on which these
    /// depend.
    pub(crate) directions: String,
    pub(crate) settings: Settings,
}

/// All surfaces, in the order of the config.
///
/// # Errors
/// An exclude that leaves nothing out, a combination that is given twice, too many, or none.
pub(crate) fn surfaces(source: &Source) -> anyhow::Result<Vec<Surface>> {
    let config = &source.config;
    let lists = lists(&config.sweep);
    count::check(source, &lists)?;
    let mut combinations = product(base(config), &lists);
    exclude(source, &mut combinations)?;

    let mut varied: Vec<&str> = lists.iter().map(|(key, _)| *key).collect();
    for include in &config.sweep.include {
        let more = settings(&include.value);
        varied.extend(Sweep::KEYS.iter().filter(|key| more.contains_key(**key)));
        let mut surface = base(config);
        surface.extend(more);
        ensure!(
            !combinations.contains(&surface),
            source.wrong(
                include.referenced,
                "this surface is there already: leave it out of include"
            )
        );
        combinations.push(surface);
    }
    ensure!(
        !combinations.is_empty(),
        "{}: the sweep has no surface: its lists are empty, or exclude names all",
        source.path.display()
    );
    Names::new(varied).of_all(source, combinations)
}

/// Whether the study has surfaces; otherwise it has curves.
pub(crate) fn has_surfaces(config: &Config) -> bool {
    config.grid.y.is_some() || config.sweep.y.is_some()
}

/// Leaves out the combinations that the config excludes.
fn exclude(source: &Source, combinations: &mut Vec<Settings>) -> anyhow::Result<()> {
    for exclude in &source.config.sweep.exclude {
        let unwanted = settings(&exclude.value);
        let before = combinations.len();
        combinations.retain(|combination| !has_all(combination, &unwanted));
        ensure!(
            before > combinations.len() && !unwanted.is_empty(),
            source.wrong(
                exclude.referenced,
                "this excludes nothing: no combination has these settings"
            )
        );
    }
    Ok(())
}

fn has_all(combination: &Settings, wanted: &Settings) -> bool {
    let mut wanted = wanted.iter();
    wanted.all(|(key, value)| combination.get(key) == Some(value))
}

/// What all surfaces share.
fn base(config: &Config) -> Settings {
    let mut base = Settings::new();
    // the only model or data set needs no choice
    if let (1, Some((name, _))) = (config.models.len(), config.models.first_key_value()) {
        base.insert("model".into(), name.to_string());
    }
    if let (1, Some((name, _))) = (config.data.len(), config.data.first_key_value()) {
        base.insert("data".into(), name.to_string());
    }
    if let Some(directions) = &config.directions {
        base.extend(settings(&directions.value));
    }
    base.extend(settings(&config.grid));
    base.extend(settings(&config.evaluate));
    base
}

/// The lists of values, in the order of [`Sweep::KEYS`].
fn lists(sweep: &Sweep) -> Vec<(&'static str, Vec<String>)> {
    let sweep = serde_json::to_value(sweep).unwrap_or_default();
    let mut lists = Vec::new();
    for key in Sweep::KEYS {
        if let Some(Value::Array(values)) = sweep.get(*key) {
            lists.push((*key, texts(values)));
        }
    }
    lists
}

/// The base settings with each combination of the values.
fn product(base: Settings, lists: &[(&str, Vec<String>)]) -> Vec<Settings> {
    let mut combinations = vec![base];
    for (key, values) in lists {
        let mut longer = Vec::with_capacity(combinations.len() * values.len());
        for combination in &combinations {
            for value in values {
                let mut combination = combination.clone();
                combination.insert(key.to_string(), value.clone());
                longer.push(combination);
            }
        }
        combinations = longer;
    }
    combinations
}
