//! What a study costs, before it runs.

use std::path::Path;

use anyhow::Context;
use files::{Contents, DatasetFile, Shard};

use crate::{
    config::Config,
    work::{Shards, Work},
};

/// Prints a line for each surface: its points, its shards, the images to evaluate where the data are there, and the
/// hours where a point was timed.
pub(crate) fn print(work: &Work, config: &Config, estimate: bool) -> anyhow::Result<()> {
    let width = work
        .surfaces
        .iter()
        .map(|surface| surface.name.len())
        .max()
        .unwrap_or(0)
        .max("surface".len());
    let hours = if estimate { "      hours" } else { "" };
    let head = format!(
        "{:<width$} {:>9} {:>7} {:>14}{hours}",
        "surface", "points", "shards", "images"
    );
    stage::print(head)?;
    let (mut points, mut shards, mut images, mut total) = (0, 0, Some(0usize), 0.0);
    for surface in &work.surfaces {
        let of_surface =
            images_of(surface).and_then(|examples| examples.checked_mul(surface.points));
        let mut line = format!(
            "{:<width$} {:>9} {:>7} {:>14}",
            surface.name,
            surface.points,
            surface.count,
            of_surface.map_or_else(|| "?".into(), |images| images.to_string())
        );
        if estimate {
            let hours = seconds(surface)? * surface.points as f64 / 3600.0;
            line += &format!(" {hours:>10.3}");
            total += hours;
        }
        stage::print(line)?;
        points += surface.points;
        shards += surface.count;
        images = images
            .zip(of_surface)
            .and_then(|(sum, more): (usize, usize)| sum.checked_add(more));
    }
    let images = images.map_or_else(|| "?".into(), |images| images.to_string());
    let mut line = format!(
        "{:<width$} {points:>9} {shards:>7} {images:>14}",
        "together"
    );
    if estimate {
        let jobs = config.slurm.cpus_per_task.map_or(1, usize::from);
        line += &format!(
            " {total:>10.3}\n{:.3} node-hours, {jobs} points at once per node",
            total / jobs as f64
        );
    }
    Ok(stage::print(line)?)
}

/// Examples that a point evaluates; `None` where the data are not there yet.
fn images_of(surface: &Shards) -> Option<usize> {
    let data = DatasetFile::open(Path::new(&surface.data)).ok()?;
    let splits = surface
        .settings
        .get("split")
        .map(|splits| splits.split(',').collect::<Vec<_>>());
    let limit = surface
        .settings
        .get("limit")
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(usize::MAX);
    let wanted = data.splits().iter().filter(|split| {
        splits
            .as_ref()
            .is_none_or(|names| names.contains(&split.name()))
    });
    wanted
        .map(|split| data.count(split).map(|count| count.min(limit)).ok())
        .sum()
}

/// Seconds that a point takes one job.
fn seconds(surface: &Shards) -> anyhow::Result<f64> {
    let timed = Path::new(&surface.timed);
    let shard = timed.exists().then(|| Shard::read(timed)).transpose()?;
    let shard = shard.with_context(|| {
        format!(
            "{} is not there: `make -f …/plan.mk timed` measures it",
            timed.display()
        )
    })?;
    shard
        .seconds_per_point
        .with_context(|| format!("{} does not say what a point took", timed.display()))
}
