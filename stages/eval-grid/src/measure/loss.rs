//! Means over the examples of each split: the loss, the accuracy and their like, in one pass, or in
//! two where running statistics are estimated anew before.

use files::{MetricMeaning, Quantity};
use schedule::{Chunk, Column, Cut, Measure, Next, Point, Stop};
use torch::{
    Averages, BatchStatistics, Batches, ExampleMetric, Landscape, Loss, Samples, StopAbove,
};

use crate::{
    inputs::Part, measure::recalibrated::Estimate, measured::Measured, networks::Networks,
    settings::Settings,
};

/// The means of all splits.
pub(crate) struct Losses {
    /// What is averaged over each split.
    splits: Vec<Averages>,
    loss: Loss,
    /// The most chunks that the data can be cut into: its batches.
    most: usize,
}

/// A network, and the data that it reads.
pub(crate) struct Worker {
    pub(crate) landscape: Landscape,
    /// The examples of each split.
    pub(crate) splits: Vec<Batches>,
    /// What estimates running statistics anew, where they are.
    pub(crate) recalibration: Option<Estimate>,
    /// What is measured instead of the plane.
    pub(crate) networks: Option<Networks>,
}

impl Worker {
    /// Goes to a point of the plane, or takes the checkpoint of the point; returns where the
    /// landscape is then.
    fn go_to(&mut self, point: Point) -> anyhow::Result<(f64, f64)> {
        let Some(networks) = &mut self.networks else {
            self.landscape.move_to(point.x, point.y);
            return Ok((point.x, point.y));
        };
        let recalibrates = self.recalibration.is_some();
        if let Some((landscape, recalibration)) = networks.load(point.number, recalibrates)? {
            self.landscape = landscape;
            if let (Some(estimate), Some(network)) = (&mut self.recalibration, recalibration) {
                estimate.network = network;
            }
        }
        // a checkpoint is an origin of its own
        Ok((0.0, 0.0))
    }
}

/// What a chunk gives.
pub(crate) enum Partial {
    /// The statistics of each batch.
    Statistics(Vec<BatchStatistics>),
    /// What was measured of each split.
    Samples(Vec<Samples>),
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
            loss: criterion.loss,
            most: splits.iter().map(Batches::count).max().unwrap_or(1),
        })
    }
}

impl Measure for Losses {
    type Worker = Worker;
    type Partial = Partial;
    /// The running statistics that were estimated at the point.
    type State = Option<BatchStatistics>;

    fn cut(&self) -> Cut {
        Cut::Freely(self.most)
    }

    fn start(&self) {
        torch::one_thread();
    }

    fn begin(&self, _: Point) -> Option<BatchStatistics> {
        None
    }

    fn pass(
        &self,
        worker: &mut Worker,
        point: Point,
        statistics: &Option<BatchStatistics>,
        chunk: Chunk,
        stop: Stop,
    ) -> anyhow::Result<Option<Partial>> {
        torch::no_grad(|| {
            let place = worker.go_to(point)?;
            if let Some(estimate) = &mut worker.recalibration {
                let Some(statistics) = statistics else {
                    let found = estimate.pass(place, chunk, self.loss, stop)?;
                    return Ok(found.map(Partial::Statistics));
                };
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
            Ok(Some(Partial::Samples(measured)))
        })
    }

    fn join(&self, all: &mut Partial, next: Partial) {
        match (all, next) {
            (Partial::Statistics(all), Partial::Statistics(next)) => all.extend(next),
            (Partial::Samples(all), Partial::Samples(next)) => {
                for (all, next) in all.iter_mut().zip(next) {
                    all.join(next);
                }
            }
            // chunks of one pass are alike
            (Partial::Statistics(_), Partial::Samples(_))
            | (Partial::Samples(_), Partial::Statistics(_)) => {}
        }
    }

    fn absorb(
        &self,
        _: Option<BatchStatistics>,
        all: Partial,
    ) -> anyhow::Result<Next<Option<BatchStatistics>>> {
        let samples = match all {
            Partial::Statistics(batches) => {
                return Ok(Next::Again(Some(torch::mean_statistics(&batches))));
            }
            Partial::Samples(samples) => samples,
        };
        let mut values = Vec::new();
        for (averages, samples) in self.splits.iter().zip(&samples) {
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
