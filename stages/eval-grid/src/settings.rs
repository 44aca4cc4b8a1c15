use std::path::PathBuf;

use files::Split;
use grid::{Grid, Shard};
use torch::{Criterion, Device, Precision};

/// What is asked for, checked as far as it can be without reading a file.
pub(crate) struct Settings {
    /// The files that are read.
    pub(crate) model: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) directions: PathBuf,
    pub(crate) grid: Grid,
    pub(crate) shard: Shard,
    /// The splits to measure; `None` means all that the data has.
    pub(crate) splits: Option<Vec<Split>>,
    pub(crate) criterion: Criterion,
    /// The metrics to measure; `None` means the loss and what comes with it.
    pub(crate) metrics: Option<Vec<String>>,
    /// Examples per batch, where the user says so.
    pub(crate) batch: Option<usize>,
    /// Only the first examples of each split are used.
    pub(crate) limit: Option<usize>,
    pub(crate) precision: Precision,
    /// How many points are compared with full precision.
    pub(crate) check_precision: Option<usize>,
    /// Points are left early once their mean loss is certain to reach this.
    pub(crate) stop_above: Option<f64>,
    /// How running statistics are estimated anew, where they are.
    pub(crate) recalibrate: Option<Recalibrate>,
    /// Bytes of data that stay in memory, where the user says so.
    pub(crate) data_memory: Option<u64>,
    pub(crate) device: Device,
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

impl Settings {
    /// The numbers of the shard's points in the grid.
    pub(crate) fn points(&self) -> Vec<usize> {
        self.shard.points(self.grid.len()).collect()
    }
}
