use std::collections::HashMap;

use anyhow::{bail, ensure};
use files::{Metric, Shard, Stored, Surface};
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
        for (axis, mine, theirs) in [
            ("x", Some(&first.grid.x), Some(&shard.grid.x)),
            ("y", first.grid.y.as_ref(), shard.grid.y.as_ref()),
        ] {
            ensure!(
                mine == theirs,
                "{path} has the {axis} axis {}, {other} has {}",
                describe(mine),
                describe(theirs)
            );
        }
        let names = |shard: &Shard| {
            shard
                .metrics
                .iter()
                .map(|metric| metric.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let (mine, theirs) = (names(first), names(shard));
        ensure!(
            mine == theirs,
            "{path} holds {mine}; {other} holds {theirs}: use the same --split for all shards"
        );
    }
    Ok(())
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

/// The surface of shards that were checked: points of no shard are NaN, and 0 in the mask.
pub(crate) fn surface(shards: &[Stored<Shard>]) -> Surface {
    let first = &shards[0];
    let shape = first.grid.shape();
    let mut evaluated = vec![0; first.grid.len()];
    let mut columns = vec![vec![f64::NAN; first.grid.len()]; first.metrics.len()];
    for shard in shards {
        for (row, point) in shard.points.iter().map(|point| *point as usize).enumerate() {
            evaluated[point] = 1;
            for (column, metric) in columns.iter_mut().zip(&shard.metrics) {
                column[point] = metric.values[row];
            }
        }
    }
    let metric = |(k, values): (usize, Vec<f64>)| {
        let bounded = shards
            .iter()
            .any(|shard| shard.metrics[k].at_least.is_some());
        let at_least = bounded.then(|| array(&shape, bounds(shards, k)));
        Metric {
            quantity: first.metrics[k].quantity.clone(),
            values: array(&shape, values),
            stderr: None,
            at_least,
        }
    };
    let metrics = columns.into_iter().enumerate().map(metric);
    Surface {
        grid: first.grid.clone(),
        metrics: metrics.collect(),
        evaluated: array(&shape, evaluated),
        measurement: Some(first.measurement.clone()),
        dir_file: first.dir_file.clone(),
        notes: first.meanings.clone(),
    }
}

/// Where metric number `k` is a lower bound.
fn bounds(shards: &[Stored<Shard>], k: usize) -> Vec<u8> {
    let mut all = vec![0; shards[0].grid.len()];
    for shard in shards {
        let masked = shard
            .points
            .iter()
            .zip(shard.metrics[k].at_least.iter().flatten());
        masked.for_each(|(point, mask)| all[*point as usize] = *mask);
    }
    all
}

fn array<T>(shape: &[usize], values: Vec<T>) -> ArrayD<T> {
    ArrayD::from_shape_vec(shape, values).expect("one value a point")
}
