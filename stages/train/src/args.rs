use std::path::PathBuf;

use anyhow::ensure;
use files::Target;
use torch::DeviceChoice;

use crate::{augment::Augment, schedule::Schedule};

/// Train a network of the zoo by stochastic gradient descent
///
/// Writes model-0.h5 (the untrained network), then model-EPOCH.h5, and prints one line an epoch on stdout: losses in
/// nats, errors in percent, those of training as they were met on the way.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The architecture, a name that `import-model --list` prints
    #[arg(long, value_name = "NAME")]
    pub(crate) arch: String,

    /// The data, from import-data
    #[arg(long, value_name = "FILE")]
    pub(crate) data: PathBuf,

    /// Write the checkpoints into this folder, which is made if need be
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output_dir: PathBuf,

    /// Passes over the training set
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) epochs: usize,

    /// Examples a step
    #[arg(long, value_name = "N", default_value_t = 128)]
    pub(crate) batch: usize,

    /// Learning rate at the start
    #[arg(long, value_name = "RATE", default_value_t = 0.1)]
    pub(crate) lr: f64,

    /// How the rate falls
    #[command(flatten)]
    pub(crate) schedule: Schedule,

    /// Share of the last step that is kept
    #[arg(long, value_name = "SHARE", default_value_t = 0.9)]
    pub(crate) momentum: f64,

    /// Use plain momentum, not Nesterov's
    #[arg(long)]
    pub(crate) no_nesterov: bool,

    /// L2 penalty on every parameter
    #[arg(long, value_name = "FACTOR", default_value_t = 5e-4)]
    pub(crate) weight_decay: f64,

    /// What is done to training images at random
    #[arg(long, value_enum, default_value_t = Augment::CropFlip)]
    pub(crate) augment: Augment,

    /// Seed of the initial weights, the order and the augmentation
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub(crate) seed: u64,

    /// Keep a checkpoint every so many epochs, and the last
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) save_every: usize,

    /// Use the first N examples of each split only
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,

    /// Where to compute: auto, cpu, cuda or cuda:K
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub(crate) device: DeviceChoice,

    /// Overwrite checkpoints that exist
    #[arg(long)]
    pub(crate) force: bool,

    /// Show no progress
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

impl Args {
    /// Checks what can be checked before any work, and makes the folder.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        for (name, count) in [
            ("epochs", self.epochs),
            ("batch", self.batch),
            ("save-every", self.save_every),
        ] {
            ensure!(count > 0, "--{name} is 0, it must be 1 or more");
        }
        // libtorch computes with them in f32
        for (name, number) in [("lr", self.lr), ("weight-decay", self.weight_decay)] {
            ensure!(
                number >= 0.0 && number <= f64::from(f32::MAX),
                "--{name} is {number}, it must be from 0 to 3.4e38"
            );
        }
        ensure!(
            self.momentum >= 0.0 && self.momentum < 1.0,
            "--momentum is {}, it must be 0 or more and below 1",
            self.momentum
        );
        ensure!(
            self.no_nesterov || self.momentum > 0.0,
            "Nesterov's momentum needs --momentum above 0, or --no-nesterov"
        );
        self.schedule.check(self.epochs)?;
        std::fs::create_dir_all(&self.output_dir).map_err(|why| {
            anyhow::anyhow!(
                "the folder {} cannot be made: {why}",
                self.output_dir.display()
            )
        })?;
        for epoch in 0..=self.epochs {
            Target::new(&self.checkpoint(epoch), self.force).check()?;
        }
        Ok(())
    }

    /// The file of an epoch's checkpoint.
    pub(crate) fn checkpoint(&self, epoch: usize) -> PathBuf {
        self.output_dir.join(format!("model-{epoch}.h5"))
    }
}
