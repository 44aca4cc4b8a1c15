//! Checks what the types of a config do not: whether its parts go together.

mod drawn;
mod references;
mod sources;

use anyhow::ensure;

use crate::{
    read::Source,
    settings::settings,
    sweep::{self, DIRECTIONS},
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
    for picture in &config.pictures {
        let checked = drawn::picture(&picture.value, surface);
        source.at(picture.referenced, checked)?;
    }
    if let Some(overview) = &config.overview {
        let checked = drawn::overview(&overview.value, surface);
        source.at(overview.referenced, checked)?;
    }
    references::check(source)
}

fn directions(source: &Source, surface: bool) -> anyhow::Result<()> {
    let Some(directions) = &source.config.directions else {
        return Ok(());
    };
    let place = directions.referenced;
    source.at(place, sources::directions(&directions.value, surface))?;
    if directions.value.file.is_none() {
        return Ok(());
    }
    let swept = settings(&source.config.sweep);
    for key in DIRECTIONS {
        // several models may share the file
        ensure!(
            key == "model" || !swept.contains_key(key),
            source.wrong(
                place,
                format!("the directions are an existing file: the sweep cannot vary {key}")
            )
        );
    }
    Ok(())
}
