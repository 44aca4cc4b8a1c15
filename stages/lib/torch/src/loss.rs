use std::{fmt, str::FromStr};

use tch::{Kind, Tensor};

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
        Self::NAMES
            .iter()
            .find(|(loss, _)| *loss == self)
            .map_or("", |(_, name)| name)
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

    /// Loss and right answers, f64, for logits `[N, C]` and classes `[N]`.
    pub(crate) fn classified(self, logits: &Tensor, classes: &Tensor) -> [Tensor; 2] {
        let width = logits.size()[logits.dim() - 1];
        let losses = match self {
            Self::Mse => {
                let wanted = classes.one_hot(width);
                (logits.softmax(-1, Kind::Double) - wanted)
                    .square()
                    .mean_dim([-1i64].as_slice(), false, Kind::Double)
            }
            _ => -logits
                .log_softmax(-1, Kind::Double)
                .gather(-1, &classes.unsqueeze(-1), false)
                .squeeze_dim(-1),
        };
        [
            losses,
            logits
                .argmax(-1, false)
                .eq_tensor(classes)
                .to_kind(Kind::Double),
        ]
    }
}

impl FromStr for Loss {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::NAMES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(loss, _)| *loss);
        found.ok_or_else(|| {
            format!(
                "\"{text}\" is no loss: {}",
                Self::NAMES.map(|(_, name)| name).join(", ")
            )
        })
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
