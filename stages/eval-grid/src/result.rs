use files::{Metric, Note, Shard};

use crate::{
    inputs::Inputs,
    measured::Measured,
    settings::{Settings, Wanted},
};

/// What is known of a run beside its values.
pub(crate) struct Remarks {
    pub(crate) seconds_per_point: Option<f64>,
    pub(crate) working_batch: usize,
    pub(crate) precision_error: Option<f64>,
}

/// What is kept of the remarks of the directions, and of the trajectory that is measured along.
fn remarks_on(inputs: &Inputs, settings: &Settings) -> Vec<(String, Note)> {
    let mut notes = inputs.directions.remarks_of_the_plane();
    if let (Wanted::Points { .. }, Some(trajectory)) = (&settings.wanted, &inputs.trajectory) {
        notes.extend(files::remarks_of_the_trajectory(&trajectory.notes));
    }
    notes
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
        places: measured.places.clone(),
        part: settings.shard,
        points: points.iter().map(|point| *point as i64).collect(),
        measurement: measured.measurement.clone(),
        dir_file: settings.directions.display().to_string(),
        seconds_per_point: remarks.seconds_per_point,
        working_batch: Some(remarks.working_batch),
        precision_error: remarks.precision_error,
        plane: remarks_on(inputs, settings),
    }
}
