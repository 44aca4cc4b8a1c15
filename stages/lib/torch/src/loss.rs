use std::{fmt, str::FromStr};

use tch::{Device, Kind, Tensor};

use crate::Error;

/// How outputs are measured against targets, sample by sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Softmax cross-entropy on classes, in nats.
    CrossEntropy,
    /// Softmax of the outputs against one-hot targets: the squared error, its mean over the classes.
    Mse,
    /// The squared error against targets of the outputs' shape, its mean over a sample's values.
    Regression,
    /// The program takes the targets as its last input and returns a loss for each sample, and perhaps a metric.
    Program,
}

/// The class of targets that are left out, where no other is named: PyTorch's.
pub const IGNORED: i64 = -100;

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

impl Loss {
    const NAMES: [(Self, &'static str); 4] = [
        (Self::CrossEntropy, "crossentropy"),
        (Self::Mse, "mse"),
        (Self::Regression, "regression"),
        (Self::Program, "program"),
    ];

    /// Its name on command lines and in files.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(loss, _)| *loss == self).map_or("", |(_, name)| name)
    }

    /// What is measured, as suffixes of the metrics' names, with a program that returns so many values.
    pub fn metrics(self, outputs: usize) -> &'static [&'static str] {
        match self {
            Self::CrossEntropy | Self::Mse => &["loss", "acc"],
            Self::Program if outputs > 1 => &["loss", "metric"],
            Self::Regression | Self::Program => &["loss"],
        }
    }

    /// Whether targets are classes.
    pub fn wants_classes(self) -> bool {
        matches!(self, Self::CrossEntropy | Self::Mse)
    }

    /// Checks what the network returns for a batch against all targets.
    ///
    /// # Errors
    /// [`Error::Loss`].
    pub(crate) fn check(self, outputs: &[Tensor], all: &Tensor, ignored: i64) -> Result<(), Error> {
        let (shape, targets) = (outputs[0].size(), all.size());
        let wrong = |why| Err(Error::Loss { loss: self.name(), why });
        match self {
            Self::CrossEntropy | Self::Mse => {
                let wanted = if self == Self::Mse { 1 } else { targets.len() };
                if shape.len() != wanted + 1 || shape[1..wanted] != targets[1..] || targets.len() != wanted {
                    return wrong(format!(
                        "the network returns {shape:?} for targets {targets:?}; targets [N] want logits [N, classes], \
                         targets [N, T] want [N, T, classes]"
                    ));
                }
                let classes = shape[wanted];
                match classes_beyond(all, classes, ignored) {
                    Some(class) => wrong(format!(
                        "there is a target {class}, and the network tells the classes 0 to {} apart",
                        classes - 1
                    )),
                    None => Ok(()),
                }
            }
            Self::Regression => {
                let values = |shape: &[i64]| shape.iter().skip(1).product::<i64>();
                if values(&shape) == values(&targets) && shape.len().abs_diff(targets.len()) < 2 {
                    return Ok(());
                }
                wrong(format!("the network returns {shape:?} for targets {targets:?}; both have the same shape"))
            }
            Self::Program => match outputs.iter().find(|output| output.size() != outputs[0].size()[..1]) {
                Some(output) => {
                    wrong(format!("the program returns {:?}, a value for each example is wanted: [N]", output.size()))
                }
                None => Ok(()),
            },
        }
    }

    /// How many of these targets count.
    pub(crate) fn counted(self, targets: &Tensor, ignored: i64) -> i64 {
        match self {
            Self::CrossEntropy | Self::Mse => targets.ne(ignored).sum(Kind::Int64).int64_value(&[]),
            Self::Regression | Self::Program => targets.size()[0],
        }
    }

    /// Loss and right answers of each sample (and each of its positions), f64: logits `[N, …, C]`, classes `[N, …]`.
    fn classified(self, logits: &Tensor, classes: &Tensor) -> [Tensor; 2] {
        let width = logits.size()[logits.dim() - 1];
        let losses = match self {
            Self::Mse => {
                let wanted = classes.one_hot(width);
                (logits.softmax(-1, Kind::Double) - wanted).square().mean_dim([-1i64].as_slice(), false, Kind::Double)
            }
            _ => -logits.log_softmax(-1, Kind::Double).gather(-1, &classes.unsqueeze(-1), false).squeeze_dim(-1),
        };
        [losses, logits.argmax(-1, false).eq_tensor(classes).to_kind(Kind::Double)]
    }
}

/// A class that logits of so many classes cannot tell, if there is one.
fn classes_beyond(targets: &Tensor, classes: i64, ignored: i64) -> Option<i64> {
    let counted = targets.masked_select(&targets.ne(ignored));
    let (least, largest) = match counted.numel() {
        0 => return None,
        _ => (counted.min().int64_value(&[]), counted.max().int64_value(&[])),
    };
    [least, largest].into_iter().find(|class| !(0..classes).contains(class))
}

impl Samples {
    /// Of the first part of the data, which may leave off; others never do, since a loss before theirs may be NaN.
    pub(crate) fn new(stop: Option<StopAbove>) -> Self {
        Self { stop, ..Self::default() }
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
        loss: Loss,
        outputs: &[Tensor],
        targets: &Tensor,
        count: i64,
        ignored: i64,
    ) -> Result<(), Error> {
        let output = |k: usize| outputs[k].narrow(0, 0, count).to_kind(Kind::Double);
        let targets = targets.narrow(0, 0, count);
        let values = match loss {
            Loss::CrossEntropy | Loss::Mse => {
                let width = outputs[0].size()[outputs[0].dim() - 1];
                let (logits, targets) = (output(0).reshape([-1, width]), targets.reshape(-1));
                let counted = targets.ne(ignored);
                let logits = logits.index(&[Some(&counted)]);
                loss.classified(&logits, &targets.masked_select(&counted)).into()
            }
            Loss::Regression => {
                let outputs = output(0).reshape([count, -1]);
                let targets = targets.to_kind(Kind::Double).reshape([count, -1]);
                vec![(outputs - targets).square().mean_dim([1i64].as_slice(), false, Kind::Double)]
            }
            Loss::Program => (0..outputs.len().min(2)).map(output).collect(),
        };
        let numbers = |tensor: &Tensor| -> Result<Vec<f64>, Error> { Ok(tensor.to_device(Device::Cpu).try_into()?) };
        self.has_second = values.len() > 1;
        for (all, values) in [&mut self.losses, &mut self.seconds].into_iter().zip(&values) {
            all.extend(numbers(values)?);
        }
        let new = self.losses.len() - values[0].numel();
        self.sum = self.losses[new..].iter().fold(self.sum, |sum, loss| sum + loss);
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
                return Err(Error::Negative { example: count, loss });
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
        let second = parts.iter().flat_map(|part| &part.seconds).fold(0.0, |sum, value| sum + value);
        let means = [sum, unit * second].map(|sum| sum / count as f64);
        Ok(Score { metrics: means[..1 + usize::from(has_second)].to_vec(), at_least: false })
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

impl FromStr for Loss {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::NAMES.iter().find(|(_, name)| *name == text).map(|(loss, _)| *loss);
        found.ok_or_else(|| format!("\"{text}\" is no loss: {}", Self::NAMES.map(|(_, name)| name).join(", ")))
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
