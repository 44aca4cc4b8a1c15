use std::fmt;

/// How outputs are measured against targets, example by example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Softmax cross-entropy on classes, in nats.
    CrossEntropy,
    /// Softmax of the outputs against one-hot targets: the squared error, its mean over the
    /// classes.
    Mse,
    /// The squared error against targets of the outputs' shape, its mean over an example's values.
    Regression,
    /// The program takes the targets as its last input and returns a loss per example, and perhaps
    /// a metric.
    Program,
}

/// The class of targets that are left out, where no other is named: PyTorch's.
pub const IGNORED: i64 = -100;

impl Loss {
    /// Its name on command lines and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::CrossEntropy => "crossentropy",
            Self::Mse => "mse",
            Self::Regression => "regression",
            Self::Program => "program",
        }
    }

    /// Whether targets are classes.
    pub fn wants_classes(self) -> bool {
        match self {
            Self::CrossEntropy | Self::Mse => true,
            Self::Regression | Self::Program => false,
        }
    }
}

impl From<options::Loss> for Loss {
    fn from(word: options::Loss) -> Self {
        match word {
            options::Loss::Crossentropy => Self::CrossEntropy,
            options::Loss::Mse => Self::Mse,
            options::Loss::Regression => Self::Regression,
            options::Loss::Program => Self::Program,
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
