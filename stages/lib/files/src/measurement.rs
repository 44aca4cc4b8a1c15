mod hessian;

use std::path::Path;

use grid::Grid;

use crate::{Error, Header, Note, Origin, Result, contents::Item, reader::Reader};
pub use hessian::HessianSettings;

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
const RECALIBRATE_BN: &str = "recalibrate_bn";
const RECALIBRATE_BATCH: &str = "recalibrate_batch";
const AT_CHECKPOINTS: &str = "at_checkpoints";
const POINTS: &str = "points";
const START: &str = "start";

/// The settings, in the order of [`Measurement::settings`].
const SETTINGS: [&str; 10] = [
    LOSS,
    PRECISION,
    BATCH,
    LIMIT,
    STOP_ABOVE,
    IGNORE_INDEX,
    CLASS_AXIS,
    RECALIBRATE_BN,
    RECALIBRATE_BATCH,
    AT_CHECKPOINTS,
];
/// The files that it is measured with, see [`Measurement::origins`].
const ROLES: [&str; 5] = ["model", "data", "directions", POINTS, START];

/// What was measured: everything that the values depend on. Shards of one surface agree in all of
/// it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// The model at the origin.
    pub model: Origin,
    /// The examples.
    pub data: Origin,
    /// The axes in weight space.
    pub directions: Origin,
    /// The trajectory along which was measured, where it was no grid.
    pub points: Option<Origin>,
    /// The spectrum from whose eigenvectors eigenvalues were searched, where it was not at random.
    pub start: Option<Origin>,
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
    /// Points whose mean loss has this value for certain were left off; their losses are lower
    /// bounds.
    pub stop_above: Option<f64>,
    /// The first examples of training on which running statistics of batch normalisation were
    /// estimated anew at each point.
    pub recalibrate_bn: Option<usize>,
    /// Examples per batch of that estimate, where there was one.
    pub recalibrate_batch: Option<usize>,
    /// Whether the checkpoints of a trajectory were measured themselves, not their places on the
    /// plane.
    pub at_checkpoints: bool,
    /// How eigenvalues were measured, where they were.
    pub hessian: Option<HessianSettings>,
}

impl Measurement {
    /// Its settings by name, `None` where one was left alone: what is written, compared, reported
    /// and kept in a journal.
    pub fn settings(&self) -> impl Iterator<Item = (&'static str, Option<Note>)> {
        let Self {
            // these are no settings
            model: _,
            data: _,
            directions: _,
            points: _,
            start: _,
            loss,
            ignore_index,
            class_axis,
            precision,
            batch,
            limit,
            stop_above,
            recalibrate_bn,
            recalibrate_batch,
            at_checkpoints,
            hessian,
        } = self;
        let values = [
            Some(Note::Text(loss.clone())),
            Some(Note::Text(precision.clone())),
            Some(Note::Integer(*batch as i64)),
            limit.map(|limit| Note::Integer(limit as i64)),
            stop_above.map(Note::Real),
            ignore_index.map(Note::Integer),
            class_axis.clone().map(Note::Text),
            recalibrate_bn.map(|examples| Note::Integer(examples as i64)),
            recalibrate_batch.map(|batch| Note::Integer(batch as i64)),
            at_checkpoints.then_some(Note::Integer(1)),
        ];
        let own = SETTINGS.into_iter().zip(values);
        own.chain(HessianSettings::values(hessian.as_ref()))
    }

    /// The files that it was measured with, by their role.
    pub fn origins(&self) -> Vec<(&'static str, &Origin)> {
        let mut origins = vec![
            ("model", &self.model),
            ("data", &self.data),
            ("directions", &self.directions),
        ];
        if let Some(points) = &self.points {
            origins.push((POINTS, points));
        }
        if let Some(start) = &self.start {
            origins.push((START, start));
        }
        origins
    }

    pub(crate) fn items(&self) -> Vec<Item<'_>> {
        let mut items = Vec::new();
        for (name, value) in self.settings() {
            items.extend(value.map(|value| Item::attribute("", name, value)));
        }
        for (role, origin) in self.origins() {
            items.extend(Item::origin(role, origin));
        }
        items
    }

    pub(crate) fn load(reader: &Reader) -> Result<Self> {
        Ok(Self {
            model: reader.origin("model")?,
            data: reader.origin("data")?,
            directions: reader.origin("directions")?,
            points: reader.origin_if_any(POINTS)?,
            start: reader.origin_if_any(START)?,
            loss: reader.text("", LOSS)?,
            ignore_index: reader.integer_if_any("", IGNORE_INDEX)?,
            class_axis: reader.text_if_any("", CLASS_AXIS)?,
            precision: reader.text("", PRECISION)?,
            batch: count(reader, BATCH)?.ok_or_else(|| reader.lacks(BATCH))?,
            limit: count(reader, LIMIT)?,
            stop_above: reader.real_if_any("", STOP_ABOVE)?,
            recalibrate_bn: count(reader, RECALIBRATE_BN)?,
            recalibrate_batch: count(reader, RECALIBRATE_BATCH)?,
            at_checkpoints: count(reader, AT_CHECKPOINTS)?.is_some(),
            hessian: HessianSettings::load(reader)?,
        })
    }

    /// What its points belong to.
    fn what(&self) -> &'static str {
        match self.points {
            Some(_) => "a trajectory",
            None => "a grid",
        }
    }

    /// How eigenvalues were searched.
    fn started(&self) -> &'static str {
        match self.start {
            Some(_) => "with --start",
            None => "without --start",
        }
    }

    /// The attributes that it takes, so that they are no notes.
    pub(crate) fn attributes() -> Vec<String> {
        let mut names: Vec<String> = SETTINGS.map(String::from).into();
        names.extend(hessian::SETTINGS.map(String::from));
        for role in ROLES {
            names.push(format!("{role}_id"));
            names.push(format!("{role}_command"));
        }
        names
    }

    /// Checks that another file was measured in the same way.
    ///
    /// # Errors
    /// What differs, with both values and both files.
    pub fn check_same(&self, path: &Path, other: &Self, other_header: &Header) -> Result<()> {
        for ((role, mine), (_, theirs)) in self.origins().into_iter().zip(other.origins()) {
            mine.check_same(path, role, theirs, &other_header.path)?;
        }
        if self.points.is_some() != other.points.is_some() {
            return Err(Error::Invalid {
                path: path.into(),
                what: format!(
                    "it holds points of {}, but {} points of {}",
                    self.what(),
                    other_header.path.display(),
                    other.what()
                ),
            });
        }
        if self.start.is_some() != other.start.is_some() {
            return Err(Error::Invalid {
                path: path.into(),
                what: format!(
                    "it was measured {}, but {} {}",
                    self.started(),
                    other_header.path.display(),
                    other.started()
                ),
            });
        }
        for ((name, mine), (_, theirs)) in self.settings().zip(other.settings()) {
            if mine != theirs {
                let option = name.replace('_', "-");
                let what = format!(
                    "it was measured with --{option} {}, but {} with --{option} {}",
                    said(mine),
                    other_header.path.display(),
                    said(theirs)
                );
                return Err(Error::Invalid {
                    path: path.into(),
                    what,
                });
            }
        }
        Ok(())
    }
}

fn said(setting: Option<Note>) -> String {
    setting.map_or("none".into(), |value| value.to_string())
}

/// An attribute that counts something, where there is one.
pub(crate) fn count(reader: &Reader, name: &str) -> Result<Option<usize>> {
    let Some(number) = reader.integer_if_any("", name)? else {
        return Ok(None);
    };
    match usize::try_from(number) {
        Ok(count) if count > 0 => Ok(Some(count)),
        _ => Err(reader.invalid(format!(
            "\"{name}\" is {number}, but a positive number is wanted"
        ))),
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
