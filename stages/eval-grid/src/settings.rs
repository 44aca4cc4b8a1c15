use std::path::PathBuf;

use anyhow::ensure;
use evaluation::{Bending, Question};
use grid::{AxisChoice, Shard};
use torch::Precision;

/// What is asked for, checked as far as it can be without reading a file.
pub(crate) struct Settings {
    /// The network and its data.
    pub(crate) question: Question,
    pub(crate) directions: PathBuf,
    pub(crate) wanted: Wanted,
    pub(crate) shard: Shard,
    /// The metrics to measure; `None` means the loss and what comes with it.
    pub(crate) metrics: Option<Vec<String>>,
    /// Examples per batch, where the user says so.
    pub(crate) batch: Option<usize>,
    pub(crate) precision: Precision,
    /// How many points are compared with full precision.
    pub(crate) check_precision: Option<usize>,
    /// Points are left early once their mean loss is certain to reach this.
    pub(crate) stop_above: Option<f64>,
    /// How eigenvalues are measured, where they are.
    pub(crate) hessian: HessianWanted,
    /// How running statistics are estimated anew, where they are.
    pub(crate) recalibrate: Option<Recalibrate>,
    /// Bytes of data that stay in memory, where the user says so.
    pub(crate) data_memory: Option<u64>,
    pub(crate) jobs: Option<usize>,
    pub(crate) output: stage::Output,
}

/// How running statistics of batch normalisation are estimated anew.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recalibrate {
    /// The first examples of the training set that are used.
    pub(crate) examples: usize,
    /// Examples per batch.
    pub(crate) batch: usize,
}

/// How eigenvalues are measured.
#[derive(Debug, Clone)]
pub(crate) struct HessianWanted {
    pub(crate) bending: Bending,
    /// The first examples of the first split that are used.
    pub(crate) examples: usize,
    /// How far an eigenvalue may be off, over its own size.
    pub(crate) tolerance: f64,
    /// The most products per point.
    pub(crate) max_products: usize,
    pub(crate) seed: u64,
    /// The spectrum from whose eigenvectors the search starts.
    pub(crate) start: Option<PathBuf>,
}

/// The points that are asked for.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// Those of a grid.
    Grid {
        x: AxisChoice,
        y: Option<AxisChoice>,
        /// The trajectory that automatic axes reach around.
        around: Option<PathBuf>,
    },
    /// Those of a trajectory.
    Points {
        file: PathBuf,
        /// Whether its checkpoints are measured themselves, not their places on the plane.
        at_checkpoints: bool,
    },
}

impl Wanted {
    /// # Errors
    /// A trajectory that no axis needs.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let Self::Grid { x, y, around } = self else {
            return Ok(());
        };
        let mut axes = [Some(x), y.as_ref()].into_iter().flatten();
        let is_used = axes.any(|axis| matches!(axis, AxisChoice::Auto(_)));
        ensure!(
            around.is_none() || is_used,
            "--trajectory is for automatic axes, such as --x=auto:51"
        );
        Ok(())
    }

    /// The trajectory that is read for it.
    pub(crate) fn trajectory(&self) -> Option<&PathBuf> {
        match self {
            Self::Grid { around, .. } => around.as_ref(),
            Self::Points { file, .. } => Some(file),
        }
    }

    /// Whether checkpoints are measured themselves.
    pub(crate) fn at_checkpoints(&self) -> bool {
        match self {
            Self::Grid { .. } => false,
            Self::Points { at_checkpoints, .. } => *at_checkpoints,
        }
    }

    /// Whether points have a y coordinate that is asked for.
    pub(crate) fn has_y(&self) -> bool {
        match self {
            Self::Grid { y, .. } => y.is_some(),
            Self::Points { .. } => false,
        }
    }
}
