//! Where models, data sets and directions come from.

use std::path::Path;

use crate::{
    config::{Data, Directions, Format, Model, Pca},
    settings::settings,
    values::Name,
};

/// Checks that a model has one source, and what belongs to it.
pub(super) fn model(name: &Name, model: &Model) -> Result<(), String> {
    let sources = [
        model.arch.is_some(),
        model.program.is_some(),
        model.file.is_some(),
        model.run.is_some(),
        model.train.is_some(),
    ];
    let count = sources.iter().filter(|given| **given).count();
    if count != 1 {
        return Err(format!(
            "{name} has {count} of arch (with a checkpoint), program, file, run and train: give \
             one of them"
        ));
    }
    if let Some(what) = whole(model)
        && !settings(model).is_empty()
    {
        return Err(format!("{name} has {what}: no other key goes with it"));
    }
    if let Some(pattern) = &model.run {
        run(pattern).map_err(|what| format!("{name}: run: {what}"))?;
    }
    if let Some(training) = &model.train {
        super::training::training(training).map_err(|what| format!("{name}: {what}"))?;
    }
    if model.output_name.is_some() && model.program.is_none() {
        return Err(format!(
            "{name} has an output_name, which goes with a program only"
        ));
    }
    if model.checkpoint.is_some() {
        return Ok(());
    }
    if model.arch.is_some() {
        return Err(format!("{name} has an arch: give its checkpoint too"));
    }
    if model.prefix.is_some() {
        return Err(format!(
            "{name} has a prefix, which goes with a checkpoint only"
        ));
    }
    if model.key.is_some() {
        return Err(format!(
            "{name} has a key, which goes with a checkpoint only"
        ));
    }
    Ok(())
}

/// A source that is a whole model, if it has one.
fn whole(model: &Model) -> Option<&'static str> {
    if model.file.is_some() {
        return Some("a file, an existing model.h5");
    }
    if model.run.is_some() {
        return Some("a run, existing checkpoints");
    }
    model.train.is_some().then_some("a training")
}

/// Checks that a run has checkpoints, all of which exist.
fn run(pattern: &Path) -> Result<(), String> {
    let files = weights::files_of_run(&[pattern.into()]).map_err(|error| error.to_string())?;
    for file in &files {
        if !file.is_file() {
            return Err(format!("{}: there is no such file", file.display()));
        }
    }
    Ok(())
}

/// Checks that a data set has one source, and what belongs to its format.
pub(super) fn data(name: &Name, data: &Data) -> Result<(), String> {
    if data.file.is_some() {
        let alone = data.format.is_none() && data.path.is_none() && settings(data).is_empty();
        return if alone {
            Ok(())
        } else {
            Err(format!(
                "{name} has a file, an existing data.h5: no other key goes with it"
            ))
        };
    }
    let (Some(format), Some(_)) = (data.format, &data.path) else {
        return Err(format!(
            "{name} has no source: give a format and a path, or a file"
        ));
    };
    if data.classes.is_some() && format != Format::Idx {
        return Err(format!(
            "{name} has classes, which go with the format idx only"
        ));
    }
    if data.size.is_some() && format != Format::Folder {
        return Err(format!(
            "{name} has a size, which goes with the format folder only"
        ));
    }
    Ok(())
}

/// Checks directions, of a grid with a second axis (`surface`) or without one.
pub(super) fn directions(directions: &Directions, surface: bool) -> Result<(), String> {
    let is_made = !settings(directions).is_empty()
        || directions.target.is_some()
        || directions.target_y.is_some()
        || directions.pca.is_some();
    if directions.file.is_some() && is_made {
        return Err("the directions are an existing file: no other key goes with it".into());
    }
    let of_y =
        directions.ynorm.is_some() || directions.yignore.is_some() || directions.target_y.is_some();
    let of_x = directions.xnorm.is_some() || directions.target.is_some();
    if of_y && !surface {
        return Err("ynorm, yignore and target_y are for y, but the grid has no y".into());
    }
    if directions.target.is_some() && (directions.xnorm.is_some() || directions.xignore.is_some()) {
        return Err("x leads to a target: leave out xnorm and xignore".into());
    }
    if directions.target_y.is_some() && (directions.ynorm.is_some() || directions.yignore.is_some())
    {
        return Err("y leads to a target_y: leave out ynorm and yignore".into());
    }
    if directions.orthonormal == Some(true) {
        if directions.target.is_none() {
            return Err("orthonormal axes lead to targets: give a target".into());
        }
        if surface && directions.target_y.is_none() {
            return Err("an orthonormal plane goes through three models: give a target_y".into());
        }
    }
    if let Some(pca) = &directions.pca {
        if of_x || of_y || directions.same_dir == Some(true) || directions.seed.is_some() {
            return Err(
                "principal components go with dir_type, xignore, only and except alone".into(),
            );
        }
        if let Pca::Files(files) = pca {
            weights::files_of_run(files).map_err(|error| format!("pca: {error}"))?;
        }
    }
    Ok(())
}
