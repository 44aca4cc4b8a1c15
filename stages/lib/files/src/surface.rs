use std::path::Path;

use grid::Grid;
use ndarray::{ArrayD, Zip};

use crate::{
    Kind, Measurement, Metric, MetricMeaning, Note, Quantity, Result,
    contents::{Contents, Item, Value},
    measurement::{DIR_FILE, METRICS, grid_items, load_grid},
    reader::Reader,
};

pub(crate) const EVALUATED: &str = "/evaluated";
const LAYOUT: &str = "layout";
const ROWS: &str = "row = y, column = x";

/// What the Python tool writes for "not computed".
const NOT_COMPUTED: f64 = -1.0;

/// The measured points of a whole grid, of a curve or of a surface.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// Its axes.
    pub grid: Grid,
    /// Arrays `[ny, nx]`, or `[nx]` for a curve: losses in nats, accuracies in percent. NaN where
    /// not computed.
    pub metrics: Vec<Metric>,
    /// 1 where a point was computed, whatever came out; of the shape of the metrics.
    pub evaluated: ArrayD<u8>,
    /// What was measured; `None` in files of other tools.
    pub measurement: Option<Measurement>,
    /// The file of the directions, where the Python tool looks for it.
    pub dir_file: String,
    /// Remarks, what the axes mean among them: [`crate::Meaning`].
    pub notes: Vec<(String, Note)>,
}

/// A surface does not know its losses so far up.
#[derive(Debug, thiserror::Error)]
#[error(
    "it was measured with --stop-above {known}, and knows no losses up to {wanted}: cut off \
     lower, or \
     measure again"
)]
pub struct BeyondStop {
    wanted: f64,
    known: f64,
}

/// The first metric of a file that measured the training set.
const TRAIN_LOSS: &str = "train_loss";

impl Surface {
    /// A metric of the file.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }

    /// The grid of the surface in a file, without its values.
    ///
    /// # Errors
    /// The file cannot be read as a surface.
    pub fn read_grid(path: &Path) -> Result<Grid> {
        load_grid(&Reader::open(path, Kind::Surface)?)
    }

    /// The metric that is meant where none is named: `train_loss`, or the first of a file that has
    /// none.
    pub fn default_metric(&self) -> &str {
        let first = self
            .metrics
            .first()
            .filter(|_| self.metric(TRAIN_LOSS).is_none());
        first.map_or(TRAIN_LOSS, |metric| &metric.name)
    }

    /// Up to where losses are known: `--stop-above` left the points beyond.
    pub fn known_up_to(&self) -> f64 {
        self.measurement
            .as_ref()
            .and_then(|measurement| measurement.stop_above)
            .unwrap_or(f64::INFINITY)
    }

    /// Cuts all losses off at a value, and where they are known no more; pictures are then those of
    /// the exact surface, cut off there.
    ///
    /// # Errors
    /// The value is beyond what the surface knows.
    pub fn clip(&mut self, wanted: Option<f64>) -> std::result::Result<(), BeyondStop> {
        let known = self.known_up_to();
        let limit = wanted.unwrap_or(known);
        if limit > known {
            return Err(BeyondStop {
                wanted: limit,
                known,
            });
        }
        for metric in &mut self.metrics {
            if metric.meaning == MetricMeaning::Loss {
                // NaN stays what it is, which f64::min would not leave it
                metric
                    .values
                    .mapv_inplace(|value| if value > limit { limit } else { value });
            }
        }
        Ok(())
    }

    /// Where [`Surface::clip`] cuts a quantity off; `None` for what is no loss, and where nothing
    /// is cut off.
    pub fn limit(&self, quantity: &Quantity, wanted: Option<f64>) -> Option<f64> {
        let limit = wanted.unwrap_or(self.known_up_to());
        (quantity.meaning == MetricMeaning::Loss && limit.is_finite()).then_some(limit)
    }

    /// Names of the metrics, each followed by that of its standard error, as the file lists them.
    pub fn metric_names(&self) -> Vec<String> {
        Metric::names(&self.metrics)
    }
}

impl Contents for Surface {
    const KIND: Kind = Kind::Surface;

    fn items(&self) -> Vec<Item<'_>> {
        let mut items = grid_items(&self.grid);
        for metric in &self.metrics {
            items.extend(metric.items());
            items.push(Item::note(&format!("/{}", metric.name), LAYOUT, ROWS));
        }
        items.push(Item::dataset(EVALUATED, Value::U8(self.evaluated.view())));
        items.push(Item::attribute("", METRICS, self.metric_names()));
        items.extend(self.measurement.iter().flat_map(Measurement::items));
        items.push(Item::note("", DIR_FILE, self.dir_file.as_str()));
        items.extend(Item::notes(&self.notes));
        items
    }

    fn load(reader: &Reader) -> Result<Self> {
        let grid = load_grid(reader)?;
        let names = metric_names(reader)?;
        let mut metrics = Metric::load_all(reader, &names, |name, values| {
            shaped(reader, name, values, &grid)
        })?;
        let evaluated = match reader.marks_if_any(EVALUATED)? {
            Some(mask) if mask.shape() == grid.shape() => mask,
            Some(mask) => {
                let what = format!(
                    "\"{EVALUATED}\" has the shape {:?}, the axes {:?}",
                    mask.shape(),
                    grid.shape()
                );
                return Err(reader.invalid(what));
            }
            None => infer_evaluated(&mut metrics, &grid),
        };
        let measurement = if reader.is_ours() {
            Some(Measurement::load(reader)?)
        } else {
            None
        };
        let mut known = Measurement::attributes();
        known.extend([DIR_FILE, METRICS].map(String::from));
        Ok(Self {
            grid,
            metrics,
            evaluated,
            measurement,
            dir_file: reader.text_if_any("", DIR_FILE)?.unwrap_or_default(),
            notes: reader.notes(&known.iter().map(String::as_str).collect::<Vec<_>>())?,
        })
    }
}

/// The metrics that a file names, or, in the Python tool's, every dataset that is no axis and no
/// direction.
fn metric_names(reader: &Reader) -> Result<Vec<String>> {
    if let Some(names) = reader.texts_if_any("", METRICS)? {
        return Ok(names);
    }
    let others = ["xcoordinates", "ycoordinates", "evaluated", "dir_file"];
    let members = reader.members("/");
    let names = members
        .into_iter()
        .filter(|name| !others.contains(&name.as_str()) && reader.has(&format!("/{name}")));
    Ok(names.collect())
}

/// The values in the shape of the grid. The Python tool gives non-square surfaces the shape (nx,
/// ny) but keeps the values in (ny, nx) order, so they are reshaped, never transposed.
fn shaped(reader: &Reader, name: &str, values: ArrayD<f64>, grid: &Grid) -> Result<ArrayD<f64>> {
    let (found, wanted) = (values.shape().to_vec(), grid.shape());
    let swapped: Vec<usize> = wanted.iter().rev().copied().collect();
    if found == wanted {
        return Ok(values);
    }
    if !reader.is_ours() && found == swapped {
        let reshaped = ArrayD::from_shape_vec(wanted, values.into_iter().collect());
        return reshaped.map_err(|why| reader.invalid(why.to_string()));
    }
    Err(reader.invalid(format!(
        "\"{name}\" has the shape {found:?}, but the axes have {wanted:?} (y, x) points"
    )))
}

/// The mask of a file without one: not computed is what the Python tool marks with -1 in every
/// metric; there the value becomes NaN.
fn infer_evaluated(metrics: &mut [Metric], grid: &Grid) -> ArrayD<u8> {
    let mut evaluated = ArrayD::zeros(grid.shape());
    for metric in metrics.iter() {
        Zip::from(&mut evaluated)
            .and(&metric.values)
            .for_each(|mask, value| *mask |= u8::from(*value != NOT_COMPUTED));
    }
    for metric in metrics {
        Zip::from(&mut metric.values)
            .and(&evaluated)
            .for_each(|value, mask| {
                if *mask == 0 {
                    *value = f64::NAN;
                }
            });
    }
    evaluated
}
