//! Checks what the types of a config do not: whether its parts go together.

mod drawn;
mod references;
mod runs;
mod sources;
mod training;

use anyhow::ensure;

use crate::{
    read::Source,
    settings::settings,
    sweep::{self, DIRECTIONS, Surface},
};

/// Checks a config.
///
/// # Errors
/// The first mistake, with its place.
pub(crate) fn check(source: &Source) -> anyhow::Result<()> {
    let config = &source.config;
    let path = source.path.display();
    ensure!(
        !config.models.is_empty(),
        "{path}: models is empty: name a network there"
    );
    ensure!(
        !config.data.is_empty(),
        "{path}: data is empty: name a data set there"
    );
    for (name, model) in &config.models {
        source.at(model.referenced, sources::model(name, &model.value))?;
    }
    for (name, data) in &config.data {
        source.at(data.referenced, sources::data(name, &data.value))?;
    }
    let surface = sweep::has_surfaces(config);
    directions(source, surface)?;
    let is_measured = !config.measured().is_empty();
    for picture in &config.pictures {
        let checked = drawn::picture(&picture.value, surface, is_measured);
        source.at(picture.referenced, checked)?;
    }
    if let Some(overview) = &config.overview {
        let checked = drawn::overview(&overview.value, surface);
        source.at(overview.referenced, checked)?;
    }
    references::check(source)?;
    runs::named(source)
}

/// Checks the surfaces of a config that was checked.
///
/// # Errors
/// The first one whose model has no run, where its axes or pictures need it.
pub(crate) fn surfaces(source: &Source, surfaces: &[Surface]) -> anyhow::Result<()> {
    runs::check(source, surfaces)
}

fn directions(source: &Source, surface: bool) -> anyhow::Result<()> {
    let Some(directions) = &source.config.directions else {
        return Ok(());
    };
    let place = directions.referenced;
    source.at(place, sources::directions(&directions.value, surface))?;
    // several models may share a file, and components are of what moves
    let (what, may_vary) = match (&directions.value.file, &directions.value.pca) {
        (Some(_), _) => ("an existing file", &["model"][..]),
        (None, Some(_)) => (
            "principal components",
            &["model", "dir_type", "xignore"][..],
        ),
        (None, None) => return Ok(()),
    };
    let swept = settings(&source.config.sweep);
    for key in DIRECTIONS {
        ensure!(
            may_vary.contains(&key) || !swept.contains_key(key),
            source.wrong(
                place,
                format!("the directions are {what}: the sweep cannot vary {key}")
            )
        );
    }
    Ok(())
}
