//! Means over the examples of each split: the loss, the accuracy and their like, in one pass.

use evaluation::Part;
use files::{MetricMeaning, Quantity};
use schedule::{Chunk, Column, Stop};
use torch::{Averages, Batches, ExampleMetric, Loss, Samples, StopAbove};

use super::{PointState, Worker};
use crate::{measured::Measured, settings::Settings};

/// The means of all splits.
pub(crate) struct Losses {
    /// What is averaged over each split.
    splits: Vec<Averages>,
    pub(super) loss: Loss,
    /// The most chunks that the data can be cut into: its batches.
    pub(super) most: usize,
}

/// For each split its metrics, in order; the loss may be a lower bound with `--stop-above`.
pub(crate) fn columns(
    settings: &Settings,
    parts: &[Part],
    metrics: &[&dyn ExampleMetric],
) -> Vec<Column> {
    let mut columns = Vec::new();
    for part in parts {
        for metric in metrics {
            let unit = metric.unit(settings.question.criterion.loss);
            let quantity = Quantity::on(&part.split, metric.name(), metric.meaning(), unit);
            columns.push(Column {
                quantity: Quantity {
                    examples: Some(part.count),
                    ..quantity
                },
                at_least: settings.stop_above.is_some() && is_loss(*metric),
                stderr: false,
            });
        }
    }
    columns
}

fn is_loss(metric: &dyn ExampleMetric) -> bool {
    metric.meaning() == MetricMeaning::Loss
}

impl Losses {
    /// # Errors
    /// Data that cannot be read.
    pub(crate) fn new(
        settings: &Settings,
        measured: &Measured,
        splits: &[Batches],
    ) -> anyhow::Result<Self> {
        let criterion = settings.question.criterion;
        let mut averages = Vec::new();
        for batches in splits {
            let stop = match settings.stop_above {
                Some(loss) => Some(StopAbove {
                    loss,
                    examples: batches.counted(&criterion)? as f64,
                }),
                None => None,
            };
            averages.push(Averages {
                criterion,
                metrics: measured.metrics.clone(),
                stop,
            });
        }
        Ok(Self {
            splits: averages,
            loss: criterion.loss,
            most: splits.iter().map(Batches::count).max().unwrap_or(1),
        })
    }

    /// Whether there is anything to measure.
    pub(crate) fn are_measured(&self) -> bool {
        self.splits
            .iter()
            .any(|averages| !averages.metrics.is_empty())
    }

    /// What a chunk of the data gives.
    pub(super) fn pass(
        &self,
        worker: &mut Worker,
        (x, y): (f64, f64),
        state: &PointState,
        chunk: Chunk,
        stop: Stop,
    ) -> anyhow::Result<Option<Vec<Samples>>> {
        worker.landscape.move_to(x, y);
        if let (Some(estimate), Some(statistics)) = (&worker.recalibration, &state.statistics) {
            let places = estimate.network.places();
            worker.landscape.recalibrate(places, statistics);
        }
        let mut measured = Vec::new();
        for (averages, batches) in self.splits.iter().zip(&worker.splits) {
            let chunk = (chunk.number, chunk.of);
            let samples = worker.landscape.measure(batches, chunk, averages, stop)?;
            let Some(samples) = samples else {
                return Ok(None);
            };
            measured.push(samples);
        }
        Ok(Some(measured))
    }

    /// The values of the columns.
    pub(super) fn means(&self, samples: &[Samples]) -> anyhow::Result<Vec<f64>> {
        let mut values = Vec::new();
        for (averages, samples) in self.splits.iter().zip(samples) {
            let score = averages.score(samples)?;
            for (metric, mean) in averages.metrics.iter().zip(score.means) {
                values.push(mean);
                if averages.stop.is_some() && is_loss(*metric) {
                    values.push(f64::from(u8::from(score.at_least)));
                }
            }
        }
        Ok(values)
    }
}
