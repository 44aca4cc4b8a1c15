//! What a config says of things that belong together.

use anyhow::ensure;
use serde_yaml::Location;

use crate::{
    config::{Data, Directions, Format, Model},
    nearest,
    pictures::{Form, Overview, Picture, Plot},
    read::Source,
    sweep::{DIRECTIONS, settings},
    values::{Name, Reference},
    work::word,
};

/// Checks what the types do not.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub(crate) fn check(source: &Source) -> anyhow::Result<()> {
    let config = &source.config;
    ensure!(
        !config.models.is_empty(),
        "{}: models names no network",
        source.path.display()
    );
    ensure!(
        !config.data.is_empty(),
        "{}: data names no data set",
        source.path.display()
    );
    for (name, model) in &config.models {
        told(source, model.referenced, sources(name, &model.value))?;
    }
    for (name, data) in &config.data {
        told(source, data.referenced, origins(name, &data.value))?;
    }
    let surface = config.grid.y.is_some() || config.sweep.y.is_some();
    if let Some(directions) = &config.directions {
        told(
            source,
            directions.referenced,
            made(&directions.value, surface),
        )?;
        let swept = settings(&config.sweep);
        let swept = DIRECTIONS
            .iter()
            .skip(1)
            .find(|key| swept.contains_key(**key));
        if let (Some(_), Some(key)) = (&directions.value.file, swept) {
            return Err(source.wrong(
                directions.referenced,
                format!("the directions are a file, the sweep cannot vary {key}"),
            ));
        }
    }
    for picture in &config.pictures {
        told(source, picture.referenced, drawn(&picture.value, surface))?;
    }
    if let Some(overview) = &config.overview {
        told(
            source,
            overview.referenced,
            all_drawn(&overview.value, surface),
        )?;
    }
    references(source)
}

fn told(source: &Source, place: Location, result: Result<(), String>) -> anyhow::Result<()> {
    result.map_err(|what| source.wrong(place, what))
}

fn sources(name: &Name, model: &Model) -> Result<(), String> {
    let given = [
        model.arch.is_some(),
        model.program.is_some(),
        model.file.is_some(),
    ];
    let count = given.iter().filter(|given| **given).count();
    if count != 1 {
        return Err(format!(
            "{name} wants one of arch (with a checkpoint), program or file, it has {count}"
        ));
    }
    if model.arch.is_some() && model.checkpoint.is_none() {
        return Err(format!("{name} wants a checkpoint beside its arch"));
    }
    if model.file.is_some() && !settings(model).is_empty() {
        return Err(format!("{name} is a model.h5: it takes nothing else"));
    }
    if model.prefix.is_some() && model.checkpoint.is_none() {
        return Err(format!(
            "{name} has a prefix and no checkpoint whose names begin with it"
        ));
    }
    if model.output_name.is_some() && model.program.is_none() {
        return Err(format!(
            "{name} has an output_name and no program that returns it"
        ));
    }
    if model.key.is_some() && model.checkpoint.is_none() {
        return Err(format!("{name} has a key and no checkpoint to look into"));
    }
    Ok(())
}

fn origins(name: &Name, data: &Data) -> Result<(), String> {
    match (&data.file, data.format, &data.path) {
        (Some(_), None, None) if settings(data).is_empty() => Ok(()),
        (Some(_), ..) => Err(format!(
            "{name} is a file that is there: it takes nothing else"
        )),
        (None, Some(format), Some(_)) => {
            let idx = data.classes.is_none() || matches!(format, Format::Idx);
            let folder = data.size.is_none() || matches!(format, Format::Folder);
            match (idx, folder) {
                (true, true) => Ok(()),
                (false, _) => Err(format!("{name}: classes belong to the format idx")),
                (_, false) => Err(format!("{name}: size belongs to the format folder")),
            }
        }
        (None, ..) => Err(format!("{name} wants a format and a path, or a file")),
    }
}

fn made(directions: &Directions, surface: bool) -> Result<(), String> {
    let others = !settings(directions).is_empty()
        || directions.target.is_some()
        || directions.target_y.is_some();
    if directions.file.is_some() && others {
        return Err("the directions are a file that is there: they take nothing else".into());
    }
    let of_y =
        directions.ynorm.is_some() || directions.yignore.is_some() || directions.target_y.is_some();
    if of_y && !surface {
        return Err("ynorm, yignore and target_y say how y is made, but the grid has no y".into());
    }
    if directions.target.is_some() && (directions.xnorm.is_some() || directions.xignore.is_some()) {
        return Err("x leads to a target: it takes no xnorm and no xignore".into());
    }
    if directions.target_y.is_some() && (directions.ynorm.is_some() || directions.yignore.is_some())
    {
        return Err("y leads to a target_y: it takes no ynorm and no yignore".into());
    }
    Ok(())
}

/// Settings that pictures do not share with meshes and tables.
const OF_VTP: [&str; 6] = ["surf_name", "log", "zmax", "zscale", "interp", "cmap"];
const OF_TABLE: [&str; 1] = ["surf_name"];

fn drawn(picture: &Picture, surface: bool) -> Result<(), String> {
    suits(picture.plot, picture.format, surface)?;
    if picture.plot == Plot::Repeats {
        return Err("repeats are several curves: they are an overview".into());
    }
    let foreign = |key: &&String| match picture.plot {
        Plot::Vtp => !OF_VTP.contains(&key.as_str()),
        Plot::Table => !OF_TABLE.contains(&key.as_str()),
        _ => ["zmax", "zscale", "interp"].contains(&key.as_str()),
    };
    match (settings(picture).keys().find(foreign), picture.plot) {
        (Some(key), Plot::Vtp) => Err(format!(
            "\"{key}\" has no meaning for vtp, which takes {}",
            OF_VTP.join(", ")
        )),
        (Some(key), Plot::Table) => Err(format!(
            "\"{key}\" has no meaning for table, which takes {}",
            OF_TABLE.join(", ")
        )),
        (Some(key), _) => Err(format!("\"{key}\" belongs to vtp")),
        (None, _) => either(picture.log, picture.linear),
    }
}

/// Checks the picture of all surfaces.
fn all_drawn(overview: &Overview, surface: bool) -> Result<(), String> {
    suits(overview.plot, overview.format, surface)?;
    if overview.plot.stage() != "render" {
        return Err("a mesh or a table is of one surface: put it under pictures".into());
    }
    either(overview.log, overview.linear)
}

fn suits(plot: Plot, format: Option<Form>, surface: bool) -> Result<(), String> {
    if !plot.suits(surface) {
        let (grid, plot) = if surface {
            ("a y", "any plot but curve")
        } else {
            ("no y", "plot: curve")
        };
        return Err(format!("the grid has {grid}: {plot} draws it"));
    }
    let forms: Vec<String> = plot.forms().iter().map(word).collect();
    match format {
        Some(form) if !plot.forms().contains(&form) => Err(format!(
            "{} is no form of {}, which has {}",
            word(&form),
            word(&plot),
            forms.join(", ")
        )),
        _ => Ok(()),
    }
}

fn either(log: Option<bool>, linear: Option<bool>) -> Result<(), String> {
    match (log, linear) {
        (Some(true), Some(true)) => Err("log and linear exclude each other".into()),
        _ => Ok(()),
    }
}

/// Checks that every model and data set that is named is there, and that each surface has one of either.
fn references(source: &Source) -> anyhow::Result<()> {
    let config = &source.config;
    let models: Vec<&str> = config.models.keys().map(Name::as_str).collect();
    let data: Vec<&str> = config.data.keys().map(Name::as_str).collect();
    let mut references: Vec<(&str, &[&str], &Reference)> = Vec::new();
    references.extend(
        config
            .sweep
            .model
            .iter()
            .flatten()
            .map(|reference| ("model", &models[..], reference)),
    );
    references.extend(
        config
            .sweep
            .data
            .iter()
            .flatten()
            .map(|reference| ("data set", &data[..], reference)),
    );
    for choice in config
        .sweep
        .exclude
        .iter()
        .chain(&config.sweep.include)
        .map(|choice| &choice.value)
    {
        references.extend(
            choice
                .model
                .iter()
                .map(|reference| ("model", &models[..], reference)),
        );
        references.extend(
            choice
                .data
                .iter()
                .map(|reference| ("data set", &data[..], reference)),
        );
    }
    let targets = config
        .directions
        .iter()
        .flat_map(|directions| [&directions.value.target, &directions.value.target_y]);
    references.extend(
        targets
            .flatten()
            .map(|reference| ("model", &models[..], reference)),
    );
    for (what, names, reference) in references {
        let name = reference.name();
        let hint = || nearest::hint(name, names.iter().copied(), "");
        ensure!(
            names.contains(&name),
            source.wrong(
                reference.place(),
                format!("there is no {what} \"{name}\"{}", hint())
            )
        );
    }
    let models_at = config.models.values().map(|model| model.referenced).nth(1);
    let data_at = config.data.values().map(|data| data.referenced).nth(1);
    for (key, names, swept, second) in [
        ("model", models, &config.sweep.model, models_at),
        ("data", data, &config.sweep.data, data_at),
    ] {
        let Some(second) = second.filter(|_| swept.is_none()) else {
            continue;
        };
        let names = names.join(" or ");
        return Err(source.wrong(
            second,
            format!("{key} may be {names}: say which by `sweep: {{{key}: […]}}`"),
        ));
    }
    Ok(())
}
