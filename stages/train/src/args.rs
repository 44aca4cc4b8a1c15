use std::path::PathBuf;

use anyhow::{Context, ensure};
use files::Target;
use torch::{Device, DeviceChoice, Sgd};

use crate::{augment::Augment, schedule::Schedule};

/// Train a network of the zoo by stochastic gradient descent
///
/// Writes model-0.h5 (the untrained network), then model-EPOCH.h5, and prints one line per epoch on
/// stdout: losses in nats, errors in percent, those of training as they were met on the way.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The architecture, a name that `import-model --list` prints
    #[arg(long, value_name = "NAME")]
    arch: String,

    /// The data, from import-data
    #[arg(long, value_name = "FILE")]
    data: PathBuf,

    /// Write the checkpoints into this folder, which is made if need be
    #[arg(short, long, value_name = "FOLDER")]
    output_dir: PathBuf,

    /// Passes over the training set
    #[arg(long, value_name = "N", default_value_t = 30)]
    epochs: usize,

    /// Examples per step
    #[arg(long, value_name = "N", default_value_t = 128)]
    batch: usize,

    /// Learning rate at the start
    #[arg(long, value_name = "RATE", default_value_t = 0.1)]
    lr: f64,

    /// How the rate falls
    #[command(flatten)]
    schedule: Schedule,

    /// Share of the last step that is kept
    #[arg(long, value_name = "SHARE", default_value_t = 0.9)]
    momentum: f64,

    /// Use plain momentum, not Nesterov's
    #[arg(long)]
    no_nesterov: bool,

    /// L2 penalty on every parameter
    #[arg(long, value_name = "FACTOR", default_value_t = 5e-4)]
    weight_decay: f64,

    /// What is done to training images at random
    #[arg(long, value_enum, default_value_t = Augment::CropFlip)]
    augment: Augment,

    /// Seed of the initial weights, the order and the augmentation
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,

    /// Keep a checkpoint every N epochs, and the last one
    #[arg(long, value_name = "N", default_value_t = 1)]
    save_every: usize,

    /// Use the first N examples of each split only
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Where to compute: auto, cpu, cuda or cuda:K
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: DeviceChoice,

    /// Overwrite checkpoints that exist
    #[arg(long)]
    force: bool,

    /// Show no progress
    #[arg(short, long)]
    quiet: bool,
}

/// What is asked for, checked as far as it can be without reading the data.
pub(crate) struct Settings {
    pub(crate) arch: String,
    pub(crate) data: PathBuf,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) epochs: usize,
    pub(crate) batch: usize,
    pub(crate) lr: f64,
    pub(crate) schedule: Schedule,
    pub(crate) sgd: Sgd,
    pub(crate) augment: Augment,
    pub(crate) seed: u64,
    pub(crate) save_every: usize,
    pub(crate) limit: Option<usize>,
    pub(crate) device: Device,
    pub(crate) quiet: bool,
}

/// Where checkpoints go.
pub(crate) struct Checkpoints {
    folder: PathBuf,
    force: bool,
}

impl Checkpoints {
    /// The file of an epoch's checkpoint.
    pub(crate) fn target(&self, epoch: usize) -> Target {
        Target::new(&self.folder.join(format!("model-{epoch}.h5")), self.force)
    }

    /// Makes the folder, and checks that all checkpoints may be written.
    fn prepare(&self, epochs: usize) -> anyhow::Result<()> {
        let folder = self.folder.display();
        std::fs::create_dir_all(&self.folder)
            .with_context(|| format!("the folder {folder} cannot be made"))?;
        for epoch in 0..=epochs {
            self.target(epoch).check()?;
        }
        Ok(())
    }
}

impl Args {
    /// Checks what can be checked before any work, and makes the folder.
    ///
    /// # Errors
    /// Numbers out of their range, checkpoints that exist, no such device.
    pub(crate) fn settings(self) -> anyhow::Result<Settings> {
        self.check_numbers()?;
        self.schedule.check(self.epochs)?;
        let checkpoints = Checkpoints {
            folder: self.output_dir,
            force: self.force,
        };
        checkpoints.prepare(self.epochs)?;
        Ok(Settings {
            arch: self.arch,
            data: self.data,
            checkpoints,
            epochs: self.epochs,
            batch: self.batch,
            lr: self.lr,
            schedule: self.schedule,
            sgd: Sgd {
                momentum: self.momentum,
                weight_decay: self.weight_decay,
                nesterov: !self.no_nesterov,
            },
            augment: self.augment,
            seed: self.seed,
            save_every: self.save_every,
            limit: self.limit,
            device: self.device.resolve()?,
            quiet: self.quiet,
        })
    }

    fn check_numbers(&self) -> anyhow::Result<()> {
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
        Ok(())
    }
}
