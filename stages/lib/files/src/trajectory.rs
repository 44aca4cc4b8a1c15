use crate::{
    Kind, Note, Origin, Result, Stored, Surface,
    contents::{Contents, Item},
    reader::Reader,
};

const X: &str = "/proj_xcoord";
const Y: &str = "/proj_ycoord";
const RESIDUAL: &str = "/residual";
const CHECKPOINTS: &str = "/checkpoints";
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
    /// The files of the checkpoints; may be empty.
    pub checkpoints: Vec<String>,
    /// The directions that they were projected onto; `None` in files of other tools.
    pub directions: Option<Origin>,
    /// How: the method, …
    pub notes: Vec<(String, Note)>,
}

impl Trajectory {
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
        if !self.checkpoints.is_empty() {
            items.push(Item {
                counts: false,
                ..Item::dataset(CHECKPOINTS, self.checkpoints.as_slice())
            });
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
            checkpoints: if reader.has(CHECKPOINTS) {
                reader.texts_dataset(CHECKPOINTS)?
            } else {
                Vec::new()
            },
            directions: reader.origin_if_any(DIRECTIONS)?,
            notes: reader.notes(&["directions_id", "directions_command"])?,
        };
        for (name, values) in [(Y, &trajectory.y), (RESIDUAL, &trajectory.residual)] {
            if let Some(values) = values
                && values.len() != trajectory.x.len()
            {
                return Err(reader.invalid(format!(
                    "\"{name}\" has {} values, \"{X}\" has {}",
                    values.len(),
                    trajectory.x.len()
                )));
            }
        }
        Ok(trajectory)
    }
}
