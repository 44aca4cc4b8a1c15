use std::borrow::Cow;

use ndarray::{ArrayD, Zip};

use crate::{
    EIG_RATIO, EIG_RATIO_SIGNED, MAX_EIG, MIN_EIG, Metric, MetricMeaning, Quantity, Split, Surface,
};

/// Not among the metrics of a file, nor to be made of them.
#[derive(Debug, thiserror::Error)]
#[error("it has no \"{name}\"; it has {}", has.join(", "))]
pub struct NoQuantity {
    /// What was asked for.
    name: String,
    /// What the file has.
    has: Vec<String>,
}

/// What follows from metrics of a surface.
enum Derived<'a> {
    StandardError(&'a Metric),
    /// Of an accuracy on a split.
    Error(&'a Metric, &'a Split),
    Ratio(&'a Metric, &'a Metric),
    SignedRatio(&'a Metric, &'a Metric),
}

impl Derived<'_> {
    fn name(&self) -> String {
        match self {
            Self::StandardError(metric) => metric.stderr_name(),
            Self::Error(_, split) => format!("{split}_err"),
            Self::Ratio(..) => EIG_RATIO.into(),
            Self::SignedRatio(..) => EIG_RATIO_SIGNED.into(),
        }
    }

    /// The quantity, `None` where there is nothing to make it of.
    fn computed(&self) -> Option<Metric> {
        let name = self.name();
        Some(match self {
            Self::StandardError(metric) => metric.standard_error()?,
            Self::Error(accuracy, split) => {
                let quantity = Quantity {
                    examples: accuracy.examples,
                    ..Quantity::on(split, "err", MetricMeaning::Error, &accuracy.unit)
                };
                Metric::new(quantity, accuracy.values.mapv(|percent| 100.0 - percent))
            }
            Self::Ratio(min, max) => ratio(&name, ratios(min, max).mapv(f64::abs)),
            Self::SignedRatio(min, max) => ratio(&name, ratios(min, max)),
        })
    }
}

fn ratios(min: &Metric, max: &Metric) -> ArrayD<f64> {
    Zip::from(&min.values)
        .and(&max.values)
        .map_collect(|min, max| min / max)
}

fn ratio(name: &str, values: ArrayD<f64>) -> Metric {
    let quantity = Quantity::new(name, MetricMeaning::Ratio, "", None);
    Metric::new(quantity, values)
}

impl Surface {
    /// A metric, its standard error, or what follows from metrics: errors (percent,
    /// `train_err = 100 − train_acc`), [`EIG_RATIO`] and [`EIG_RATIO_SIGNED`].
    ///
    /// # Errors
    /// There is no such quantity.
    pub fn quantity(&self, name: &str) -> Result<Cow<'_, Metric>, NoQuantity> {
        if let Some(metric) = self.metric(name) {
            return Ok(Cow::Borrowed(metric));
        }
        for derived in self.derived() {
            if derived.name() == name
                && let Some(metric) = derived.computed()
            {
                return Ok(Cow::Owned(metric));
            }
        }
        Err(NoQuantity {
            name: name.into(),
            has: self.quantity_names(),
        })
    }

    /// Names of all quantities: the metrics in the order of the file, each followed by its standard
    /// error, then what follows from them.
    pub fn quantity_names(&self) -> Vec<String> {
        let mut names = self.metric_names();
        for derived in self.derived() {
            let name = derived.name();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn derived(&self) -> Vec<Derived<'_>> {
        let mut derived = Vec::new();
        for metric in &self.metrics {
            if metric.stderr.is_some() {
                derived.push(Derived::StandardError(metric));
            }
        }
        for metric in &self.metrics {
            if let (MetricMeaning::Accuracy, Some(split)) = (metric.meaning, &metric.split) {
                derived.push(Derived::Error(metric, split));
            }
        }
        if let (Some(min), Some(max)) = (self.metric(MIN_EIG), self.metric(MAX_EIG)) {
            derived.push(Derived::Ratio(min, max));
            derived.push(Derived::SignedRatio(min, max));
        }
        derived
    }
}
