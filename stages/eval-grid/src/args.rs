use std::path::PathBuf;

use files::Split;
use grid::{Axis, Grid, Shard};
use torch::{DeviceChoice, Loss};

/// Measure the loss at the points of a grid
///
/// A point (x, y) is the model with x times the first and y times the second direction added to its weights. Finished
/// points are kept in OUTPUT.partial: killed at any time, the same command goes on from there. SIGTERM, SIGUSR1 and
/// SIGUSR2 stop it within a batch, with the exit status 75.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The model at the origin
    #[arg(long, value_name = "FILE")]
    pub(crate) model: PathBuf,

    /// The data, from import-data
    #[arg(long, value_name = "FILE")]
    pub(crate) data: PathBuf,

    /// The directions, from make-dirs
    #[arg(long, value_name = "FILE")]
    pub(crate) directions: PathBuf,

    /// First axis, ends included, such as --x=-1:1:51
    #[arg(long, value_name = "MIN:MAX:COUNT", allow_hyphen_values = true)]
    pub(crate) x: Axis,

    /// Second axis; without it the result is a curve
    #[arg(long, value_name = "MIN:MAX:COUNT", allow_hyphen_values = true)]
    pub(crate) y: Option<Axis>,

    /// Measure part I of N only, counted from 1
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE)]
    pub(crate) shard: Shard,

    /// Splits to measure [default: all that the data has]
    #[arg(long, value_name = "SPLITS", value_delimiter = ',')]
    pub(crate) split: Option<Vec<Split>>,

    /// The loss: crossentropy (softmax cross-entropy on classes, with accuracy), mse (of the softmax against one-hot
    /// classes, with accuracy), regression (squared error against real targets), or program (which takes the targets as
    /// its last input and returns a loss, and perhaps a metric, for each example)
    #[arg(long, value_name = "LOSS", default_value_t = Loss::CrossEntropy)]
    pub(crate) loss: Loss,

    /// Leave out targets of this class [default: -100]
    #[arg(long, value_name = "CLASS", allow_hyphen_values = true)]
    pub(crate) ignore_index: Option<i64>,

    /// Examples a batch [default: what the program was exported for, or 128]
    #[arg(long, value_name = "N")]
    pub(crate) batch: Option<std::num::NonZeroUsize>,

    /// Use the first N examples of each split only
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<std::num::NonZeroUsize>,

    /// Where to compute: auto, cpu, cuda (under MPI and Slurm the GPU of the local rank) or cuda:K
    #[arg(long, value_name = "DEVICE", default_value_t = DeviceChoice::Auto)]
    pub(crate) device: DeviceChoice,

    /// Points that are measured at once, one thread each [default: the cores at hand on the CPU, 1 on a GPU and
    /// for each rank of MPI]
    #[arg(long, value_name = "J")]
    pub(crate) jobs: Option<std::num::NonZeroUsize>,

    #[command(flatten)]
    pub(crate) output: stage::Output,
}

impl Args {
    /// The whole grid.
    pub(crate) fn grid(&self) -> Grid {
        Grid::new(&self.x, self.y.as_ref())
    }
}
