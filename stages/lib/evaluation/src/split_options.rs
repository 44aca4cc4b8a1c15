use std::{num::NonZeroUsize, path::PathBuf};

use files::Split;
use torch::{ClassAxis, Criterion, DeviceChoice, IGNORED};

use crate::Question;

/// Options of stages that measure one split: what is measured of it, and how.
#[derive(Debug, clap::Args)]
pub struct SplitOptions {
    /// The split
    #[arg(long, value_name = "SPLIT", default_value = "train")]
    split: Split,

    /// Use the first N examples of the split only
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroUsize>,

    /// The loss
    #[arg(long, value_enum, default_value_t = options::Loss::Crossentropy)]
    loss: options::Loss,

    /// Axis of the classes where the shapes of outputs and targets leave it open: 1 for [N,
    /// classes, …], last for [N, …, classes]
    #[arg(long, value_enum)]
    class_axis: Option<options::ClassAxis>,

    /// Leave out targets of this class [default: -100]
    #[arg(long, value_name = "CLASS", allow_hyphen_values = true)]
    ignore_index: Option<i64>,

    /// Examples per batch; the last bits of a result may vary with it [default: what the program
    /// was exported for, or 16 to 128, so that caches hold the widest tensor]
    #[arg(long, value_name = "N")]
    batch: Option<NonZeroUsize>,

    /// Where to compute: auto, cpu, cuda or cuda:K
    #[arg(long, value_name = "DEVICE", default_value_t = DeviceChoice::Auto)]
    device: DeviceChoice,

    /// Batches that are computed at once, one thread each [default: the cores that this process
    /// may use; 1 on a GPU]
    #[arg(long, value_name = "J")]
    jobs: Option<NonZeroUsize>,
}

impl SplitOptions {
    /// What is measured of a model.
    ///
    /// # Errors
    /// There is no such device.
    pub fn question(&self, model: PathBuf, data: PathBuf) -> anyhow::Result<Question> {
        Ok(Question {
            model,
            data,
            splits: Some(vec![self.split.clone()]),
            limit: self.limit.map(usize::from),
            criterion: Criterion {
                loss: self.loss.into(),
                ignored: self.ignore_index.unwrap_or(IGNORED),
                class_axis: self.class_axis.map(ClassAxis::from),
            },
            device: self.device.resolve()?,
        })
    }

    /// Examples per batch, where the user says so.
    pub fn batch(&self) -> Option<usize> {
        self.batch.map(usize::from)
    }

    /// Batches at once, where the user says so.
    pub fn jobs(&self) -> Option<usize> {
        self.jobs.map(usize::from)
    }
}
