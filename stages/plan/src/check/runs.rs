//! What needs the checkpoints of a run: axes, trajectories and their pictures.

use anyhow::ensure;
use serde_yaml::Location;

use crate::{
    config::{Pca, Runs},
    read::Source,
    settings::word,
    sweep::Surface,
};

/// What a model without a run is told.
const GIVE_A_RUN: &str = "describe it by `train`, or by `run: nets/model-*.h5`";

/// Checks that surfaces have the runs that their axes and pictures need.
///
/// # Errors
/// The first that has none, with the place of what needs it.
pub(super) fn check(source: &Source, surfaces: &[Surface]) -> anyhow::Result<()> {
    let config = &source.config;
    for surface in surfaces {
        let model = surface.settings["model"].as_str();
        if let Some(directions) = &config.directions
            && let Some(Pca::Of(whose)) = &directions.value.pca
        {
            let (pca, has_runs) = match whose {
                Runs::Run => ("run", config.has_run(model)),
                Runs::Runs => ("runs", !config.runs_with(model).is_empty()),
            };
            let place = directions.referenced;
            has(source, place, has_runs, &format!("pca: {pca}"), model)?;
        }
        for picture in &config.pictures {
            let has_runs = !config.runs_with(model).is_empty();
            if picture.value.shows_runs() {
                let plot = picture.value.plot;
                let what = match plot.is_of_runs() {
                    true => format!("plot: {}", word(&plot)),
                    false => "trajectory".into(),
                };
                has(source, picture.referenced, has_runs, &what, model)?;
            }
        }
    }
    Ok(())
}

fn has(
    source: &Source,
    place: Location,
    has_runs: bool,
    what: &str,
    model: &str,
) -> anyhow::Result<()> {
    ensure!(
        has_runs,
        source.wrong(
            place,
            format!("{what} needs checkpoints, but {model} has no run: {GIVE_A_RUN}")
        )
    );
    Ok(())
}

/// Checks the models that a trajectory names.
pub(super) fn named(source: &Source) -> anyhow::Result<()> {
    let config = &source.config;
    let Some(trajectory) = &config.trajectory else {
        return Ok(());
    };
    let Some(runs) = &trajectory.value.runs else {
        return Ok(());
    };
    ensure!(
        !runs.is_empty(),
        source.wrong(trajectory.referenced, "runs is empty: name a model there")
    );
    for (number, run) in runs.iter().enumerate() {
        let name = run.name();
        ensure!(
            config.has_run(name),
            source.wrong(run.place(), format!("{name} has no run: {GIVE_A_RUN}"))
        );
        ensure!(
            runs[..number].iter().all(|other| other.name() != name),
            source.wrong(run.place(), format!("runs names {name} twice"))
        );
    }
    Ok(())
}
