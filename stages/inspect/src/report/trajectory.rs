use files::{Along, Measured, Trajectory};
use serde::Serialize;

use super::{
    Made,
    measured::{Range, Settings},
    metric::Values,
};
use crate::text::{Row, real, row};

/// What a trajectory holds.
#[derive(Serialize)]
pub(crate) struct Report {
    /// The number of checkpoints, or of points.
    steps: usize,
    x: Range,
    y: Option<Range>,
    residual: Option<Range>,
    distance: Option<Range>,
    arc_length: Option<Range>,
    runs: Vec<String>,
    checkpoints: Vec<String>,
    metrics: Vec<Values>,
    /// For each metric along a curve between two networks, what it does there.
    along: Vec<Summary>,
    measurement: Option<Settings>,
    directions: Option<Made>,
}

/// A metric along a curve between two networks.
#[derive(Serialize)]
struct Summary {
    name: String,
    min: f64,
    max: f64,
    /// The mean over the length of the curve.
    mean: f64,
    /// How much worse than on the straight line between the values at the ends.
    barrier: Option<f64>,
}

impl Report {
    pub(crate) fn new(trajectory: &Trajectory) -> Self {
        let measured = trajectory.measured.as_ref();
        Self {
            steps: trajectory.len(),
            x: Range::of(&trajectory.x),
            y: trajectory.y.as_deref().map(Range::of),
            residual: trajectory.residual.as_deref().map(Range::of),
            distance: trajectory.distance.as_deref().map(Range::of),
            arc_length: trajectory.arc_length.as_deref().map(Range::of),
            runs: trajectory.runs.clone(),
            checkpoints: trajectory.checkpoints.clone(),
            metrics: measured.map(values).unwrap_or_default(),
            along: summaries(trajectory),
            measurement: measured.map(|measured| Settings::of(&measured.measurement)),
            directions: trajectory.directions.as_ref().map(Made::from),
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = vec![row("steps", self.steps.to_string())];
        rows.push(row("x", self.x.said()));
        for (name, range) in [
            ("y", &self.y),
            ("residual", &self.residual),
            ("distance", &self.distance),
            ("arc length", &self.arc_length),
        ] {
            rows.extend(range.as_ref().map(|range| row(name, range.said())));
        }
        if !self.runs.is_empty() {
            rows.push(row("runs", self.runs.join(", ")));
        }
        if let [first, .., last] = &self.checkpoints[..] {
            rows.push(row("checkpoints", format!("{first} … {last}")));
        }
        for values in &self.metrics {
            rows.extend(values.rows());
        }
        for summary in &self.along {
            rows.push(summary.row());
        }
        match (&self.measurement, &self.directions) {
            (Some(settings), _) => rows.extend(settings.rows()),
            (None, Some(directions)) => rows.push(directions.row("directions")),
            (None, None) => {}
        }
        rows
    }
}

fn values(measured: &Measured) -> Vec<Values> {
    let mut evaluated = Vec::with_capacity(measured.evaluated.len());
    for mark in &measured.evaluated {
        evaluated.push(*mark != 0);
    }
    Values::of_all(&measured.metrics, &evaluated)
}

/// The metrics along a curve between two networks; none where the points are no such curve.
fn summaries(trajectory: &Trajectory) -> Vec<Summary> {
    let mut summaries = Vec::new();
    for metric in trajectory.measured.iter().flat_map(|it| &it.metrics) {
        let Some(along) = trajectory.along(metric) else {
            continue;
        };
        let Along {
            min,
            max,
            mean,
            barrier,
        } = along;
        summaries.push(Summary {
            name: metric.name.clone(),
            min,
            max,
            mean,
            barrier,
        });
    }
    summaries
}

impl Summary {
    fn row(&self) -> Row {
        let (min, max, mean) = (real(self.min), real(self.max), real(self.mean));
        let mut said = format!("min {min}, max {max}, mean over the length {mean}");
        if let Some(barrier) = self.barrier {
            said += &format!(", barrier {}", real(barrier));
        }
        row(format!("{} along", self.name), said)
    }
}
