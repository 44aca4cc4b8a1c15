//! Trajectories and marked networks of a page.

use std::collections::BTreeMap;

use files::{Mark, Note, Trajectory};
use serde::Serialize;

use crate::{data::input::Run, figure::look::Look};

#[derive(Serialize)]
pub(super) struct PageMark {
    name: String,
    at: [f64; 2],
}

#[derive(Serialize)]
pub(super) struct PageRun {
    name: String,
    colour: String,
    points: Vec<[f64; 2]>,
    /// What was measured at its checkpoints: for each quantity a value per point.
    own: BTreeMap<String, Vec<Option<f64>>>,
}

/// Trajectories with the colours of figures.
pub(super) fn page_runs(look: Look, runs: &[Run]) -> Vec<PageRun> {
    let mut all = Vec::new();
    for (k, run) in runs.iter().enumerate() {
        all.push(PageRun {
            name: run.name.clone(),
            colour: look.run(k, runs.len()).to_string(),
            points: run.path.steps(),
            own: own_values(&run.path),
        });
    }
    all
}

/// What was measured at the checkpoints that have a place on the plane; `None` where a value is
/// not finite.
fn own_values(path: &Trajectory) -> BTreeMap<String, Vec<Option<f64>>> {
    let mut own = BTreeMap::new();
    for metric in path.measured.iter().flat_map(|it| &it.metrics) {
        let mut values = Vec::new();
        for number in path.placed() {
            let value = metric.values[[number]];
            values.push(Some(value).filter(|value| value.is_finite()));
        }
        own.insert(metric.name.clone(), values);
    }
    own
}

pub(super) fn page_marks(notes: &[(String, Note)]) -> Vec<PageMark> {
    let mut marks = Vec::new();
    for Mark { at, name } in Mark::all(notes) {
        marks.push(PageMark { name, at });
    }
    marks
}
