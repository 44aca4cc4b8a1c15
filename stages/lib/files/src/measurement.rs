use std::path::Path;

use grid::Grid;

use crate::{
    Error, Header, Origin, Result,
    contents::{Item, Value},
    reader::Reader,
};

pub(crate) const DIR_FILE: &str = "dir_file";
pub(crate) const METRICS: &str = "metrics";

const X: &str = "/xcoordinates";
const Y: &str = "/ycoordinates";
const LOSS: &str = "loss";
const IGNORE_INDEX: &str = "ignore_index";
const CLASS_AXIS: &str = "class_axis";
const PRECISION: &str = "precision";
const BATCH: &str = "batch";
const LIMIT: &str = "limit";
const STOP_ABOVE: &str = "stop_above";

/// What was measured: everything that the values depend on. Shards of one surface agree in all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// The model at the origin.
    pub model: Origin,
    /// The examples.
    pub data: Origin,
    /// The axes in weight space.
    pub directions: Origin,
    /// The loss: `crossentropy`, `mse`, …
    pub loss: String,
    /// The class whose targets were left out, where it was chosen.
    pub ignore_index: Option<i64>,
    /// The axis of the classes, `1` or `last`, where it was chosen.
    pub class_axis: Option<String>,
    /// The arithmetic: `f32`, `f64`, `bf16`, `f16`.
    pub precision: String,
    /// Examples a batch; the last bit may depend on it.
    pub batch: usize,
    /// Only so many examples of each split were used, the first ones.
    pub limit: Option<usize>,
    /// Points whose mean loss has this value for certain were left off; their losses are lower bounds.
    pub stop_above: Option<f64>,
}

impl Measurement {
    pub(crate) fn items(&self) -> Vec<Item<'_>> {
        let mut items = vec![
            Item::attribute("", LOSS, self.loss.as_str()),
            Item::attribute("", PRECISION, self.precision.as_str()),
            Item::attribute("", BATCH, Value::Integer(self.batch as i64)),
        ];
        items.extend(
            self.origins()
                .into_iter()
                .flat_map(|(role, origin)| Item::origin(role, origin)),
        );
        items.extend(
            self.ignore_index
                .map(|class| Item::attribute("", IGNORE_INDEX, Value::Integer(class))),
        );
        items.extend(
            self.class_axis
                .iter()
                .map(|axis| Item::attribute("", CLASS_AXIS, axis.as_str())),
        );
        items.extend(
            self.limit
                .map(|limit| Item::attribute("", LIMIT, Value::Integer(limit as i64))),
        );
        items.extend(
            self.stop_above
                .map(|loss| Item::attribute("", STOP_ABOVE, Value::Real(loss))),
        );
        items
    }

    pub(crate) fn load(reader: &Reader) -> Result<Self> {
        let count = |name| -> Result<Option<usize>> {
            let number = reader.integer_if_any("", name)?;
            let count =
                number.map(|number| usize::try_from(number).ok().filter(|count| *count > 0));
            count
                .map(|count| {
                    count.ok_or_else(|| reader.invalid(format!("\"{name}\" is no positive number")))
                })
                .transpose()
        };
        Ok(Self {
            model: reader.origin("model")?,
            data: reader.origin("data")?,
            directions: reader.origin("directions")?,
            loss: reader.text("", LOSS)?,
            ignore_index: reader.integer_if_any("", IGNORE_INDEX)?,
            class_axis: reader.text_if_any("", CLASS_AXIS)?,
            precision: reader.text("", PRECISION)?,
            batch: count(BATCH)?.ok_or_else(|| reader.lacks(BATCH))?,
            limit: count(LIMIT)?,
            stop_above: reader
                .numbers_if_any("", STOP_ABOVE)?
                .and_then(|numbers| numbers.first().copied()),
        })
    }

    /// Attributes that it takes, so that they are no notes.
    pub(crate) fn attributes() -> Vec<String> {
        let files = ["model", "data", "directions"]
            .iter()
            .flat_map(|role| [format!("{role}_id"), format!("{role}_command")]);
        files
            .chain(
                [
                    LOSS,
                    IGNORE_INDEX,
                    CLASS_AXIS,
                    PRECISION,
                    BATCH,
                    LIMIT,
                    STOP_ABOVE,
                ]
                .map(String::from),
            )
            .collect()
    }

    fn origins(&self) -> [(&'static str, &Origin); 3] {
        [
            ("model", &self.model),
            ("data", &self.data),
            ("directions", &self.directions),
        ]
    }

    /// Checks that another file was measured in the same way.
    ///
    /// # Errors
    /// What differs, with both values and both files.
    pub fn check_same(&self, path: &Path, other: &Self, other_header: &Header) -> Result<()> {
        for ((role, mine), (_, theirs)) in self.origins().into_iter().zip(other.origins()) {
            mine.check_same(path, role, theirs, &other_header.path)?;
        }
        fn or_none(number: Option<impl ToString>) -> String {
            number.map_or("none".into(), |number| number.to_string())
        }
        let settings = [
            (LOSS, self.loss.clone(), other.loss.clone()),
            (
                CLASS_AXIS,
                or_none(self.class_axis.clone()),
                or_none(other.class_axis.clone()),
            ),
            (PRECISION, self.precision.clone(), other.precision.clone()),
            (BATCH, self.batch.to_string(), other.batch.to_string()),
            (LIMIT, or_none(self.limit), or_none(other.limit)),
            (
                IGNORE_INDEX,
                or_none(self.ignore_index),
                or_none(other.ignore_index),
            ),
            (
                STOP_ABOVE,
                or_none(self.stop_above),
                or_none(other.stop_above),
            ),
        ];
        match settings
            .into_iter()
            .find(|(_, mine, theirs)| mine != theirs)
        {
            None => Ok(()),
            Some((name, mine, theirs)) => {
                let (option, other) = (name.replace('_', "-"), other_header.path.display());
                let what = format!(
                    "it was measured with --{option} {mine}, but {other} with --{option} {theirs}"
                );
                Err(Error::Invalid {
                    path: path.into(),
                    what,
                })
            }
        }
    }
}

/// The coordinates of a grid, as items.
pub(crate) fn grid_items(grid: &Grid) -> Vec<Item<'_>> {
    let mut items = vec![Item::dataset(X, grid.x.as_slice())];
    items.extend(grid.y.iter().map(|y| Item::dataset(Y, y.as_slice())));
    items
}

/// The grid of a file.
pub(crate) fn load_grid(reader: &Reader) -> Result<Grid> {
    let grid = Grid {
        x: reader.line(X)?,
        y: reader.line_if_any(Y)?,
    };
    let empty = grid.is_empty();
    let finite = grid
        .x
        .iter()
        .chain(grid.y.iter().flatten())
        .all(|coordinate| coordinate.is_finite());
    if empty || !finite {
        return Err(
            reader.invalid("the axes are empty, or hold something else than finite numbers".into())
        );
    }
    Ok(grid)
}
