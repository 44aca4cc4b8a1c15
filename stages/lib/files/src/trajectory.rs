//! Checkpoints, or the points of a curve, on the plane of directions.

mod along;
mod contents;

use ndarray::{ArrayD, Axis};

use crate::{Measurement, Metric, Note, Origin, Result, Stored, Surface};

pub use along::Along;
pub(crate) use contents::X;
pub use contents::remarks as remarks_of_the_trajectory;

/// How coordinates were found: `lstsq` or `cos`.
pub const METHOD: &str = "method";
/// What curve the points lie on: `bezier` or `chain`.
pub const CURVE: &str = "curve";

/// Checkpoints projected onto directions, in the order of training, or points of a curve.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trajectory {
    /// Coordinates along the x direction.
    pub x: Vec<f64>,
    /// Coordinates along the y direction; `None` on one axis.
    pub y: Option<Vec<f64>>,
    /// Distance of each checkpoint from the plane, in the units of the weights; `None` in files of
    /// the Python tool.
    pub residual: Option<Vec<f64>>,
    /// Distance of each checkpoint from the model at the origin, in the units of the weights.
    pub distance: Option<Vec<f64>>,
    /// Length of the way on the plane from the first checkpoint of a run to each one, in the units
    /// of the weights.
    pub arc_length: Option<Vec<f64>>,
    /// For points of a curve between two networks: its parameter, 0 at the first network and 1 at
    /// the second one.
    pub parameter: Option<Vec<f64>>,
    /// The files of the checkpoints; may be empty.
    pub checkpoints: Vec<String>,
    /// Their ids; may be empty.
    pub checkpoint_ids: Vec<String>,
    /// The names of the runs that the checkpoints belong to; empty where there is one run without
    /// a name.
    pub runs: Vec<String>,
    /// For each checkpoint the number of its run, from 0; empty where `runs` is.
    pub run: Vec<i64>,
    /// The directions that they were projected onto; `None` in files of other tools.
    pub directions: Option<Origin>,
    /// What was measured at the checkpoints, or at their places on the plane.
    pub measured: Option<Measured>,
    /// How: the method, …
    pub notes: Vec<(String, Note)>,
}

/// What was measured along a trajectory.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Arrays `[K]`, a value for each checkpoint: losses in nats, accuracies in percent. NaN where
    /// not computed.
    pub metrics: Vec<Metric>,
    /// 1 where a value was computed, whatever came out.
    pub evaluated: ArrayD<u8>,
    /// How it was measured.
    pub measurement: Measurement,
}

impl Trajectory {
    /// Number of checkpoints, or points.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// The place of a checkpoint; y is 0 where there is one axis only.
    pub fn place(&self, number: usize) -> (f64, f64) {
        (self.x[number], self.y.as_ref().map_or(0.0, |y| y[number]))
    }

    /// The numbers of the checkpoints that have a place in the plane.
    pub fn placed(&self) -> Vec<usize> {
        let mut placed = Vec::new();
        for number in 0..self.len() {
            let (x, y) = self.place(number);
            if x.is_finite() && y.is_finite() {
                placed.push(number);
            }
        }
        placed
    }

    /// The places of the checkpoints that have one in the plane.
    pub fn steps(&self) -> Vec<[f64; 2]> {
        let mut steps = Vec::new();
        for number in self.placed() {
            let (x, y) = self.place(number);
            steps.push([x, y]);
        }
        steps
    }

    /// What was measured of this name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        let measured = self.measured.as_ref()?;
        measured.metrics.iter().find(|metric| metric.name == name)
    }

    /// A remark that is a text.
    pub fn said(&self, name: &str) -> Option<&str> {
        let (_, note) = self.notes.iter().find(|(other, _)| other == name)?;
        match note {
            Note::Text(text) => Some(text),
            Note::Integer(_) | Note::Real(_) => None,
        }
    }

    /// Each run by itself, with its name; a trajectory of one run without a name is itself.
    pub fn by_run(&self) -> Vec<(Option<String>, Self)> {
        if self.runs.is_empty() {
            return vec![(None, self.clone())];
        }
        let mut runs = Vec::new();
        for (number, name) in self.runs.iter().enumerate() {
            let mut places = Vec::new();
            for (place, run) in self.run.iter().enumerate() {
                if *run == number as i64 {
                    places.push(place);
                }
            }
            runs.push((Some(name.clone()), self.part(&places)));
        }
        runs
    }

    /// Some of its checkpoints.
    fn part(&self, places: &[usize]) -> Self {
        Self {
            x: chosen(&self.x, places),
            y: some_of(self.y.as_ref(), places),
            residual: some_of(self.residual.as_ref(), places),
            distance: some_of(self.distance.as_ref(), places),
            arc_length: some_of(self.arc_length.as_ref(), places),
            parameter: some_of(self.parameter.as_ref(), places),
            checkpoints: chosen(&self.checkpoints, places),
            checkpoint_ids: chosen(&self.checkpoint_ids, places),
            runs: Vec::new(),
            run: Vec::new(),
            directions: self.directions.clone(),
            measured: self.measured.as_ref().map(|all| all.part(places)),
            notes: self.notes.clone(),
        }
    }
}

impl Measured {
    fn part(&self, places: &[usize]) -> Self {
        let mut metrics = Vec::with_capacity(self.metrics.len());
        for metric in &self.metrics {
            metrics.push(metric.select(places));
        }
        Self {
            metrics,
            evaluated: self.evaluated.select(Axis(0), places),
            measurement: self.measurement.clone(),
        }
    }
}

/// Some of the values, none where there are none.
fn chosen<T: Clone>(values: &[T], places: &[usize]) -> Vec<T> {
    let mut chosen = Vec::with_capacity(places.len());
    for place in places {
        chosen.extend(values.get(*place).cloned());
    }
    chosen
}

fn some_of(values: Option<&Vec<f64>>, places: &[usize]) -> Option<Vec<f64>> {
    values.map(|values| chosen(values, places))
}

impl Stored<Surface> {
    /// Checks that a trajectory lies on this surface: both were made with the same directions.
    /// Files of other tools say nothing of theirs.
    ///
    /// # Errors
    /// [`Error::Foreign`](crate::Error::Foreign), with both ids and the commands that made them.
    pub fn check_trajectory(&self, trajectory: &Stored<Trajectory>) -> Result<()> {
        match (&self.measurement, &trajectory.directions) {
            (Some(measured), Some(theirs)) => measured.directions.check_same(
                &self.header.path,
                "directions",
                theirs,
                &trajectory.header.path,
            ),
            _ => Ok(()),
        }
    }
}
