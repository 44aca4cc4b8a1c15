use std::path::{Path, PathBuf};

use anyhow::ensure;
use files::{Header, Target};
use torch::DeviceChoice;
use training::{Network, StepOptions};

use crate::{
    average::{AverageOptions, Averaging},
    checkpoints::{Checkpoints, SaveEvery},
};

/// What an interrupted training goes on from, in the folder of the checkpoints.
pub(crate) const RESUME: &str = ".resume.h5";

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

    /// How it is trained
    #[command(flatten)]
    steps: StepOptions,

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
    pub(crate) training: training::Settings,
    pub(crate) averaging: Option<Averaging>,
    save_every: SaveEvery,
}

impl Args {
    /// Checks what can be checked before any work, and makes the folder.
    ///
    /// # Errors
    /// Numbers out of their range, checkpoints that exist, no such device.
    pub(crate) fn settings(self) -> anyhow::Result<Settings> {
        let (loss, epochs) = (self.steps.loss(), self.steps.epochs());
        let training = self.steps.settings(training::Run {
            seed: self.seed,
            log: self.log,
            limit: self.limit,
            device: self.device.resolve()?,
            force: self.force,
            quiet: self.quiet,
        })?;
        ensure!(
            self.program.is_some() || loss.wants_classes(),
            "--loss {loss} needs --program: networks of the zoo tell classes apart"
        );
        let averaging = self.average.averaging(epochs)?;
        let checkpoints = Checkpoints::new(self.output_dir, self.save_every, epochs)?;
        checkpoints.make_folder()?;
        check_input(self.program.as_deref(), checkpoints.folder())?;
        // an interrupted training has written some of its files
        let goes_on = checkpoints.folder().join(RESUME).exists();
        let replaces = self.force || goes_on;
        checkpoints.check(averaging.is_some(), replaces)?;
        if let Some(log) = &training.run.log {
            Target::new(log, replaces).check()?;
        }
        Ok(Settings {
            source: match (self.arch, self.program) {
                (_, Some(program)) => Source::Program(program),
                (arch, None) => Source::Arch(arch.unwrap_or_default()),
            },
            data: self.data,
            checkpoints,
            training,
            averaging,
            save_every: self.save_every,
        })
    }
}

impl Settings {
    /// Names and values of all settings on which the bits depend.
    pub(crate) fn named(&self, network: &Network, data: &Header) -> Vec<(String, String)> {
        let source = match &network.header {
            Some(model) => ("--program with the id", model.id.clone()),
            None => ("--arch", network.architecture.clone()),
        };
        let (average, detail) = match self.averaging {
            None => ("none", String::new()),
            Some(Averaging::Swa { from }) => ("swa", format!(" --average-from {from}")),
            Some(Averaging::Ema { decay }) => ("ema", format!(" --ema-decay {decay}")),
        };
        let mut named = Vec::new();
        for (name, value) in [source, ("--data with the id", data.id.clone())] {
            named.push((name.to_string(), value));
        }
        named.extend(self.training.named());
        for (name, value) in [
            ("--save-every", self.save_every.to_string()),
            ("--average", format!("{average}{detail}")),
        ] {
            named.push((name.to_string(), value));
        }
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
