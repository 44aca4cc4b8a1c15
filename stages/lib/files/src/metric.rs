use std::ops::Deref;

use ndarray::ArrayD;

use crate::{
    Result, Split,
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
/// The unit of accuracies and errors.
const PERCENT: &str = "percent";

/// The smallest and the largest eigenvalue of the Hessian, as the Python tool names them.
pub const MIN_EIG: &str = "min_eig";
/// See [`MIN_EIG`].
pub const MAX_EIG: &str = "max_eig";
/// Ratio of the eigenvalues of the Hessian at the ends of its spectrum, |min/max|: 0 where the loss
/// is convex.
pub const EIG_RATIO: &str = "eig_ratio";
/// The same with its sign, min/max: negative where there is a direction of negative curvature.
pub const EIG_RATIO_SIGNED: &str = "eig_ratio_signed";

/// What is measured at a point: its name, what it means and its unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// Its name, which is the name of the dataset: `train_loss`.
    pub name: String,
    /// What people call it: `train loss`.
    pub title: String,
    /// What it means.
    pub meaning: MetricMeaning,
    /// Its unit, such as `nats` or `percent`; empty where it has none, or none is known.
    pub unit: String,
    /// The split of the data on which it is measured, where it is one.
    pub split: Option<Split>,
    /// How many examples of the split were used, where that is known.
    pub examples: Option<usize>,
}

/// What a metric means, which decides how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricMeaning {
    /// A loss: the smaller the better. It is cut off where points were left early.
    Loss,
    /// Examples that are right, in percent.
    Accuracy,
    /// Examples that are wrong, in percent.
    Error,
    /// An eigenvalue of the Hessian.
    Eigenvalue,
    /// A ratio of eigenvalues.
    Ratio,
    /// The standard error of another quantity.
    StandardError,
    /// Anything else.
    Other,
}

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

impl MetricMeaning {
    const ALL: [Self; 7] = [
        Self::Loss,
        Self::Accuracy,
        Self::Error,
        Self::Eigenvalue,
        Self::Ratio,
        Self::StandardError,
        Self::Other,
    ];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "accuracy",
            Self::Error => "error",
            Self::Eigenvalue => "eigenvalue",
            Self::Ratio => "ratio",
            Self::StandardError => "standard error",
            Self::Other => "other",
        }
    }

    /// Whether its values are drawn on a linear scale whatever they span.
    pub fn is_bounded(self) -> bool {
        match self {
            Self::Accuracy | Self::Error | Self::Ratio => true,
            Self::Loss | Self::Eigenvalue | Self::StandardError | Self::Other => false,
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|meaning| meaning.name() == name)
    }
}

impl Quantity {
    /// A quantity that is measured on a split: `train` and `loss` make `train_loss`.
    pub fn on(split: &Split, what: &str, meaning: MetricMeaning, unit: &str) -> Self {
        Self::new(
            &format!("{split}_{what}"),
            meaning,
            unit,
            Some(split.clone()),
        )
    }

    /// A quantity by its name in files.
    pub fn new(name: &str, meaning: MetricMeaning, unit: &str, split: Option<Split>) -> Self {
        Self {
            title: title(name, meaning, split.as_ref()),
            name: name.into(),
            meaning,
            unit: unit.into(),
            split,
            examples: None,
        }
    }

    /// What the name of a dataset tells, in files that say no more: those of the Python tool, and
    /// of programs that write surfaces themselves.
    pub fn of_name(name: &str) -> Self {
        if name == MIN_EIG || name == MAX_EIG {
            return Self::new(name, MetricMeaning::Eigenvalue, "", None);
        }
        let (split, what) = name.rsplit_once('_').unwrap_or(("", name));
        let split = split.parse().ok();
        match (what, &split) {
            ("loss", Some(_)) => Self::new(name, MetricMeaning::Loss, "", split),
            ("acc", Some(_)) => Self::new(name, MetricMeaning::Accuracy, PERCENT, split),
            ("err", Some(_)) => Self::new(name, MetricMeaning::Error, PERCENT, split),
            _ => Self::new(name, MetricMeaning::Other, "", None),
        }
    }

    /// Its title with its unit, for an axis: `train accuracy (%)`. Losses have none there, since
    /// their unit says little.
    pub fn label(&self) -> String {
        if self.unit == PERCENT {
            format!("{} (%)", self.title)
        } else {
            self.title.clone()
        }
    }

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

/// What people call a quantity.
fn title(name: &str, meaning: MetricMeaning, split: Option<&Split>) -> String {
    let plain = name.replace('_', " ");
    let what = match meaning {
        MetricMeaning::Loss => "loss",
        MetricMeaning::Accuracy => "accuracy",
        MetricMeaning::Error => "error",
        MetricMeaning::Eigenvalue if name == MIN_EIG => return "λmin".into(),
        MetricMeaning::Eigenvalue if name == MAX_EIG => return "λmax".into(),
        MetricMeaning::Ratio if name == EIG_RATIO => return "|λmin / λmax|".into(),
        MetricMeaning::Ratio if name == EIG_RATIO_SIGNED => return "λmin / λmax".into(),
        MetricMeaning::Eigenvalue
        | MetricMeaning::Ratio
        | MetricMeaning::StandardError
        | MetricMeaning::Other => return plain,
    };
    match split {
        Some(split) => format!("{split} {what}"),
        None => plain,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_files_of_the_python_tool_do_not_say() {
        for (name, meaning, split, label) in [
            (
                "train_loss",
                MetricMeaning::Loss,
                Some("train"),
                "train loss",
            ),
            (
                "val_2_acc",
                MetricMeaning::Accuracy,
                Some("val_2"),
                "val_2 accuracy (%)",
            ),
            (
                "test_err",
                MetricMeaning::Error,
                Some("test"),
                "test error (%)",
            ),
            ("min_eig", MetricMeaning::Eigenvalue, None, "λmin"),
            ("loss", MetricMeaning::Other, None, "loss"),
            ("custom_thing", MetricMeaning::Other, None, "custom thing"),
            ("_loss", MetricMeaning::Other, None, " loss"),
        ] {
            let quantity = Quantity::of_name(name);
            let found = quantity.split.as_ref().map(Split::name);
            assert_eq!((quantity.meaning, found), (meaning, split), "{name}");
            assert_eq!(quantity.label(), label);
        }
    }
}
