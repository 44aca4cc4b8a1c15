use files::{Metric, Shard};

use crate::{inputs::Inputs, measured::Measured, settings::Settings};

/// What is known of a run beside its values.
pub(crate) struct Remarks {
    pub(crate) seconds_per_point: Option<f64>,
    pub(crate) working_batch: usize,
    pub(crate) precision_error: Option<f64>,
}

/// The shard file with these metrics at these points.
pub(crate) fn shard(
    settings: &Settings,
    inputs: &Inputs,
    measured: &Measured,
    points: &[usize],
    metrics: Vec<Metric>,
    remarks: &Remarks,
) -> Shard {
    Shard {
        metrics,
        grid: settings.grid.clone(),
        part: settings.shard,
        points: points.iter().map(|point| *point as i64).collect(),
        measurement: measured.measurement.clone(),
        dir_file: settings.directions.display().to_string(),
        seconds_per_point: remarks.seconds_per_point,
        working_batch: Some(remarks.working_batch),
        precision_error: remarks.precision_error,
        plane: inputs.directions.remarks_of_the_plane(),
    }
}
