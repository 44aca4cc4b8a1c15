use tch::{Device, Kind, Tensor};

use crate::{Criterion, Error, Loss};

/// What was measured at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// In the order of [`Loss::metrics`].
    pub metrics: Vec<f64>,
    /// The loss is a lower bound, and what follows it was not measured: NaN.
    pub at_least: bool,
}

/// Leaves off where the mean of the loss, which is never negative, has this value for certain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StopAbove {
    /// In the loss's unit.
    pub loss: f64,
    /// Samples that count, in all.
    pub samples: f64,
}

/// What was measured of the samples of a part of the data, in their order.
#[derive(Debug, Default)]
pub struct Samples {
    losses: Vec<f64>,
    /// 1 for each right answer, or the program's metric, where there is either.
    seconds: Vec<f64>,
    has_second: bool,
    sum: f64,
    stop: Option<StopAbove>,
}

impl Samples {
    /// Of the first part of the data, which may leave off; others never do, since a loss before theirs may be NaN.
    pub(crate) fn new(stop: Option<StopAbove>) -> Self {
        Self {
            stop,
            ..Self::default()
        }
    }

    /// What stands for a part of the data where nothing can be measured: NaN in each of the metrics.
    pub(crate) fn missing(metrics: usize) -> Self {
        let has_second = metrics > 1;
        let seconds = if has_second {
            vec![f64::NAN]
        } else {
            Vec::new()
        };
        Self {
            losses: vec![f64::NAN],
            seconds,
            has_second,
            ..Self::default()
        }
    }

    /// Whether more samples would change nothing.
    pub(crate) fn is_enough(&self) -> bool {
        self.stop.is_some_and(|stop| stop.proves(self.sum))
    }

    /// Adds a batch: outputs as they come from the network, and targets, of which the first `count` are counted.
    ///
    /// # Errors
    /// What the loss refuses.
    pub(crate) fn add(
        &mut self,
        criterion: &Criterion,
        outputs: &[Tensor],
        targets: Option<&Tensor>,
        count: i64,
    ) -> Result<(), Error> {
        let counted = |tensor: &Tensor| tensor.narrow(0, 0, count);
        let output = |k: usize| counted(&outputs[k]).to_kind(Kind::Double);
        let values = match (criterion.loss, targets.map(counted)) {
            (loss @ (Loss::CrossEntropy | Loss::Mse), Some(targets)) => {
                let [logits, classes] = criterion.counted_classes(&output(0), &targets);
                loss.classified(&logits, &classes).into()
            }
            (Loss::Regression, Some(targets)) => {
                let outputs = output(0).reshape([count, -1]);
                let targets = targets.to_kind(Kind::Double).reshape([count, -1]);
                vec![
                    (outputs - targets)
                        .square()
                        .mean_dim([1i64].as_slice(), false, Kind::Double),
                ]
            }
            (Loss::Program, _) => (0..outputs.len().min(2)).map(output).collect(),
            (loss, None) => {
                let why = "it needs targets, and the data has none".into();
                return Err(Error::Loss {
                    loss: loss.name(),
                    why,
                });
            }
        };
        let numbers = |tensor: &Tensor| -> Result<Vec<f64>, Error> {
            Ok(tensor.to_device(Device::Cpu).try_into()?)
        };
        self.has_second = values.len() > 1;
        for (all, values) in [&mut self.losses, &mut self.seconds]
            .into_iter()
            .zip(&values)
        {
            all.extend(numbers(values)?);
        }
        let new = self.losses.len() - values[0].numel();
        self.sum = self.losses[new..]
            .iter()
            .fold(self.sum, |sum, loss| sum + loss);
        Ok(())
    }

    /// Means over the samples of all parts, summed one after the other, in the order of [`Loss::metrics`]; accuracy in
    /// percent. However the data were cut into parts and batches, it is the same to the bit.
    ///
    /// # Errors
    /// A negative loss where it may stop at a value.
    pub fn score(parts: &[Self], loss: Loss, stop: Option<StopAbove>) -> Result<Score, Error> {
        let (mut sum, mut count) = (0.0, 0);
        let has_second = parts.iter().any(|part| part.has_second);
        for &loss in parts.iter().flat_map(|part| &part.losses) {
            if stop.is_some() && loss < 0.0 {
                return Err(Error::Negative {
                    example: count,
                    loss,
                });
            }
            (sum, count) = (sum + loss, count + 1);
            if let Some(stop) = stop.filter(|stop| stop.proves(sum)) {
                let unknown = has_second.then_some(f64::NAN);
                return Ok(Score {
                    metrics: [sum / stop.samples].into_iter().chain(unknown).collect(),
                    at_least: true,
                });
            }
        }
        let unit = if loss.wants_classes() { 100.0 } else { 1.0 };
        let second = parts
            .iter()
            .flat_map(|part| &part.seconds)
            .fold(0.0, |sum, value| sum + value);
        let means = [sum, unit * second].map(|sum| sum / count as f64);
        Ok(Score {
            metrics: means[..1 + usize::from(has_second)].to_vec(),
            at_least: false,
        })
    }
}

impl StopAbove {
    /// Whether this sum of losses, and others that are not negative, have such a mean.
    fn proves(self, sum: f64) -> bool {
        let bound = sum / self.samples;
        // what is infinite already may still become NaN
        bound >= self.loss && bound.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IGNORED;

    const PROGRAM: Criterion = Criterion {
        loss: Loss::Program,
        ignored: IGNORED,
        class_axis: None,
    };
    const STOP: Option<StopAbove> = Some(StopAbove {
        loss: 2.0,
        samples: 6.0,
    });

    /// The samples of parts of the data, which a program measured.
    fn parts(losses: &[&[f64]], stop: Option<StopAbove>) -> Vec<Samples> {
        let part = |(k, losses): (usize, &&[f64])| {
            let mut samples = Samples::new(stop.filter(|_| k == 0));
            for loss in *losses {
                let outputs = [
                    Tensor::from_slice(&[*loss]),
                    Tensor::from_slice(&[*loss + 1.0]),
                ];
                samples.add(&PROGRAM, &outputs, None, 1).unwrap();
                if samples.is_enough() {
                    break;
                }
            }
            samples
        };
        losses.iter().enumerate().map(part).collect()
    }

    fn score(losses: &[&[f64]], stop: Option<StopAbove>) -> Result<Score, Error> {
        Samples::score(&parts(losses, stop), Loss::Program, stop)
    }

    #[test]
    fn parts_have_the_score_of_the_whole_to_the_bit() {
        let whole = score(&[&[0.1, 0.2, 0.3, 1e9, 0.4, 0.7]], None).unwrap();
        assert_eq!(
            score(&[&[0.1], &[0.2, 0.3], &[], &[1e9, 0.4, 0.7]], None).unwrap(),
            whole
        );
        assert_eq!(
            score(&[&[], &[0.1, 0.2, 0.3, 1e9, 0.4, 0.7]], None).unwrap(),
            whole
        );
        assert!(!whole.at_least && whole.metrics.len() == 2);
    }

    #[test]
    fn a_bound_is_that_of_the_first_sample_that_proves_it_however_the_data_are_cut() {
        let losses = [3.0, 4.0, 4.5, 1.0, 7.0, 100.0];
        let whole = score(&[&losses], STOP).unwrap();
        assert!(whole.at_least);
        assert_eq!(whole.metrics[0], 12.5 / 6.0);
        assert!(whole.metrics[1].is_nan());
        for cut in 1..6 {
            let found = score(&[&losses[..cut], &losses[cut..]], STOP).unwrap();
            assert_eq!(
                (found.at_least, found.metrics[0]),
                (true, whole.metrics[0]),
                "cut at {cut}"
            );
        }
        assert!(!score(&[&[1.0; 6]], STOP).unwrap().at_least);
    }

    #[test]
    fn what_is_no_number_proves_nothing() {
        for losses in [
            [f64::NAN, 30.0, 30.0, 1.0, 1.0, 1.0],
            [30.0f64.powi(300), f64::INFINITY, 1.0, 1.0, 1.0, f64::NAN],
        ] {
            for cut in 0..6 {
                let found = score(&[&losses[..cut], &losses[cut..]], STOP).unwrap();
                assert!(
                    !found.at_least && found.metrics[0].is_nan(),
                    "{losses:?} cut at {cut}: {found:?}"
                );
            }
        }
    }

    #[test]
    fn negative_losses_are_refused_where_they_could_undo_a_bound() {
        assert!(score(&[&[1.0, -1.0]], None).is_ok());
        let error = score(&[&[1.0], &[0.5, -1.0]], STOP)
            .unwrap_err()
            .to_string();
        assert!(error.contains("example 2 has the loss -1"), "{error}");
    }
}
