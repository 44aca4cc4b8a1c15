use std::path::Path;

use grid::Grid;
use ndarray::{ArrayD, Zip};

use crate::{
    Kind, Measurement, Note, Result,
    contents::{Contents, Item, Value},
    measurement::{DIR_FILE, METRICS, grid_items, load_grid},
    reader::Reader,
};

const EVALUATED: &str = "/evaluated";
const LAYOUT: &str = "layout";
const ROWS: &str = "row = y, column = x";

/// What the Python tool writes for "not computed".
const NOT_COMPUTED: f64 = -1.0;

/// The measured points of a whole grid, of a curve or of a surface.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// Its axes.
    pub grid: Grid,
    /// Arrays `[ny, nx]`, or `[nx]` for a curve: losses in nats, accuracies in percent. NaN where not computed.
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

/// A named quantity: `train_loss`, `test_acc`, `max_eig`, …
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name, which is the name of the dataset.
    pub name: String,
    /// Its values.
    pub values: ArrayD<f64>,
    /// 1 where the value is a lower bound, of a point that `--stop-above` left off; of the shape of the values.
    pub at_least: Option<ArrayD<u8>>,
}

/// After the name of a metric: where its values are lower bounds.
const AT_LEAST: &str = "_at_least";
/// After the name of a split: its loss.
const LOSS: &str = "_loss";

impl Metric {
    pub(crate) fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let bounds = self.at_least.iter();
        let bounds = bounds
            .map(|mask| Item::dataset(format!("/{}{AT_LEAST}", self.name), Value::U8(mask.view())));
        std::iter::once(Item::dataset(
            format!("/{}", self.name),
            Value::F64(self.values.view()),
        ))
        .chain(bounds)
    }

    /// The mask of the bounds of a metric whose values have this shape.
    pub(crate) fn load_at_least(
        reader: &Reader,
        name: &str,
        shape: &[usize],
    ) -> Result<Option<ArrayD<u8>>> {
        let dataset = format!("{name}{AT_LEAST}");
        let mask = reader.array_if_any::<u8>(&format!("/{dataset}"))?;
        match mask {
            Some(mask) if mask.shape() != shape => Err(reader.invalid(format!(
                "\"{dataset}\" has the shape {:?}, \"{name}\" {shape:?}",
                mask.shape()
            ))),
            mask => Ok(mask),
        }
    }
}

/// A surface does not know its losses so far up.
#[derive(Debug, thiserror::Error)]
#[error(
    "it was measured with --stop-above {known}, and knows no losses up to {wanted}: cut off lower, or measure again"
)]
pub struct BeyondStop {
    wanted: f64,
    known: f64,
}

/// The first metric of a file that measured the training set.
const TRAIN_LOSS: &str = "train_loss";

impl Surface {
    /// The values of a metric.
    pub fn metric(&self, name: &str) -> Option<&ArrayD<f64>> {
        self.metrics
            .iter()
            .find(|metric| metric.name == name)
            .map(|metric| &metric.values)
    }

    /// The grid of the surface in a file, without its values.
    ///
    /// # Errors
    /// The file cannot be read as a surface.
    pub fn read_grid(path: &Path) -> Result<Grid> {
        load_grid(&Reader::open(path, Kind::Surface)?)
    }

    /// The metric that is meant where none is named: `train_loss`, or the first of a file that has none.
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

    /// Cuts all losses off at a value, and where they are known no more; pictures are then those of the exact surface, cut
    /// off there.
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
        for metric in self
            .metrics
            .iter_mut()
            .filter(|metric| is_loss(&metric.name))
        {
            // NaN stays what it is, which f64::min would not leave it
            metric
                .values
                .mapv_inplace(|value| if value > limit { limit } else { value });
        }
        Ok(())
    }

    /// Where [`Surface::clip`] cuts a metric off; `None` for what is no loss, and where nothing is cut
    /// off.
    pub fn limit(&self, name: &str, wanted: Option<f64>) -> Option<f64> {
        let limit = wanted.unwrap_or(self.known_up_to());
        (is_loss(name) && limit.is_finite()).then_some(limit)
    }

    /// Names of the metrics, in the order of the file.
    pub fn metric_names(&self) -> Vec<&str> {
        self.metrics
            .iter()
            .map(|metric| metric.name.as_str())
            .collect()
    }
}

fn is_loss(name: &str) -> bool {
    name.ends_with(LOSS)
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
        items.push(Item::attribute(
            "",
            METRICS,
            Value::Texts(self.metric_names()),
        ));
        items.extend(self.measurement.iter().flat_map(Measurement::items));
        items.push(Item::note("", DIR_FILE, self.dir_file.as_str()));
        items.extend(
            self.notes
                .iter()
                .map(|(name, note)| Item::note("", name, note)),
        );
        items
    }

    fn load(reader: &Reader) -> Result<Self> {
        let grid = load_grid(reader)?;
        let mut metrics = Vec::new();
        for name in metric_names(reader)? {
            let values = reader.reals(&format!("/{name}"))?;
            let values = shaped(reader, &name, values, &grid)?;
            metrics.push(Metric {
                at_least: Metric::load_at_least(reader, &name, values.shape())?,
                values,
                name,
            });
        }
        let evaluated = match reader.array_if_any::<u8>(EVALUATED)? {
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

/// The metrics that a file names, or, in the Python tool's, every dataset that is no axis and no direction.
fn metric_names(reader: &Reader) -> Result<Vec<String>> {
    if let Some(names) = reader.texts_if_any("", METRICS)? {
        return Ok(names);
    }
    let others = ["xcoordinates", "ycoordinates", "evaluated", "dir_file"];
    let members = reader.members("/")?;
    let names = members
        .into_iter()
        .filter(|name| !others.contains(&name.as_str()) && reader.has(&format!("/{name}")));
    Ok(names.collect())
}

/// The values in the shape of the grid. The Python tool gives non-square surfaces the shape (nx, ny) but keeps the
/// values in (ny, nx) order, so they are reshaped, never transposed.
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

/// The mask of a file without one: not computed is what the Python tool marks with -1 in every metric; there the value
/// becomes NaN.
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
