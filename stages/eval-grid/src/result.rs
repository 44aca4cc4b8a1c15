use files::{Metric, Shard};
use grid::Grid;
use ndarray::Array1;

use crate::{args::Args, inputs::Inputs, journal::Journal};

/// The shard file: the values of the journal in the order of the points.
pub(crate) fn shard(
    args: &Args,
    inputs: &Inputs,
    grid: Grid,
    points: Vec<usize>,
    metrics: Vec<String>,
    journal: &Journal,
    seconds_per_point: Option<f64>,
) -> Shard {
    let column = |(k, name)| {
        let values: Array1<f64> = points.iter().map(|point| journal.values(*point)[k]).collect();
        Metric { name, values: values.into_dyn() }
    };
    Shard {
        metrics: metrics.into_iter().enumerate().map(column).collect(),
        grid,
        part: args.shard,
        points: points.iter().map(|point| *point as i64).collect(),
        measurement: inputs.measurement().clone(),
        dir_file: args.directions.display().to_string(),
        seconds_per_point,
    }
}
