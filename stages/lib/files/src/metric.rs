use std::ops::Deref;

use ndarray::{ArrayD, Axis};

use crate::{
    MetricMeaning, Quantity, Result,
    contents::{Item, Value},
    reader::Reader,
};

/// After the name of a metric: where its values are lower bounds.
const AT_LEAST: &str = "_at_least";
/// After the name of a metric: its standard error.
const STDERR: &str = "_stderr";
const MEANING: &str = "meaning";
const UNIT: &str = "unit";
const SPLIT: &str = "split";
const EXAMPLES: &str = "examples";

/// A quantity with its values at the points of a grid or a shard.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// What it is.
    pub quantity: Quantity,
    /// Its values: NaN where a point was not computed.
    pub values: ArrayD<f64>,
    /// Their standard errors, where they are estimates; of the shape of the values.
    pub stderr: Option<ArrayD<f64>>,
    /// 1 where the value is a lower bound, of a point that `--stop-above` left early; of the shape
    /// of the values.
    pub at_least: Option<ArrayD<u8>>,
}

impl Deref for Metric {
    type Target = Quantity;

    fn deref(&self) -> &Quantity {
        &self.quantity
    }
}

impl Quantity {
    /// What a file says of a metric; what it does not say, the name tells. Nothing here is an
    /// error: these are remarks.
    fn load(reader: &Reader, name: &str) -> Result<Self> {
        let path = format!("/{name}");
        let told = Self::of_name(name);
        let Some(meaning) = reader.text_if_any(&path, MEANING)? else {
            return Ok(told);
        };
        let meaning = MetricMeaning::from_name(&meaning).unwrap_or(MetricMeaning::Other);
        let unit = reader.text_if_any(&path, UNIT)?.unwrap_or_default();
        let split = reader.text_if_any(&path, SPLIT)?;
        let split = split.and_then(|split| split.parse().ok());
        let examples = reader.integer_if_any(&path, EXAMPLES)?;
        Ok(Self {
            examples: examples.and_then(|examples| usize::try_from(examples).ok()),
            ..Self::new(name, meaning, &unit, split)
        })
    }
}

impl Metric {
    /// A quantity with values that are neither estimates nor bounds.
    pub fn new(quantity: Quantity, values: ArrayD<f64>) -> Self {
        Self {
            quantity,
            values,
            stderr: None,
            at_least: None,
        }
    }

    /// Its values at these places along the first axis.
    pub(crate) fn select(&self, places: &[usize]) -> Self {
        let first = Axis(0);
        let stderr = self.stderr.as_ref();
        let at_least = self.at_least.as_ref();
        Self {
            quantity: self.quantity.clone(),
            values: self.values.select(first, places),
            stderr: stderr.map(|values| values.select(first, places)),
            at_least: at_least.map(|marks| marks.select(first, places)),
        }
    }

    /// The name of its standard error.
    pub fn stderr_name(&self) -> String {
        format!("{}{STDERR}", self.name)
    }

    /// Its standard error as a metric of its own, where it has one.
    pub fn standard_error(&self) -> Option<Self> {
        let quantity = Quantity {
            name: self.stderr_name(),
            title: format!("standard error of {}", self.title),
            meaning: MetricMeaning::StandardError,
            ..self.quantity.clone()
        };
        Some(Self::new(quantity, self.stderr.clone()?))
    }

    /// The name of the marks of its lower bounds.
    pub fn at_least_name(&self) -> String {
        format!("{}{AT_LEAST}", self.name)
    }

    /// The names that a file lists: of each metric, then of its standard error.
    pub(crate) fn names(metrics: &[Self]) -> Vec<String> {
        let mut names = Vec::new();
        for metric in metrics {
            names.push(metric.name.clone());
            if metric.stderr.is_some() {
                names.push(metric.stderr_name());
            }
        }
        names
    }

    pub(crate) fn items(&self) -> Vec<Item<'_>> {
        let path = format!("/{}", self.name);
        let mut items = vec![
            Item::dataset(path.clone(), Value::F64(self.values.view())),
            Item::note(&path, MEANING, self.meaning.name()),
        ];
        if !self.unit.is_empty() {
            items.push(Item::note(&path, UNIT, self.unit.as_str()));
        }
        if let Some(split) = &self.split {
            items.push(Item::note(&path, SPLIT, split.name()));
        }
        if let Some(examples) = self.examples {
            items.push(Item::note(&path, EXAMPLES, examples as i64));
        }
        if let Some(stderr) = &self.stderr {
            let name = format!("/{}", self.stderr_name());
            items.push(Item::dataset(name, Value::F64(stderr.view())));
        }
        if let Some(at_least) = &self.at_least {
            let name = format!("/{}", self.at_least_name());
            items.push(Item::dataset(name, Value::U8(at_least.view())));
        }
        items
    }

    /// The metrics of a list of names, whose values are brought into shape by `shaped`. A standard
    /// error belongs to its metric.
    pub(crate) fn load_all(
        reader: &Reader,
        names: &[String],
        shaped: impl Fn(&str, ArrayD<f64>) -> Result<ArrayD<f64>>,
    ) -> Result<Vec<Self>> {
        let mut metrics = Vec::new();
        for name in names {
            let of = name.strip_suffix(STDERR);
            if of.is_some_and(|metric| names.iter().any(|other| other == metric)) {
                continue;
            }
            let values = shaped(name, reader.reals(&format!("/{name}"))?)?;
            let stderr_name = format!("{name}{STDERR}");
            let stderr = if names.contains(&stderr_name) {
                let values = reader.reals(&format!("/{stderr_name}"))?;
                Some(shaped(&stderr_name, values)?)
            } else {
                None
            };
            metrics.push(Self {
                at_least: load_at_least(reader, name, values.shape())?,
                quantity: Quantity::load(reader, name)?,
                stderr,
                values,
            });
        }
        Ok(metrics)
    }
}

/// The marks of the lower bounds of a metric whose values have this shape.
fn load_at_least(reader: &Reader, name: &str, shape: &[usize]) -> Result<Option<ArrayD<u8>>> {
    let dataset = format!("{name}{AT_LEAST}");
    let marks = reader.marks_if_any(&format!("/{dataset}"))?;
    match marks {
        Some(marks) if marks.shape() != shape => Err(reader.invalid(format!(
            "\"{dataset}\" has the shape {:?}, \"{name}\" {shape:?}",
            marks.shape()
        ))),
        marks => Ok(marks),
    }
}
