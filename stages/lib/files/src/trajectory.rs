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
    /// Distance of each checkpoint from the plane, in the units of the weights; `None` in files of the Python tool.
    pub residual: Option<Vec<f64>>,
    /// The files of the checkpoints; may be empty.
    pub checkpoints: Vec<String>,
    /// The directions that they were projected onto; `None` in files of other tools.
    pub directions: Option<Origin>,
    /// How: the method, …
    pub notes: Vec<(String, Note)>,
}

impl Trajectory {
    /// The checkpoints in the plane, those that have a place there; y is 0 where there is one axis only.
    pub fn steps(&self) -> Vec<[f64; 2]> {
        let y = self
            .y
            .iter()
            .flatten()
            .copied()
            .chain(std::iter::repeat(0.0));
        let steps = self.x.iter().zip(y).map(|(x, y)| [*x, y]);
        steps
            .filter(|step| step.iter().all(|value| value.is_finite()))
            .collect()
    }
}

impl Stored<Surface> {
    /// Checks that a trajectory lies on this surface: both were made with the same directions. Files of other tools say
    /// nothing of theirs.
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
        items.extend(self.y.iter().map(|y| Item::dataset(Y, y.as_slice())));
        items.extend(
            self.residual
                .iter()
                .map(|residual| Item::dataset(RESIDUAL, residual.as_slice())),
        );
        if !self.checkpoints.is_empty() {
            items.push(Item {
                counts: false,
                ..Item::dataset(CHECKPOINTS, self.checkpoints.as_slice())
            });
        }
        items.extend(
            self.directions
                .iter()
                .flat_map(|directions| Item::origin(DIRECTIONS, directions)),
        );
        items.extend(
            self.notes
                .iter()
                .map(|(name, note)| Item::note("", name, note)),
        );
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
        let lengths = [trajectory.y.as_ref(), trajectory.residual.as_ref()]
            .map(|values| values.map(Vec::len));
        if lengths
            .iter()
            .flatten()
            .any(|length| *length != trajectory.x.len())
        {
            return Err(reader.invalid(format!(
                "the coordinates have different lengths: {}, {lengths:?}",
                trajectory.x.len()
            )));
        }
        Ok(trajectory)
    }
}
