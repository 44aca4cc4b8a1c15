use std::path::{Path, PathBuf};

use anyhow::ensure;
use files::Target;
use torch::{Criterion, Device, DeviceChoice, IGNORED, Loss, Rule};

use crate::{
    augment::Augment,
    average::{AverageOptions, Averaging},
    checkpoints::{Checkpoints, SaveEvery},
    resume,
    rule::RuleOptions,
    schedule::{Schedule, ScheduleOptions},
};

/// More epochs and checkpoints than any training has.
const MOST: usize = 1_000_000;

/// Train a network by stochastic gradient descent, Adam or AdamW
///
/// Writes model-0.h5 (the untrained network), then model-EPOCH.h5, and prints one line per epoch on
/// stdout: losses in nats, errors in percent, those of training as they were met on the way. The
/// same command goes on with a training that was interrupted, and ends with the same bits.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The architecture, a name that `import-model --list` prints
    #[arg(long, value_name = "NAME", required_unless_present = "program")]
    arch: Option<String>,

    /// Train this model instead, from the weights that it has: one of import-model or train
    #[arg(long, value_name = "FILE", conflicts_with = "arch")]
    program: Option<PathBuf>,

    /// The data, from import-data
    #[arg(long, value_name = "FILE")]
    data: PathBuf,

    /// Write the checkpoints into this folder, which is made if need be
    #[arg(short, long, value_name = "FOLDER")]
    output_dir: PathBuf,

    /// The loss, of which the mean over a batch is made smaller
    #[arg(long, value_enum, default_value_t = options::Loss::Crossentropy)]
    loss: options::Loss,

    /// Passes over the training set
    #[arg(long, value_name = "N", default_value_t = 30)]
    epochs: usize,

    /// Examples per step
    #[arg(long, value_name = "N", default_value_t = 128)]
    batch: usize,

    /// The optimiser
    #[command(flatten)]
    rule: RuleOptions,

    /// How the rate falls
    #[command(flatten)]
    schedule: ScheduleOptions,

    /// What is done to training images at random
    #[arg(long, value_enum, default_value_t = Augment::CropFlip)]
    augment: Augment,

    /// Seed of the initial weights, the order, the augmentation and dropout
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,

    /// Keep a checkpoint every so many epochs, such as 5 or 0.25, and the last one
    #[arg(long, value_name = "EPOCHS", default_value = "1")]
    save_every: SaveEvery,

    /// Averages of the weights
    #[command(flatten)]
    average: AverageOptions,

    /// Write a table of all steps to this file: step,epoch,rate,loss,error
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,

    /// Use the first N examples of each split only
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Where to compute: auto, cpu, cuda or cuda:K
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: DeviceChoice,

    /// Overwrite checkpoints that exist, and start an interrupted training anew
    #[arg(long)]
    force: bool,

    /// Show no progress
    #[arg(short, long)]
    quiet: bool,
}

/// Where the network comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// An architecture of the zoo.
    Arch(String),
    /// A model file.
    Program(PathBuf),
}

/// What is asked for, checked as far as it can be without reading the data.
pub(crate) struct Settings {
    pub(crate) source: Source,
    pub(crate) data: PathBuf,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) criterion: Criterion,
    pub(crate) epochs: usize,
    pub(crate) batch: usize,
    /// The learning rate at the start.
    pub(crate) lr: f64,
    pub(crate) schedule: Schedule,
    pub(crate) rule: Rule,
    pub(crate) augment: Augment,
    pub(crate) seed: u64,
    pub(crate) averaging: Option<Averaging>,
    pub(crate) log: Option<PathBuf>,
    pub(crate) limit: Option<usize>,
    pub(crate) device: Device,
    /// Whether an interrupted training is forgotten.
    pub(crate) force: bool,
    pub(crate) quiet: bool,
    save_every: SaveEvery,
}

impl Args {
    /// Checks what can be checked before any work, and makes the folder.
    ///
    /// # Errors
    /// Numbers out of their range, checkpoints that exist, no such device.
    pub(crate) fn settings(self) -> anyhow::Result<Settings> {
        self.check_numbers()?;
        let loss = Loss::from(self.loss);
        ensure!(
            self.program.is_some() || loss.wants_classes(),
            "--loss {loss} needs --program: networks of the zoo tell classes apart"
        );
        let rule = self.rule.rule()?;
        let lr = self.rule.rate();
        let schedule = self.schedule.schedule(lr, self.epochs)?;
        let averaging = self.average.averaging(self.epochs)?;
        let checkpoints = Checkpoints::new(self.output_dir, self.save_every, self.epochs)?;
        checkpoints.make_folder()?;
        check_input(self.program.as_deref(), checkpoints.folder())?;
        // an interrupted training has written some of its files
        let goes_on = checkpoints.folder().join(resume::FILE).exists();
        let replaces = self.force || goes_on;
        checkpoints.check(averaging.is_some(), replaces)?;
        if let Some(log) = &self.log {
            Target::new(log, replaces).check()?;
        }
        Ok(Settings {
            source: match (self.arch, self.program) {
                (_, Some(program)) => Source::Program(program),
                (arch, None) => Source::Arch(arch.unwrap_or_default()),
            },
            data: self.data,
            checkpoints,
            criterion: Criterion {
                loss,
                ignored: IGNORED,
                class_axis: None,
            },
            epochs: self.epochs,
            batch: self.batch,
            lr,
            schedule,
            rule,
            augment: self.augment,
            seed: self.seed,
            averaging,
            log: self.log,
            limit: self.limit,
            device: self.device.resolve()?,
            force: self.force,
            quiet: self.quiet,
            save_every: self.save_every,
        })
    }

    fn check_numbers(&self) -> anyhow::Result<()> {
        for (name, count) in [("epochs", self.epochs), ("batch", self.batch)] {
            ensure!(count > 0, "--{name} is 0, it must be 1 or more");
        }
        ensure!(
            self.epochs <= MOST,
            "--epochs is {}, it must be {MOST} or less",
            self.epochs
        );
        Ok(())
    }
}

impl Settings {
    /// Names and values of all settings on which the bits depend, but for the files that are read.
    pub(crate) fn named(&self) -> Vec<(String, String)> {
        let mut named = Vec::new();
        for (name, value) in [
            ("loss", self.criterion.loss.to_string()),
            ("epochs", self.epochs.to_string()),
            ("batch", self.batch.to_string()),
            ("augment", format!("{:?}", self.augment)),
            ("seed", self.seed.to_string()),
            ("save-every", self.save_every.to_string()),
            (
                "limit",
                self.limit.map_or("none".into(), |limit| limit.to_string()),
            ),
            ("log", if self.log.is_some() { "yes" } else { "no" }.into()),
            ("device", torch::device_name(self.device).into()),
        ] {
            named.push((format!("--{name}"), value));
        }
        named.extend(self.schedule.named());
        named.extend(named_rule(&self.rule));
        let (average, detail) = match self.averaging {
            None => ("none", String::new()),
            Some(Averaging::Swa { from }) => ("swa", format!(" --average-from {from}")),
            Some(Averaging::Ema { decay }) => ("ema", format!(" --ema-decay {decay}")),
        };
        named.push(("--average".into(), format!("{average}{detail}")));
        named.push(("version".into(), env!("CARGO_PKG_VERSION").into()));
        named
    }
}

/// Refuses to train a checkpoint in its own folder: it could be overwritten.
fn check_input(program: Option<&Path>, folder: &Path) -> anyhow::Result<()> {
    let Some(program) = program else {
        return Ok(());
    };
    if let (Ok(file), Ok(folder)) = (program.canonicalize(), folder.canonicalize()) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        ensure!(
            file.parent() != Some(folder.as_path()) || !name.starts_with("model-"),
            "{} is a checkpoint in the folder that is written, and could be overwritten: use \
             another --output-dir",
            program.display()
        );
    }
    Ok(())
}

/// Names and values of the settings of an optimiser.
fn named_rule(rule: &Rule) -> Vec<(String, String)> {
    let settings = match rule {
        Rule::Sgd(sgd) => vec![
            ("optimizer", "sgd".into()),
            ("momentum", sgd.momentum.to_string()),
            ("no-nesterov", (!sgd.nesterov).to_string()),
            ("weight-decay", sgd.weight_decay.to_string()),
        ],
        Rule::Adam(adam) => vec![
            (
                "optimizer",
                if adam.decoupled { "adamw" } else { "adam" }.into(),
            ),
            ("beta1", adam.beta1.to_string()),
            ("beta2", adam.beta2.to_string()),
            ("eps", adam.eps.to_string()),
            ("weight-decay", adam.weight_decay.to_string()),
        ],
    };
    let mut named = Vec::new();
    for (name, value) in settings {
        named.push((format!("--{name}"), value));
    }
    named
}
