use files::{AxisName, Metric, Shard};
use grid::Grid;
use ndarray::Array1;

use crate::{args::Args, inputs::Inputs, journal::Journal};

/// What is known of a run beside its values.
pub(crate) struct Remarks {
    pub(crate) seconds_per_point: Option<f64>,
    pub(crate) working_batch: usize,
    pub(crate) precision_error: Option<f64>,
}

/// What a point is in the journal: the metrics, then for each split whether its loss is a lower bound.
pub(crate) fn columns(inputs: &Inputs) -> Vec<String> {
    let mut columns = inputs.metrics();
    if inputs.measurement().stop_above.is_some() {
        let losses: Vec<String> = columns
            .iter()
            .filter(|name| is_loss(name))
            .cloned()
            .collect();
        columns.extend(losses.into_iter().map(|loss| format!("{loss} is at least")));
    }
    columns
}

/// The shard file: the values of the journal in the order of the points.
pub(crate) fn shard(
    args: &Args,
    inputs: &Inputs,
    grid: Grid,
    points: &[usize],
    journal: &Journal,
    remarks: &Remarks,
) -> Shard {
    let column = |k: usize| points.iter().map(move |point| journal.values(*point)[k]);
    let metrics = inputs.metrics();
    let mut bounds = metrics.len()..;
    let mut meanings = Vec::new();
    for axis in AxisName::ALL {
        meanings.extend(inputs.meaning(axis).map(|meaning| meaning.note(axis)));
    }
    let metric = |(k, name): (usize, &String)| {
        let bounded = inputs.measurement().stop_above.is_some() && is_loss(name);
        let bound = bounded.then(|| bounds.next()).flatten();
        let at_least = bound.map(|bound| {
            column(bound)
                .map(|flag| flag as u8)
                .collect::<Array1<u8>>()
                .into_dyn()
        });
        Metric {
            name: name.clone(),
            values: column(k).collect::<Array1<f64>>().into_dyn(),
            at_least,
        }
    };
    Shard {
        metrics: metrics.iter().enumerate().map(metric).collect(),
        grid,
        part: args.shard,
        points: points.iter().map(|point| *point as i64).collect(),
        measurement: inputs.measurement().clone(),
        dir_file: args.directions.display().to_string(),
        seconds_per_point: remarks.seconds_per_point,
        working_batch: Some(remarks.working_batch),
        precision_error: remarks.precision_error,
        meanings,
    }
}

fn is_loss(metric: &str) -> bool {
    metric.ends_with("_loss")
}
