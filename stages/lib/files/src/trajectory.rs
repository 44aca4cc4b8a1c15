use crate::{
    Kind, Note, Origin, Result, Stored, Surface, Tensor,
    contents::{Contents, Item},
    reader::Reader,
};

const X: &str = "/proj_xcoord";
const Y: &str = "/proj_ycoord";
const RESIDUAL: &str = "/residual";
const DISTANCE: &str = "/distance";
const CHECKPOINTS: &str = "/checkpoints";
const IDS: &str = "/checkpoint_ids";
const RUN: &str = "/run";
const RUNS: &str = "runs";
const DIRECTIONS: &str = "directions";

/// Checkpoints projected onto directions, in the order of training.
#[derive(Debug, Clone, PartialEq)]
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
    /// How: the method, …
    pub notes: Vec<(String, Note)>,
}

impl Trajectory {
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
            y: self.y.as_deref().map(|y| chosen(y, places)),
            residual: self
                .residual
                .as_deref()
                .map(|values| chosen(values, places)),
            distance: self
                .distance
                .as_deref()
                .map(|values| chosen(values, places)),
            checkpoints: chosen(&self.checkpoints, places),
            checkpoint_ids: chosen(&self.checkpoint_ids, places),
            runs: Vec::new(),
            run: Vec::new(),
            directions: self.directions.clone(),
            notes: self.notes.clone(),
        }
    }

    /// The checkpoints in the plane, those that have a place there; y is 0 where there is one axis
    /// only.
    pub fn steps(&self) -> Vec<[f64; 2]> {
        let mut steps = Vec::new();
        for (k, x) in self.x.iter().enumerate() {
            let y = self.y.as_ref().map_or(0.0, |y| y[k]);
            if x.is_finite() && y.is_finite() {
                steps.push([*x, y]);
            }
        }
        steps
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

impl Contents for Trajectory {
    const KIND: Kind = Kind::Trajectory;

    fn items(&self) -> Vec<Item<'_>> {
        let mut items = vec![Item::dataset(X, self.x.as_slice())];
        if let Some(y) = &self.y {
            items.push(Item::dataset(Y, y.as_slice()));
        }
        if let Some(residual) = &self.residual {
            items.push(Item::dataset(RESIDUAL, residual.as_slice()));
        }
        if let Some(distance) = &self.distance {
            items.push(Item::dataset(DISTANCE, distance.as_slice()));
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
        if let Some(directions) = &self.directions {
            items.extend(Item::origin(DIRECTIONS, directions));
        }
        items.extend(Item::notes(&self.notes));
        items
    }

    fn load(reader: &Reader) -> Result<Self> {
        let trajectory = Self {
            x: reader.line(X)?,
            y: reader.line_if_any(Y)?,
            residual: reader.line_if_any(RESIDUAL)?,
            distance: reader.line_if_any(DISTANCE)?,
            checkpoints: if reader.has(CHECKPOINTS) {
                reader.texts_dataset(CHECKPOINTS)?
            } else {
                Vec::new()
            },
            checkpoint_ids: if reader.has(IDS) {
                reader.texts_dataset(IDS)?
            } else {
                Vec::new()
            },
            runs: reader.texts_if_any("", RUNS)?.unwrap_or_default(),
            run: load_runs(reader)?,
            directions: reader.origin_if_any(DIRECTIONS)?,
            notes: reader.notes(&["directions_id", "directions_command", RUNS])?,
        };
        trajectory.check(reader)?;
        Ok(trajectory)
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

impl Trajectory {
    /// Checks that everything that is there has a value for each checkpoint.
    fn check(&self, reader: &Reader) -> Result<()> {
        let checkpoints = self.x.len();
        let mut lengths = Vec::new();
        for (name, values) in [
            (Y, &self.y),
            (RESIDUAL, &self.residual),
            (DISTANCE, &self.distance),
        ] {
            if let Some(values) = values {
                lengths.push((name, values.len()));
            }
        }
        if !self.checkpoint_ids.is_empty() {
            lengths.push((IDS, self.checkpoint_ids.len()));
        }
        if !self.runs.is_empty() {
            lengths.push((RUN, self.run.len()));
        }
        for (name, length) in lengths {
            if length != checkpoints {
                return Err(reader.invalid(format!(
                    "\"{name}\" has {length} values, \"{X}\" has {checkpoints}"
                )));
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
