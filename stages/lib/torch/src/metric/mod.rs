//! Numbers per example, of which a point has the mean: the loss, and what is measured beside it.
//!
//! A metric is one file here, a line that names it and a place in [`METRICS`].

mod accuracy;
mod loss;
mod margin;
mod second;

use files::MetricMeaning;
use tch::Tensor;

use crate::{Loss, Outcome};

/// A number per example, of which a point has the mean over a split.
pub trait ExampleMetric: Sync {
    /// What it is called on the command line and, after that of the split, in files.
    fn name(&self) -> &'static str;

    /// What it means.
    fn meaning(&self) -> MetricMeaning;

    /// Its unit with this loss; empty where it has none.
    fn unit(&self, loss: Loss) -> &'static str;

    /// Whether it can be measured with this loss, of a program that returns this many values.
    fn suits(&self, loss: Loss, outputs: usize) -> bool;

    /// Whether it is measured unless the user chooses.
    fn is_usual(&self) -> bool {
        false
    }

    /// A number for each example that counts, `[M]`, f64.
    fn values(&self, outcome: &Outcome) -> Tensor;
}

/// All metrics, in the order in which they are measured and written.
pub const METRICS: &[&'static dyn ExampleMetric] = &[
    &loss::MeanLoss,
    &accuracy::Accuracy,
    &second::Second,
    &margin::Margin,
];

/// The metrics that are measured unless the user chooses: the loss, and what comes with it.
pub fn usual_metrics(loss: Loss, outputs: usize) -> Vec<&'static dyn ExampleMetric> {
    let mut usual = Vec::new();
    for metric in METRICS {
        if metric.is_usual() && metric.suits(loss, outputs) {
            usual.push(*metric);
        }
    }
    usual
}

/// The metrics of these names, in the order of [`METRICS`].
///
/// # Errors
/// There is no such metric, or the loss has none.
pub fn chosen_metrics(
    names: &[String],
    loss: Loss,
    outputs: usize,
) -> Result<Vec<&'static dyn ExampleMetric>, String> {
    for name in names {
        let metric = METRICS.iter().find(|metric| metric.name() == name);
        let Some(metric) = metric else {
            let known: Vec<&str> = METRICS.iter().map(|metric| metric.name()).collect();
            let known = known.join(", ");
            return Err(format!("unknown metric \"{name}\": use some of {known}"));
        };
        if !metric.suits(loss, outputs) {
            return Err(format!(
                "the metric {name} cannot be measured with the loss {loss}"
            ));
        }
    }
    let mut chosen = METRICS.to_vec();
    chosen.retain(|metric| names.iter().any(|name| name == metric.name()));
    Ok(chosen)
}
