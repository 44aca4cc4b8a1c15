//! The names of the contract, each once.

use std::fmt;

/// The format version that this build writes, and the newest that it reads.
pub(crate) const FORMAT_VERSION: i64 = 1;

/// Attributes of every root.
pub(crate) const KIND: &str = "kind";
pub(crate) const VERSION: &str = "format_version";
pub(crate) const CREATED_BY: &str = "created_by";
pub(crate) const HISTORY: &str = "history";
pub(crate) const ID: &str = "id";

/// The kinds of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A network and its state.
    Model,
    /// Inputs and targets.
    Dataset,
    /// One or two directions in weight space.
    Directions,
    /// The measured points of one part of a grid.
    Shard,
    /// The measured points of a whole grid.
    Surface,
    /// Checkpoints projected onto directions.
    Trajectory,
    /// Eigenvalues, trace and density of the Hessian.
    Spectrum,
    /// Measures of how sharp minima are.
    Sharpness,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Model,
        Self::Dataset,
        Self::Directions,
        Self::Shard,
        Self::Surface,
        Self::Trajectory,
        Self::Spectrum,
        Self::Sharpness,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Dataset => "dataset",
            Self::Directions => "directions",
            Self::Shard => "shard",
            Self::Surface => "surface",
            Self::Trajectory => "trajectory",
            Self::Spectrum => "spectrum",
            Self::Sharpness => "sharpness",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The stage that writes files of this kind, for errors that point the way.
    pub(crate) fn made_by(self) -> &'static str {
        match self {
            Self::Model => "import-model or train",
            Self::Dataset => "import-data",
            Self::Directions => "make-dirs",
            Self::Shard => "eval-grid",
            Self::Surface => "merge",
            Self::Trajectory => "project",
            Self::Spectrum => "hessian",
            Self::Sharpness => "sharpness",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
