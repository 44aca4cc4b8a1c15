use std::collections::HashMap;

use anyhow::{bail, ensure};
use files::{Measured, Metric, Places, Shard, Stored, Surface, Trajectory};
use ndarray::ArrayD;

/// Checks that all shards are parts of the same measurement of the same grid.
pub(crate) fn check_alike(shards: &[Stored<Shard>]) -> anyhow::Result<()> {
    let (first, others) = (&shards[0], &shards[1..]);
    let path = first.header.path.display();
    for shard in others {
        let other = shard.header.path.display();
        first
            .measurement
            .check_same(&first.header.path, &shard.measurement, &shard.header)?;
        // shards along one trajectory have its id among what they were measured with
        if let (Places::Grid(mine), Places::Grid(theirs)) = (&first.places, &shard.places) {
            for (axis, mine, theirs) in [
                ("x", Some(&mine.x), Some(&theirs.x)),
                ("y", mine.y.as_ref(), theirs.y.as_ref()),
            ] {
                ensure!(
                    mine == theirs,
                    "{path} has the {axis} axis {}, {other} has {}",
                    describe(mine),
                    describe(theirs)
                );
            }
        }
        let mine = names(first);
        let theirs = names(shard);
        ensure!(
            mine == theirs,
            "{path} holds {mine}; {other} holds {theirs}: use the same --split for all shards"
        );
    }
    Ok(())
}

/// The names of a shard's metrics.
fn names(shard: &Shard) -> String {
    let names: Vec<&str> = shard.metrics.iter().map(|it| it.name.as_str()).collect();
    names.join(", ")
}

fn describe(axis: Option<&Vec<f64>>) -> String {
    match axis.map(Vec::as_slice) {
        None => "none".into(),
        Some([only]) => format!("{only}:{only}:1"),
        Some(all) => format!("{}:{}:{}", all[0], all[all.len() - 1], all.len()),
    }
}

/// Checks that no point is in two shards.
pub(crate) fn check_overlaps(shards: &[Stored<Shard>]) -> anyhow::Result<()> {
    let mut owners: HashMap<i64, &Stored<Shard>> = HashMap::new();
    for shard in shards {
        for point in &shard.points {
            if let Some(owner) = owners.insert(*point, shard) {
                let (one, other) = (owner.header.path.display(), shard.header.path.display());
                bail!(
                    "{one} (shard {}) and {other} (shard {}) both hold point {point}: leave one \
                     out",
                    owner.part,
                    shard.part
                );
            }
        }
    }
    Ok(())
}

/// What shards make together.
pub(crate) enum Merged {
    Surface(Box<Surface>),
    Trajectory(Box<Trajectory>),
}

/// The surface, or the measured trajectory, of shards that were checked: points of no shard are
/// NaN, and 0 in the mask.
pub(crate) fn merged(shards: &[Stored<Shard>]) -> Merged {
    let first = &shards[0];
    let mut evaluated = ArrayD::zeros(first.places.shape());
    for shard in shards {
        let marks = ArrayD::ones(vec![shard.points.len()]);
        scatter(shard, &marks, &mut evaluated);
    }
    let mut metrics = Vec::new();
    for number in 0..first.metrics.len() {
        metrics.push(metric(shards, number));
    }
    let measurement = first.measurement.clone();
    match &first.places {
        Places::Grid(grid) => Merged::Surface(Box::new(Surface {
            grid: grid.clone(),
            metrics,
            evaluated,
            measurement: Some(measurement),
            dir_file: first.dir_file.clone(),
            notes: first.plane.clone(),
        })),
        Places::Trajectory(trajectory) => Merged::Trajectory(Box::new(Trajectory {
            directions: Some(measurement.directions.clone()),
            measured: Some(Measured {
                metrics,
                evaluated,
                measurement,
            }),
            notes: first.plane.clone(),
            ..(**trajectory).clone()
        })),
    }
}

/// Metric number `number` of all shards.
fn metric(shards: &[Stored<Shard>], number: usize) -> Metric {
    let first = &shards[0];
    let missing = ArrayD::from_elem(first.places.shape(), f64::NAN);
    let mut merged = Metric::new(first.metrics[number].quantity.clone(), missing.clone());
    for shard in shards {
        let part = &shard.metrics[number];
        scatter(shard, &part.values, &mut merged.values);
        if let Some(errors) = &part.stderr {
            let all = merged.stderr.get_or_insert_with(|| missing.clone());
            scatter(shard, errors, all);
        }
        if let Some(marks) = &part.at_least {
            let all = merged
                .at_least
                .get_or_insert_with(|| ArrayD::zeros(first.places.shape()));
            scatter(shard, marks, all);
        }
    }
    merged
}

/// Puts what a shard has at its points into an array over the grid.
fn scatter<T: Copy>(shard: &Shard, values: &ArrayD<T>, all: &mut ArrayD<T>) {
    let all = all.as_slice_mut().expect("a new array is one slice");
    for (point, value) in shard.points.iter().zip(values) {
        all[*point as usize] = *value;
    }
}
