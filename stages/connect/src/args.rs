use std::path::{Path, PathBuf};

use files::{Header, Target};
use torch::{Curve, DeviceChoice};
use training::StepOptions;

/// Train a curve of low loss between two networks of one architecture
///
/// The curve leads from the model to the target over a bend, which is trained: each step makes the
/// loss at a random point of the curve smaller (Garipov et al. 2018, algorithm 1). Writes the bend,
/// a model, and prints one line per epoch on stdout: the loss in nats and the error in percent, as
/// they were met on the way, in training mode. The same command goes on with a training that was
/// interrupted, and ends with the same bits.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The network where the curve starts
    #[arg(long, value_name = "FILE")]
    model: PathBuf,

    /// The network where it ends, of the same program
    #[arg(long, value_name = "FILE")]
    target: PathBuf,

    /// The data, from import-data; the train split is used
    #[arg(long, value_name = "FILE")]
    data: PathBuf,

    /// The form of the curve
    #[arg(long, value_enum, default_value_t = Form::Bezier)]
    curve: Form,

    /// Write the bend to this file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// How it is trained
    #[command(flatten)]
    steps: StepOptions,

    /// Seed of the points on the curve, the order, the augmentation and dropout
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,

    /// Write a table of all steps to this file: step,epoch,rate,loss,error
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,

    /// Use the first N examples of the train split only
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Where to compute: auto, cpu, cuda or cuda:K
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: DeviceChoice,

    /// Overwrite the output where it exists, and start an interrupted training anew
    #[arg(long)]
    force: bool,

    /// Show no progress
    #[arg(short, long)]
    quiet: bool,
}

/// The form of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A quadratic Bezier curve: (1-t)² model + 2t(1-t) bend + t² target
    Bezier,
    /// Two straight pieces, from the model to the bend and from there to the target
    Chain,
}

/// What is asked for, checked as far as it can be without reading a file.
pub(crate) struct Settings {
    pub(crate) model: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) curve: Curve,
    pub(crate) output: Target,
    /// What an interrupted training goes on from.
    pub(crate) resume: PathBuf,
    pub(crate) training: training::Settings,
}

impl Args {
    /// # Errors
    /// Numbers out of their range, files that must not be written, no such device.
    pub(crate) fn settings(self) -> anyhow::Result<Settings> {
        let training = self.steps.settings(training::Run {
            seed: self.seed,
            log: self.log,
            limit: self.limit,
            device: self.device.resolve()?,
            force: self.force,
            quiet: self.quiet,
        })?;
        let resume = beside(&self.output);
        // a training that was killed at its very end has written its files
        let force = self.force || resume.exists();
        let inputs = [&self.model, &self.target, &self.data];
        let output = stage::Output {
            output: self.output,
            force,
            quiet: self.quiet,
        };
        output.check(inputs.map(PathBuf::as_path))?;
        if let Some(log) = &training.run.log {
            Target::new(log, force).check()?;
        }
        Ok(Settings {
            curve: match self.curve {
                Form::Bezier => Curve::Bezier,
                Form::Chain => Curve::Chain,
            },
            model: self.model,
            target: self.target,
            data: self.data,
            output: output.target(),
            resume,
            training,
        })
    }
}

impl Settings {
    /// Names and values of all settings on which the bits depend.
    pub(crate) fn named(
        &self,
        model: &Header,
        target: &Header,
        data: &Header,
    ) -> Vec<(String, String)> {
        let mut named = Vec::new();
        for (name, value) in [
            ("--model with the id", model.id.as_str()),
            ("--target with the id", &target.id),
            ("--data with the id", &data.id),
            ("--curve", self.curve.name()),
        ] {
            named.push((name.to_string(), value.to_string()));
        }
        named.extend(self.training.named());
        named
    }
}

/// `OUTPUT.resume`.
fn beside(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_os_string();
    name.push(".resume");
    PathBuf::from(name)
}
