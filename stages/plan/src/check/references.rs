//! Names of models and data sets that the config refers to.

use std::collections::BTreeMap;

use anyhow::ensure;
use serde_yaml::Spanned;

use crate::{
    config::{Choice, Config, Training},
    nearest,
    read::Source,
    values::{Name, Reference},
};

/// Checks that the config has every model and data set that it refers to, and that each surface has
/// one of either.
pub(super) fn check(source: &Source) -> anyhow::Result<()> {
    let config = &source.config;
    let models: Vec<&str> = config.models.keys().map(Name::as_str).collect();
    let data: Vec<&str> = config.data.keys().map(Name::as_str).collect();
    for reference in models_named(config) {
        known(source, "model", &models, reference)?;
    }
    for reference in data_named(config) {
        known(source, "data set", &data, reference)?;
    }
    for (name, model) in &config.models {
        if let Some(training) = &model.value.train {
            source.at(model.referenced, trains(config, name, training))?;
        }
    }
    let sweep = &config.sweep;
    chosen(source, "model", &config.models, sweep.model.as_deref())?;
    chosen(source, "data", &config.data, sweep.data.as_deref())
}

fn models_named(config: &Config) -> Vec<&Reference> {
    let mut named: Vec<&Reference> = config.sweep.model.iter().flatten().collect();
    for choice in choices(config) {
        named.extend(&choice.model);
    }
    if let Some(directions) = &config.directions {
        named.extend(&directions.value.target);
        named.extend(&directions.value.target_y);
    }
    if let Some(trajectory) = &config.trajectory {
        named.extend(trajectory.value.runs.iter().flatten());
    }
    for training in trainings(config) {
        named.extend(&training.program);
    }
    named
}

fn data_named(config: &Config) -> Vec<&Reference> {
    let mut named: Vec<&Reference> = config.sweep.data.iter().flatten().collect();
    for choice in choices(config) {
        named.extend(&choice.data);
    }
    for training in trainings(config) {
        named.extend(&training.data);
    }
    named
}

fn trainings(config: &Config) -> impl Iterator<Item = &Training> {
    let models = config.models.values();
    models.filter_map(|model| model.value.train.as_ref())
}

/// The combinations that a sweep leaves out or adds.
fn choices(config: &Config) -> impl Iterator<Item = &Choice> {
    let all = config.sweep.exclude.iter().chain(&config.sweep.include);
    all.map(|choice| &choice.value)
}

fn known(source: &Source, kind: &str, names: &[&str], to: &Reference) -> anyhow::Result<()> {
    let name = to.name();
    ensure!(
        names.contains(&name),
        source.wrong(
            to.place(),
            format!(
                "unknown {kind} \"{name}\"{}",
                nearest::hint(name, names, "")
            )
        )
    );
    Ok(())
}

/// Checks what a training reads.
fn trains(config: &Config, name: &Name, training: &Training) -> Result<(), String> {
    if training.data.is_none() && config.data.len() > 1 {
        let data: Vec<&str> = config.data.keys().map(Name::as_str).collect();
        return Err(format!(
            "{name} may be trained with {}: choose by `train: {{data: …}}`",
            data.join(" or ")
        ));
    }
    let Some(program) = &training.program else {
        return Ok(());
    };
    for (other, model) in &config.models {
        if other.as_str() == program.name() && model.value.train.is_some() {
            return Err(format!(
                "{name} begins with {other}, which the study trains too: train that one before, \
                 and give its last checkpoint as a file"
            ));
        }
    }
    Ok(())
}

/// Checks that the sweep chooses one of several models or data sets; the only one needs no choice.
fn chosen<T>(
    source: &Source,
    key: &str,
    all: &BTreeMap<Name, Spanned<T>>,
    swept: Option<&[Reference]>,
) -> anyhow::Result<()> {
    let Some(second) = all.values().nth(1) else {
        return Ok(());
    };
    let names: Vec<&str> = all.keys().map(Name::as_str).collect();
    ensure!(
        swept.is_some(),
        source.wrong(
            second.referenced,
            format!(
                "{key} may be {}: choose by `sweep: {{{key}: […]}}`",
                names.join(" or ")
            )
        )
    );
    Ok(())
}
