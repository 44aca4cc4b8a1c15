use files::Trajectory;
use serde::Serialize;

use super::{Made, measured::Range};
use crate::text::{Row, row};

/// What a trajectory holds.
#[derive(Serialize)]
pub(crate) struct Report {
    /// The number of checkpoints.
    steps: usize,
    x: Range,
    y: Option<Range>,
    residual: Option<Range>,
    checkpoints: Vec<String>,
    directions: Option<Made>,
}

impl Report {
    pub(crate) fn new(trajectory: &Trajectory) -> Self {
        Self {
            steps: trajectory.x.len(),
            x: Range::of(&trajectory.x),
            y: trajectory.y.as_deref().map(Range::of),
            residual: trajectory.residual.as_deref().map(Range::of),
            checkpoints: trajectory.checkpoints.clone(),
            directions: trajectory.directions.as_ref().map(Made::from),
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = vec![row("steps", self.steps.to_string())];
        rows.push(row("x", self.x.said()));
        if let Some(y) = &self.y {
            rows.push(row("y", y.said()));
        }
        if let Some(residual) = &self.residual {
            rows.push(row("residual", residual.said()));
        }
        if let [first, .., last] = &self.checkpoints[..] {
            rows.push(row("checkpoints", format!("{first} … {last}")));
        }
        if let Some(directions) = &self.directions {
            rows.push(directions.row("directions"));
        }
        rows
    }
}
