use std::{fmt, str::FromStr};

use tch::{Kind, Tensor};

use crate::Error;

/// How outputs are measured against targets, sample by sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Softmax cross-entropy on classes, in nats.
    CrossEntropy,
    /// Softmax of the outputs against one-hot targets: the squared error, its mean over the classes.
    Mse,
}

/// Means over samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Mean loss.
    pub loss: f64,
    /// Percent of samples whose largest output is that of their class.
    pub accuracy: f64,
}

/// Sums over the samples seen so far, in their order, so that the bits do not depend on the batches.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    loss: f64,
    correct: f64,
    samples: f64,
}

impl Loss {
    const NAMES: [(Self, &'static str); 2] = [(Self::CrossEntropy, "crossentropy"), (Self::Mse, "mse")];

    /// `crossentropy` or `mse`.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(loss, _)| *loss == self).map_or("", |(_, name)| name)
    }

    /// Checks that outputs `[N, C]` can be measured against classes up to `largest`.
    ///
    /// # Errors
    /// [`Error::Loss`].
    pub fn check(self, outputs: &Tensor, largest: i64) -> Result<(), Error> {
        let shape = outputs.size();
        let wrong = |why| Err(Error::Loss { loss: self.name(), why });
        match shape[..] {
            [_, classes] if largest < classes => Ok(()),
            [_, classes] => {
                wrong(format!("the targets go up to class {largest}, the network tells {classes} classes apart"))
            }
            _ => {
                wrong(format!("the network returns {shape:?}, but one row of logits a sample is wanted: [N, classes]"))
            }
        }
    }

    /// The loss of each sample, f64: outputs `[N, C]`, targets `[N]`.
    fn per_sample(self, outputs: &Tensor, targets: &Tensor) -> Tensor {
        match self {
            Self::CrossEntropy => {
                -outputs.log_softmax(-1, Kind::Double).gather(1, &targets.unsqueeze(1), false).squeeze_dim(1)
            }
            Self::Mse => {
                let wanted = targets.one_hot(outputs.size()[1]);
                (outputs.softmax(-1, Kind::Double) - wanted).square().mean_dim([1i64].as_slice(), false, Kind::Double)
            }
        }
    }
}

impl Sum {
    /// Adds a batch: outputs `[B, C]`, of which the first are those of `targets` `[N]`.
    pub(crate) fn add(&mut self, loss: Loss, outputs: &Tensor, targets: &Tensor) -> Result<(), Error> {
        let count = targets.size()[0];
        let outputs = outputs.narrow(0, 0, count).to_kind(Kind::Double);
        let losses: Vec<f64> = Vec::try_from(loss.per_sample(&outputs, targets).to_device(tch::Device::Cpu))?;
        let correct = outputs.argmax(-1, false).eq_tensor(targets).sum(Kind::Int64).int64_value(&[]);
        for sample in losses {
            self.loss += sample;
        }
        self.correct += correct as f64;
        self.samples += count as f64;
        Ok(())
    }

    pub(crate) fn score(&self) -> Score {
        Score { loss: self.loss / self.samples, accuracy: 100.0 * self.correct / self.samples }
    }
}

impl FromStr for Loss {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::NAMES.iter().find(|(_, name)| *name == text).map(|(loss, _)| *loss);
        found.ok_or_else(|| format!("\"{text}\" is no loss: crossentropy, mse"))
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
