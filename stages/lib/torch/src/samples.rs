use std::ops::Range;

use tch::{Device, Tensor};

use crate::{Criterion, Error, ExampleMetric, Outcome, outcome::in_f64};

/// What is averaged over the examples of a split.
#[derive(Clone)]
pub struct Averages {
    /// Outputs and targets become losses by it.
    pub criterion: Criterion,
    /// What is averaged, the loss first where a point may be left early.
    pub metrics: Vec<&'static dyn ExampleMetric>,
    /// Where a point may be left early.
    pub stop: Option<StopAbove>,
}

/// The means at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// In the order of [`Averages::metrics`].
    pub means: Vec<f64>,
    /// The loss is a lower bound, and what follows it was not measured: NaN.
    pub at_least: bool,
}

/// Leaves a point early where the mean of the loss, which is never negative, has this value for
/// certain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StopAbove {
    /// In the loss's unit.
    pub loss: f64,
    /// How many examples count, in all.
    pub examples: f64,
}

/// What was measured of the examples of a chunk of the data, in their order.
#[derive(Debug, Default)]
pub struct Samples {
    /// For each of the metrics a number per example.
    values: Vec<Vec<f64>>,
    /// The sum of the losses, where a point may be left early.
    sum: f64,
}

impl Averages {
    /// What takes the place of a chunk of the data where nothing can be measured: NaN.
    pub(crate) fn missing(&self) -> Samples {
        Samples {
            values: vec![vec![f64::NAN]; self.metrics.len()],
            sum: f64::NAN,
        }
    }

    /// Adds a batch: outputs as they come from the network, and targets, of which the first `count`
    /// are counted.
    ///
    /// # Errors
    /// What the loss refuses.
    pub(crate) fn add(
        &self,
        samples: &mut Samples,
        outputs: &[Tensor],
        targets: Option<&Tensor>,
        count: i64,
    ) -> Result<(), Error> {
        let targets = targets.map(|targets| targets.narrow(0, 0, count));
        let outcome = Outcome::new(&self.criterion, in_f64(outputs, count), targets.as_ref())?;
        samples.values.resize_with(self.metrics.len(), Vec::new);
        for (metric, all) in self.metrics.iter().zip(&mut samples.values) {
            let values = metric.values(&outcome).to_device(Device::Cpu);
            all.extend(Vec::<f64>::try_from(values)?);
        }
        Ok(())
    }

    /// Whether the losses of the first chunk, in which `new` ones were added, prove that the point
    /// may be left. Other chunks never can, since a loss before theirs may be NaN.
    pub(crate) fn is_enough(&self, samples: &mut Samples, new: Range<usize>) -> bool {
        let Some(stop) = self.stop else {
            return false;
        };
        for loss in &samples.values[0][new] {
            samples.sum += loss;
        }
        stop.proves(samples.sum)
    }

    /// Means over the examples, summed one after the other. However the data were cut into chunks
    /// and batches, they are the same to the bit.
    ///
    /// # Errors
    /// A negative loss where a point may be left early.
    pub fn score(&self, samples: &Samples) -> Result<Score, Error> {
        if let Some(bound) = self.bound(samples)? {
            let mut means = vec![f64::NAN; self.metrics.len()];
            means[0] = bound;
            return Ok(Score {
                means,
                at_least: true,
            });
        }
        // without examples there are no means
        let mut means = vec![f64::NAN; self.metrics.len()];
        for (mean, values) in means.iter_mut().zip(&samples.values) {
            let mut sum = 0.0;
            for value in values {
                sum += value;
            }
            *mean = sum / values.len() as f64;
        }
        Ok(Score {
            means,
            at_least: false,
        })
    }

    /// The lower bound of the mean loss that the first losses prove, where a point may be left
    /// early.
    fn bound(&self, samples: &Samples) -> Result<Option<f64>, Error> {
        let (Some(stop), Some(losses)) = (self.stop, samples.values.first()) else {
            return Ok(None);
        };
        let mut sum = 0.0;
        for (example, &loss) in losses.iter().enumerate() {
            if loss < 0.0 {
                return Err(Error::Negative { example, loss });
            }
            sum += loss;
            if stop.proves(sum) {
                return Ok(Some(sum / stop.examples));
            }
        }
        Ok(None)
    }
}

impl Samples {
    /// Adds those of the next chunk.
    pub fn join(&mut self, next: Self) {
        if self.values.is_empty() {
            self.values = next.values;
            return;
        }
        for (all, values) in self.values.iter_mut().zip(next.values) {
            all.extend(values);
        }
    }

    /// How many examples were measured.
    pub(crate) fn len(&self) -> usize {
        self.values.first().map_or(0, Vec::len)
    }
}

impl StopAbove {
    /// Whether this sum of losses, and others that are not negative, have such a mean.
    fn proves(self, sum: f64) -> bool {
        let bound = sum / self.examples;
        // what is infinite already may still become NaN
        bound >= self.loss && bound.is_finite()
    }
}

#[cfg(test)]
mod tests;
