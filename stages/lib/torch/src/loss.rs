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
    /// The squared error against targets of the outputs' shape, its mean over a sample's values.
    Regression,
    /// The program takes the targets as its last input and returns a loss for each sample, and perhaps a metric.
    Program,
}

/// The class of targets that are left out, where no other is named: PyTorch's.
pub const IGNORED: i64 = -100;

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
    pub(crate) fn classified(self, logits: &Tensor, classes: &Tensor) -> [Tensor; 2] {
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
