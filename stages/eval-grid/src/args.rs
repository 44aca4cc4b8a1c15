use std::path::PathBuf;

use anyhow::{bail, ensure};
use evaluation::{Bending, Bytes, Parameters, Question};
use files::Split;
use grid::{AxisChoice, Shard};
use torch::{ClassAxis, Criterion, DeviceChoice, IGNORED, Precision};
use weights::Selection;

use crate::settings::{HessianWanted, Recalibrate, Settings, Wanted};

/// Measure the loss at the points of a grid or along a trajectory
///
/// A point (x, y) is the model with x times the first and y times the second direction added to its
/// weights. Finished points are kept in OUTPUT.partial: killed at any time, the same command goes
/// on from there. SIGTERM, SIGUSR1 and SIGUSR2 stop it within a batch, with the exit status 75.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The model at the origin
    #[arg(long, value_name = "FILE")]
    model: PathBuf,

    /// The data, from import-data
    #[arg(long, value_name = "FILE")]
    data: PathBuf,

    /// The directions, from make-dirs
    #[arg(long, value_name = "FILE")]
    directions: PathBuf,

    /// First axis, ends included, such as --x=-1:1:51; --x=auto:51 finds its ends
    #[arg(
        long,
        value_name = "MIN:MAX:COUNT",
        allow_hyphen_values = true,
        required_unless_present = "points"
    )]
    x: Option<AxisChoice>,

    /// Second axis; without it the result is a curve
    #[arg(long, value_name = "MIN:MAX:COUNT", allow_hyphen_values = true)]
    y: Option<AxisChoice>,

    /// The trajectory, from project, that automatic axes reach around, with a margin of 0.3 of its
    /// extent [default: they reach to where the loss is 10 times that of the model]
    #[arg(long, value_name = "FILE")]
    trajectory: Option<PathBuf>,

    /// Measure at the points of this trajectory, from project, instead of a grid
    #[arg(long, value_name = "FILE", conflicts_with_all = ["x", "y", "trajectory"])]
    points: Option<PathBuf>,

    /// Measure the checkpoints of --points themselves, not their places on the plane
    #[arg(long, requires = "points")]
    at_checkpoints: bool,

    /// Measure part I of N only, counted from 1
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE)]
    shard: Shard,

    /// Splits to measure, such as train,val [default: all that the data has]
    #[arg(long, value_name = "SPLITS", value_delimiter = ',')]
    split: Option<Vec<Split>>,

    /// The loss
    #[arg(long, value_enum, default_value_t = options::Loss::Crossentropy)]
    loss: options::Loss,

    /// Metrics to measure, such as loss,acc,hessian [default: loss, with acc where there are
    /// classes]; hessian is the smallest and the largest eigenvalue
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    metric: Option<Vec<String>>,

    /// Axis of the classes where the shapes of outputs and targets leave it open: 1 for [N,
    /// classes, …], last for [N, …, classes]
    #[arg(long, value_enum)]
    class_axis: Option<options::ClassAxis>,

    /// Leave out targets of this class [default: -100]
    #[arg(long, value_name = "CLASS", allow_hyphen_values = true)]
    ignore_index: Option<i64>,

    /// Examples per batch; the last bits of a result may vary with it [default: what the program
    /// was exported for, or 16 to 128, so that caches hold the widest tensor, 64 to 2048 on a GPU;
    /// long runs compute at once what is fastest and gives the same bits]
    #[arg(long, value_name = "N")]
    batch: Option<std::num::NonZeroUsize>,

    /// Use the first N examples of each split only
    #[arg(long, value_name = "N")]
    limit: Option<std::num::NonZeroUsize>,

    /// What weights and activations are rounded to; losses are f64 in all of them
    #[arg(long, value_enum, default_value_t = options::Precision::F32)]
    precision: options::Precision,

    /// Compare N points with f32 first, and say how far their losses are off
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "3")]
    check_precision: Option<std::num::NonZeroUsize>,

    /// Stop a point once its mean loss is certain to reach Z: a lower bound is stored, for pictures
    /// that are cut off at Z anyway
    #[arg(long, value_name = "Z", value_parser = positive)]
    stop_above: Option<f64>,

    /// Estimate the running statistics of batch normalisation anew at each point, from the first N
    /// training examples
    #[arg(long, value_name = "N")]
    recalibrate_bn: Option<std::num::NonZeroUsize>,

    /// Examples per batch of that estimate; an incomplete last batch is left out
    #[arg(
        long,
        value_name = "N",
        default_value = "128",
        requires = "recalibrate_bn"
    )]
    recalibrate_batch: std::num::NonZeroUsize,

    /// The matrix whose eigenvalues the metric hessian measures
    #[arg(long, value_enum, default_value_t = options::Operator::Hessian)]
    operator: options::Operator,

    /// The parameters by which the loss is differentiated for it
    #[arg(long, value_enum, default_value_t = options::Parameters::Matrices)]
    parameters: options::Parameters,

    /// Only those whose keys match one of these patterns, such as 'layer3.*,fc.*'
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    hessian_only: Vec<String>,

    /// Use the first N examples of the first split for the metric hessian
    #[arg(long, value_name = "N", default_value = "1000")]
    hessian_examples: std::num::NonZeroUsize,

    /// Stop a point of the metric hessian once both eigenvalues are known to this part of their
    /// size
    #[arg(long, value_name = "PART", default_value = "0.01", value_parser = options::part)]
    tolerance: f64,

    /// Products with the matrix per point at most
    #[arg(long, value_name = "N", default_value = "120")]
    max_products: std::num::NonZeroUsize,

    /// Seed of the start vector of the metric hessian
    #[arg(long, value_name = "S", default_value = "0")]
    hessian_seed: u32,

    /// Start the search for eigenvalues from the eigenvectors of this spectrum (of hessian), not at
    /// random: fewer products near its model
    #[arg(long, value_name = "FILE")]
    start: Option<PathBuf>,

    /// Keep data in memory up to this size, such as 800M or 16G; larger ones are read anew for
    /// every point [default: half of the memory that is free]
    #[arg(long, value_name = "SIZE")]
    data_memory: Option<Bytes>,

    /// Where to compute: auto, cpu, cuda (under MPI and Slurm the GPU of the local rank) or cuda:K
    #[arg(long, value_name = "DEVICE", default_value_t = DeviceChoice::Auto)]
    device: DeviceChoice,

    /// Points that are measured at once, one thread each [default: the cores that this process may
    /// use; 1 on a GPU and for each rank of MPI]
    #[arg(long, value_name = "J")]
    jobs: Option<std::num::NonZeroUsize>,

    #[command(flatten)]
    output: stage::Output,
}

impl Args {
    /// What is asked for.
    ///
    /// # Errors
    /// There is no such device, or options contradict each other.
    pub(crate) fn settings(self) -> anyhow::Result<Settings> {
        let lacks_loss = match &self.metric {
            Some(names) => !names.iter().any(|name| name == "loss"),
            None => false,
        };
        ensure!(
            self.stop_above.is_none() || !lacks_loss,
            "--stop-above needs the loss: add loss to --metric"
        );
        let wanted = match (self.points, self.x) {
            (Some(file), _) => Wanted::Points {
                file,
                at_checkpoints: self.at_checkpoints,
            },
            (None, Some(x)) => Wanted::Grid {
                x,
                y: self.y,
                around: self.trajectory,
            },
            (None, None) => bail!("there are no points: give --x, or --points"),
        };
        wanted.check()?;
        Ok(Settings {
            question: Question {
                model: self.model,
                data: self.data,
                splits: self.split,
                limit: self.limit.map(usize::from),
                criterion: Criterion {
                    loss: self.loss.into(),
                    ignored: self.ignore_index.unwrap_or(IGNORED),
                    class_axis: self.class_axis.map(ClassAxis::from),
                },
                device: self.device.resolve()?,
            },
            directions: self.directions,
            wanted,
            shard: self.shard,
            metrics: self.metric,
            batch: self.batch.map(usize::from),
            precision: precision(self.precision),
            check_precision: self.check_precision.map(usize::from),
            stop_above: self.stop_above,
            recalibrate: self.recalibrate_bn.map(|examples| Recalibrate {
                examples: examples.into(),
                batch: self.recalibrate_batch.into(),
            }),
            hessian: HessianWanted {
                bending: Bending {
                    operator: self.operator.into(),
                    parameters: Parameters {
                        which: self.parameters,
                        selection: Selection::new(&self.hessian_only, &[])?,
                    },
                },
                examples: self.hessian_examples.into(),
                tolerance: self.tolerance,
                max_products: self.max_products.into(),
                seed: self.hessian_seed.into(),
                start: self.start,
            },
            data_memory: self.data_memory.map(|bytes| bytes.0),
            jobs: self.jobs.map(usize::from),
            output: self.output,
        })
    }
}

fn precision(precision: options::Precision) -> Precision {
    match precision {
        options::Precision::F32 => Precision::Full,
        options::Precision::Bf16 => Precision::Bf16,
        options::Precision::F16 => Precision::F16,
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(loss) if loss.is_finite() && loss > 0.0 => Ok(loss),
        _ => Err(format!("invalid loss \"{text}\": use a number above zero")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// Why these options are refused, before any file is looked for.
    fn refused(options: &str) -> String {
        let files = "eval-grid --model m.h5 --data d.h5 --directions dirs.h5 --output s.h5";
        match Args::try_parse_from(files.split(' ').chain(options.split(' '))) {
            Err(error) => error.to_string(),
            Ok(args) => match args.settings() {
                Err(error) => error.to_string(),
                Ok(_) => String::from("nothing is refused"),
            },
        }
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused() {
        for (wrong, said) in [
            ("--x=nan:1:5", "finite"),
            ("--x=0:1:5 --shard 5/4", "1/4 to 4/4"),
            (
                "--x=0:1:5 --metric acc --stop-above 2",
                "add loss to --metric",
            ),
            ("--x=0:1:5 --stop-above 0", "above zero"),
            ("--x=0:1:5 --batch 0", "--batch"),
            ("--x=0:1:5 --data-memory 3X", "K, M, G or T"),
            ("--x=0:1:5 --precision f8", "f32, bf16, f16"),
            ("--x=0:1:5 --recalibrate-batch 8", "--recalibrate-bn"),
        ] {
            let error = refused(wrong);
            assert!(error.contains(said), "{wrong}: {error}");
        }
        assert_eq!(refused("--x=0:1:5 --device cpu"), "nothing is refused");
    }
}
