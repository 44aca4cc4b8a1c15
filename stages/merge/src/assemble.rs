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
        first.measurement.check_same(&first.header.path, &shard.measurement, &shard.header)?;
        for (axis, mine, theirs) in
            [("x", Some(&first.grid.x), Some(&shard.grid.x)), ("y", first.grid.y.as_ref(), shard.grid.y.as_ref())]
        {
            ensure!(mine == theirs, "{path} has the {axis} axis {}, {other} has {}", describe(mine), describe(theirs));
        }
        let names =
            |shard: &Shard| shard.metrics.iter().map(|metric| metric.name.as_str()).collect::<Vec<_>>().join(", ");
        let (mine, theirs) = (names(first), names(shard));
        ensure!(mine == theirs, "{path} holds {mine}; {other} holds {theirs}: use the same --split for all shards");
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
                    "{one} (shard {}) and {other} (shard {}) both hold point {point}: leave one out",
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
    let array = |values| ArrayD::from_shape_vec(shape.clone(), values).expect("one value a point");
    let metrics = first
        .metrics
        .iter()
        .zip(columns)
        .map(|(metric, values)| Metric { name: metric.name.clone(), values: array(values) });
    Surface {
        grid: first.grid.clone(),
        metrics: metrics.collect(),
        evaluated: ArrayD::from_shape_vec(shape.clone(), evaluated).expect("one mask a point"),
        measurement: Some(first.measurement.clone()),
        dir_file: first.dir_file.clone(),
        notes: Vec::new(),
    }
}
