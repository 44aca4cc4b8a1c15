use std::path::PathBuf;

use anyhow::ensure;
use files::{DatasetFile, Examples, Split};
use torch::{Batches, Criterion, Device, IGNORED, Loss, Precision, Rule};

use crate::{Augment, RuleOptions, Schedule, ScheduleOptions};

/// More epochs and checkpoints than any training has.
const MOST: usize = 1_000_000;

/// How a network is trained, as it is typed.
#[derive(Debug, Clone, clap::Args)]
pub struct StepOptions {
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

    /// What activations, and the weights that they meet, are rounded to
    #[arg(long, value_enum, default_value_t = Rounding::F32)]
    precision: Rounding,
}

/// What activations, and the weights that they meet, are rounded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Rounding {
    /// f32; f64 for a program in f64
    F32,
    /// bfloat16; weights, gradients, running statistics and losses stay f32
    Bf16,
}

/// How a network is trained, checked as far as it can be without reading the data.
pub struct Settings {
    /// How outputs become losses.
    pub criterion: Criterion,
    /// Passes over the training set.
    pub epochs: usize,
    /// Examples per step.
    pub batch: usize,
    /// The learning rate at the start.
    pub lr: f64,
    /// How it falls.
    pub schedule: Schedule,
    /// How gradients become steps.
    pub rule: Rule,
    /// What is done to training images at random.
    pub augment: Augment,
    /// What activations, and the weights that they meet, are rounded to.
    pub precision: Precision,
    /// The rest.
    pub run: Run,
}

/// Settings that every stage words in its own way.
pub struct Run {
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// The table of all steps.
    pub log: Option<PathBuf>,
    /// The first examples of each split that are used.
    pub limit: Option<usize>,
    /// Where to compute.
    pub device: Device,
    /// Whether an interrupted training is forgotten.
    pub force: bool,
    /// Whether to show no progress.
    pub quiet: bool,
}

impl StepOptions {
    /// Passes over the training set.
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// The loss.
    pub fn loss(&self) -> Loss {
        self.loss.into()
    }

    /// Checks what can be checked before any work.
    ///
    /// # Errors
    /// Numbers out of their range, settings of another optimiser or schedule.
    pub fn settings(self, run: Run) -> anyhow::Result<Settings> {
        for (name, count) in [("epochs", self.epochs), ("batch", self.batch)] {
            ensure!(count > 0, "--{name} is 0, it must be 1 or more");
        }
        ensure!(
            self.epochs <= MOST,
            "--epochs is {}, it must be {MOST} or less",
            self.epochs
        );
        let (rule, lr) = (self.rule.rule()?, self.rule.rate());
        Ok(Settings {
            criterion: Criterion {
                loss: self.loss.into(),
                ignored: IGNORED,
                class_axis: None,
            },
            epochs: self.epochs,
            batch: self.batch,
            lr,
            schedule: self.schedule.schedule(lr, self.epochs)?,
            rule,
            augment: self.augment,
            precision: match self.precision {
                Rounding::F32 => Precision::Full,
                Rounding::Bf16 => Precision::Bf16,
            },
            run,
        })
    }
}

impl Settings {
    /// The examples of a split that are used.
    ///
    /// # Errors
    /// Those of reading.
    pub fn examples(&self, data: &DatasetFile, split: &Split) -> anyhow::Result<Examples> {
        let examples = data.examples(split, self.run.limit)?;
        Ok(if self.criterion.loss.wants_classes() {
            examples.with_wide_classes()
        } else {
            examples
        })
    }

    /// Steps of an epoch over a training set.
    pub fn per_epoch(&self, train: &Batches) -> usize {
        (train.examples() as usize).div_ceil(self.batch)
    }

    /// Names and values of all settings on which the bits depend.
    pub fn named(&self) -> Vec<(String, String)> {
        let run = &self.run;
        let limit = match run.limit {
            Some(limit) => limit.to_string(),
            None => "none".into(),
        };
        let mut named = Vec::new();
        for (name, value) in [
            ("loss", self.criterion.loss.to_string()),
            ("epochs", self.epochs.to_string()),
            ("batch", self.batch.to_string()),
            ("augment", format!("{:?}", self.augment)),
            ("seed", run.seed.to_string()),
            ("limit", limit),
            ("log", if run.log.is_some() { "yes" } else { "no" }.into()),
            ("device", torch::device_name(run.device).into()),
        ] {
            named.push((format!("--{name}"), value));
        }
        named.extend(self.schedule.named());
        named.extend(named_rule(&self.rule));
        if self.precision != Precision::Full {
            named.push(("--precision".into(), self.precision.to_string()));
        }
        named.push(("version".into(), env!("CARGO_PKG_VERSION").into()));
        named
    }
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
