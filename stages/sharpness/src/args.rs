use std::{num::NonZeroUsize, path::PathBuf};

use anyhow::bail;
use evaluation::SplitOptions;

use crate::settings::{Average, Epsilon, Settings, Wanted};

/// Measure how sharp the minimum is in which a network lies
///
/// By the definitions that papers use (docs/sharpness.md), of one model or of several checkpoints
/// of a run, a row for each. Finished passes over the data are kept beside OUTPUT: killed at any
/// time, the same command goes on from there.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The model, or several checkpoints of it: files, or patterns such as 'nets/model-*.h5'
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    model: Vec<PathBuf>,

    /// The data, from import-data
    #[arg(long, value_name = "FILE")]
    data: PathBuf,

    /// The measures, separated by commas [default: all]
    #[arg(long, value_enum, value_name = "NAMES", value_delimiter = ',')]
    measures: Vec<Name>,

    /// Random steps of average, 2 at least
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(2..)
    )]
    perturbations: u32,

    /// Size of the random steps of average, as a part of the length of each filter
    #[arg(long, value_name = "RHO", default_value = "0.05", value_parser = positive)]
    rho_average: f64,

    /// Length of the step of sam
    #[arg(long, value_name = "RHO", default_value = "0.05", value_parser = positive)]
    rho: f64,

    /// Length of the step of asam, in units of the weights
    #[arg(long, value_name = "RHO", default_value = "0.5", value_parser = positive)]
    rho_adaptive: f64,

    /// Size of the box of epsilon: a weight w moves by E·(|w| + 1) at most
    #[arg(long, value_name = "E", default_value = "0.001", value_parser = positive)]
    epsilon: f64,

    /// Steps of the ascent of epsilon
    #[arg(long, value_name = "N", default_value = "10")]
    ascent_steps: NonZeroUsize,

    /// Find critical to this part of its size
    #[arg(long, value_name = "PART", default_value = "0.01", value_parser = options::part)]
    line_tolerance: f64,

    /// Seed of the random steps
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u32,

    #[command(flatten)]
    split: SplitOptions,

    #[command(flatten)]
    output: stage::Output,
}

/// A measure of sharpness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Name {
    /// Mean rise of the loss after random filter-normalised steps, with its standard error
    Average,
    /// Rise of the loss after a step of length RHO along the gradient (Foret et al. 2021)
    Sam,
    /// The same where lengths are measured in units of the weights (Kwon et al. 2021)
    Asam,
    /// Largest rise of the loss in a small box, in percent (Keskar et al. 2017)
    Epsilon,
    /// 2 over the step along the negative gradient at which the loss first exceeds its start
    /// (Kalra et al. 2026)
    Critical,
}

impl Args {
    /// What is asked for.
    ///
    /// # Errors
    /// There is no such device or file.
    pub(crate) fn settings(self) -> anyhow::Result<Settings> {
        let models = weights::files_of_run(&self.model)?;
        let Some(model) = models.last().cloned() else {
            bail!("--model names no file");
        };
        Ok(Settings {
            question: self.split.question(model, self.data.clone())?,
            models,
            wanted: self.wanted(),
            batch: self.split.batch(),
            jobs: self.split.jobs(),
            output: self.output,
        })
    }

    fn wanted(&self) -> Wanted {
        let average = Average {
            perturbations: self.perturbations as usize,
            rho: self.rho_average,
            seed: self.seed,
        };
        let epsilon = Epsilon {
            epsilon: self.epsilon,
            steps: self.ascent_steps.into(),
        };
        Wanted {
            average: self.wants(Name::Average).then_some(average),
            sam: self.wants(Name::Sam).then_some(self.rho),
            asam: self.wants(Name::Asam).then_some(self.rho_adaptive),
            epsilon: self.wants(Name::Epsilon).then_some(epsilon),
            critical: self.wants(Name::Critical).then_some(self.line_tolerance),
        }
    }

    fn wants(&self, name: Name) -> bool {
        self.measures.is_empty() || self.measures.contains(&name)
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number.is_finite() => Ok(number),
        _ => Err(format!(
            "invalid size \"{text}\": use a number above 0, such as 0.05"
        )),
    }
}
