//! Means over the examples of each split: the loss, the accuracy and their like, in one pass.

use files::{MetricMeaning, Quantity};
use schedule::{Chunk, Column, Cut, Measure, Next, Point, Stop};
use torch::{Averages, Batches, ExampleMetric, Landscape, Samples, StopAbove};

use crate::{inputs::Part, measured::Measured, settings::Settings};

/// The means of all splits.
pub(crate) struct Losses {
    /// What is averaged over each split.
    splits: Vec<Averages>,
    /// The most chunks that the data can be cut into: its batches.
    most: usize,
}

/// A network, and the data that it reads.
pub(crate) struct Worker {
    pub(crate) landscape: Landscape,
    /// The examples of each split.
    pub(crate) splits: Vec<Batches>,
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
            let unit = metric.unit(settings.criterion.loss);
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
        let criterion = settings.criterion;
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
            most: splits.iter().map(Batches::count).max().unwrap_or(1),
        })
    }
}

impl Measure for Losses {
    type Worker = Worker;
    /// What was measured of each split.
    type Partial = Vec<Samples>;
    type State = ();

    fn cut(&self) -> Cut {
        Cut::Freely(self.most)
    }

    fn start(&self) {
        torch::one_thread();
    }

    fn begin(&self, _: Point) {}

    fn pass(
        &self,
        worker: &mut Worker,
        point: Point,
        (): &(),
        chunk: Chunk,
        stop: Stop,
    ) -> anyhow::Result<Option<Vec<Samples>>> {
        torch::no_grad(|| {
            worker.landscape.move_to(point.x, point.y);
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
        })
    }

    fn join(&self, all: &mut Vec<Samples>, next: Vec<Samples>) {
        for (all, next) in all.iter_mut().zip(next) {
            all.join(next);
        }
    }

    fn absorb(&self, (): (), all: Vec<Samples>) -> anyhow::Result<Next<()>> {
        let mut values = Vec::new();
        for (averages, samples) in self.splits.iter().zip(&all) {
            let score = averages.score(samples)?;
            for (metric, mean) in averages.metrics.iter().zip(score.means) {
                values.push(mean);
                if averages.stop.is_some() && is_loss(*metric) {
                    values.push(f64::from(u8::from(score.at_least)));
                }
            }
        }
        Ok(Next::Done(values))
    }
}
