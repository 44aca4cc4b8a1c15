use ndarray::ArrayD;

use super::{CURVE, METHOD, Measured, Trajectory};
use crate::{
    Kind, Measurement, Metric, Note, Result, Tensor,
    contents::{Contents, Item, Value},
    measurement::METRICS,
    reader::Reader,
    surface::EVALUATED,
};

/// Its presence says that a shard was measured along a trajectory.
pub(crate) const X: &str = "/proj_xcoord";
const Y: &str = "/proj_ycoord";
const RESIDUAL: &str = "/residual";
const DISTANCE: &str = "/distance";
const ARC_LENGTH: &str = "/arc_length";
const PARAMETER: &str = "/parameter";
const CHECKPOINTS: &str = "/checkpoints";
const IDS: &str = "/checkpoint_ids";
const RUN: &str = "/run";
const RUNS: &str = "runs";
const DIRECTIONS: &str = "directions";

impl Contents for Trajectory {
    const KIND: Kind = Kind::Trajectory;

    fn items(&self) -> Vec<Item<'_>> {
        let mut items = self.places();
        if let Some(measured) = &self.measured {
            items.extend(measured.metrics.iter().flat_map(Metric::items));
            let evaluated = Value::U8(measured.evaluated.view());
            items.push(Item::dataset(EVALUATED, evaluated));
            let names = Metric::names(&measured.metrics);
            items.push(Item::attribute("", METRICS, names));
            // the directions are among what it was measured with
            items.extend(measured.measurement.items());
        } else if let Some(directions) = &self.directions {
            items.extend(Item::origin(DIRECTIONS, directions));
        }
        items.extend(Item::notes(&self.notes));
        items
    }

    fn load(reader: &Reader) -> Result<Self> {
        let mut known = Measurement::attributes();
        known.extend([METRICS, RUNS].map(String::from));
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut trajectory = Self::load_places(reader)?;
        trajectory.directions = reader.origin_if_any(DIRECTIONS)?;
        trajectory.measured = trajectory.load_measured(reader)?;
        trajectory.notes = reader.notes(&known)?;
        Ok(trajectory)
    }
}

impl Trajectory {
    /// Where its checkpoints are, as items.
    pub(crate) fn places(&self) -> Vec<Item<'_>> {
        let mut items = vec![Item::dataset(X, self.x.as_slice())];
        for (name, values) in self.lines() {
            items.extend(values.map(|values| Item::dataset(name, values)));
        }
        if !self.checkpoints.is_empty() {
            items.push(Item {
                counts: false,
                ..Item::dataset(CHECKPOINTS, self.checkpoints.as_slice())
            });
        }
        if !self.checkpoint_ids.is_empty() {
            items.push(Item::dataset(IDS, self.checkpoint_ids.as_slice()));
        }
        if !self.runs.is_empty() {
            items.push(Item::dataset(RUN, self.run.as_slice()));
            items.push(Item::attribute("", RUNS, self.runs.as_slice()));
        }
        items
    }

    /// The arrays with a value for each checkpoint that may be there beside x.
    fn lines(&self) -> [(&'static str, Option<&[f64]>); 5] {
        [
            (Y, self.y.as_deref()),
            (RESIDUAL, self.residual.as_deref()),
            (DISTANCE, self.distance.as_deref()),
            (ARC_LENGTH, self.arc_length.as_deref()),
            (PARAMETER, self.parameter.as_deref()),
        ]
    }

    /// Where its checkpoints are, of a trajectory or of a shard along one.
    pub(crate) fn load_places(reader: &Reader) -> Result<Self> {
        let trajectory = Self {
            x: reader.line(X)?,
            y: reader.line_if_any(Y)?,
            residual: reader.line_if_any(RESIDUAL)?,
            distance: reader.line_if_any(DISTANCE)?,
            arc_length: reader.line_if_any(ARC_LENGTH)?,
            parameter: reader.line_if_any(PARAMETER)?,
            checkpoints: load_texts(reader, CHECKPOINTS)?,
            checkpoint_ids: load_texts(reader, IDS)?,
            runs: reader.texts_if_any("", RUNS)?.unwrap_or_default(),
            run: load_runs(reader)?,
            directions: None,
            measured: None,
            notes: Vec::new(),
        };
        trajectory.check(reader)?;
        Ok(trajectory)
    }

    /// What was measured, in a file that says that something was.
    fn load_measured(&self, reader: &Reader) -> Result<Option<Measured>> {
        let Some(names) = reader.texts_if_any("", METRICS)? else {
            return Ok(None);
        };
        let count = self.len();
        let metrics = Metric::load_all(reader, &names, |name, values| {
            match values.shape() == [count] {
                true => Ok(values),
                false => Err(reader.invalid(misfit(name, values.len(), count))),
            }
        })?;
        let evaluated = match reader.marks_if_any(EVALUATED)? {
            None => ArrayD::ones(vec![count]),
            Some(marks) if marks.shape() == [count] => marks,
            Some(marks) => return Err(reader.invalid(misfit(EVALUATED, marks.len(), count))),
        };
        Ok(Some(Measured {
            metrics,
            evaluated,
            measurement: Measurement::load(reader)?,
        }))
    }

    /// Checks that everything that is there has a value for each checkpoint.
    fn check(&self, reader: &Reader) -> Result<()> {
        let mut lengths = Vec::new();
        for (name, values) in self.lines() {
            if let Some(values) = values {
                lengths.push((name, values.len()));
            }
        }
        if !self.checkpoints.is_empty() {
            lengths.push((CHECKPOINTS, self.checkpoints.len()));
        }
        if !self.checkpoint_ids.is_empty() {
            lengths.push((IDS, self.checkpoint_ids.len()));
        }
        if !self.runs.is_empty() {
            lengths.push((RUN, self.run.len()));
        }
        for (name, length) in lengths {
            if length != self.len() {
                return Err(reader.invalid(misfit(name, length, self.len())));
            }
        }
        for number in &self.run {
            if *number < 0 || *number >= self.runs.len() as i64 {
                return Err(reader.invalid(format!(
                    "\"{RUN}\" holds {number}, but \"{RUNS}\" names {} runs, counted from 0",
                    self.runs.len()
                )));
            }
        }
        Ok(())
    }
}

/// What shards along a trajectory keep of its remarks, beside those on its plane: the method and
/// the curve.
pub fn remarks(notes: &[(String, Note)]) -> Vec<(String, Note)> {
    let mut kept = Vec::new();
    for (name, note) in notes {
        if [METHOD, CURVE].contains(&name.as_str()) {
            kept.push((name.clone(), note.clone()));
        }
    }
    kept
}

fn misfit(name: &str, length: usize, checkpoints: usize) -> String {
    format!("\"{name}\" has {length} values, \"{X}\" has {checkpoints}")
}

fn load_texts(reader: &Reader, name: &str) -> Result<Vec<String>> {
    match reader.has(name) {
        true => reader.texts_dataset(name),
        false => Ok(Vec::new()),
    }
}

/// The number of each checkpoint's run, where the file has runs.
fn load_runs(reader: &Reader) -> Result<Vec<i64>> {
    match reader.tensor_if_any(RUN)? {
        None => Ok(Vec::new()),
        Some(Tensor::I64(numbers)) => Ok(numbers.into_iter().collect()),
        Some(Tensor::U8(numbers)) => Ok(numbers.into_iter().map(i64::from).collect()),
        Some(Tensor::F32(_) | Tensor::F64(_)) => Err(reader.invalid(format!(
            "\"{RUN}\" holds real numbers: runs are counted from 0"
        ))),
    }
}
