use std::path::PathBuf;

use anyhow::{bail, ensure};
use evaluation::{Bending, Parameters, SplitOptions};
use spectral::Wanted;
use weights::Selection;

use crate::settings::{Place, Settings};

/// Products per eigenvalue search at most, where nobody says otherwise.
const MAX_PRODUCTS: usize = 400;
/// Vectors in memory beyond what the wanted pairs need.
const SPARE_BASIS: usize = 40;

/// Measure eigenvalues, trace and density of the Hessian of the mean loss
///
/// Of one model, of a point of a plane, or of several checkpoints of a run, a row for each. Lanczos
/// needs products with the Hessian only; they are exact. Finished products are kept beside OUTPUT:
/// killed at any time, the same command goes on from there.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The model, or several checkpoints of it: files, or patterns such as 'nets/model-*.h5'
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    model: Vec<PathBuf>,

    /// The data, from import-data
    #[arg(long, value_name = "FILE")]
    data: PathBuf,

    /// Directions, from make-dirs, along which the model is moved before
    #[arg(long, value_name = "FILE", requires = "x")]
    directions: Option<PathBuf>,

    /// The place on the first direction
    #[arg(
        long,
        value_name = "X",
        allow_hyphen_values = true,
        requires = "directions"
    )]
    x: Option<f64>,

    /// The place on the second direction [default: 0]
    #[arg(
        long,
        value_name = "Y",
        allow_hyphen_values = true,
        requires = "directions"
    )]
    y: Option<f64>,

    /// How many of the largest eigenvalues
    #[arg(long, value_name = "K", default_value_t = 1)]
    top: usize,

    /// How many of the smallest eigenvalues
    #[arg(long, value_name = "K", default_value_t = 1)]
    bottom: usize,

    /// Estimate the trace, with its standard error, from this many random probes; so too the
    /// squared Frobenius norm and the squared norm of the diagonal
    #[arg(long, value_name = "PROBES", num_args = 0..=1, default_missing_value = "30")]
    trace: Option<usize>,

    /// Estimate the spectral density from this many random probes
    #[arg(long, value_name = "PROBES", num_args = 0..=1, default_missing_value = "5")]
    density: Option<std::num::NonZeroUsize>,

    /// Products per probe of the density
    #[arg(long, value_name = "N", default_value = "60", requires = "density")]
    density_steps: std::num::NonZeroUsize,

    /// The matrix
    #[arg(long, value_enum, default_value_t = options::Operator::Hessian)]
    operator: options::Operator,

    /// The parameters by which the loss is differentiated
    #[arg(long, value_enum, default_value_t = options::Parameters::All)]
    parameters: options::Parameters,

    /// Only those whose keys match one of these patterns, such as 'layer3.*,fc.*'
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    only: Vec<String>,

    /// Leave out those whose keys match one of these patterns, such as '*.bias'
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    except: Vec<String>,

    /// Stop once all eigenvalues are known to this part of their size
    #[arg(long, value_name = "PART", default_value = "0.01", value_parser = options::part)]
    tolerance: f64,

    /// Products for the eigenvalues at most
    #[arg(long, value_name = "N", default_value_t = MAX_PRODUCTS)]
    max_products: usize,

    /// Vectors in memory at most; each has a value per parameter [default: 40 and 3 per
    /// eigenvalue]
    #[arg(long, value_name = "N")]
    max_basis: Option<usize>,

    /// Seed of the random vectors
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u32,

    #[command(flatten)]
    split: SplitOptions,

    #[command(flatten)]
    output: stage::Output,
}

impl Args {
    /// What is asked for.
    ///
    /// # Errors
    /// There is no such device or file, or options contradict each other.
    pub(crate) fn settings(self) -> anyhow::Result<Settings> {
        let models = weights::files_of_run(&self.model)?;
        let Some(model) = models.last().cloned() else {
            bail!("--model names no file");
        };
        let place = match (self.directions, self.x) {
            (Some(directions), Some(x)) => Some(Place {
                directions,
                x,
                y: self.y.unwrap_or(0.0),
            }),
            _ => None,
        };
        ensure!(
            place.is_none() || models.len() == 1,
            "--directions move one model, and --model names {}",
            models.len()
        );
        let pairs = self.top + self.bottom;
        let wanted = Wanted {
            bottom: self.bottom,
            top: self.top,
            tolerance: self.tolerance,
            max_products: self.max_products,
            max_basis: self.max_basis.unwrap_or(SPARE_BASIS + 3 * pairs),
            probes: self.trace.unwrap_or(0),
            density_probes: self.density.map_or(0, usize::from),
            density_steps: self.density_steps.into(),
            seed: self.seed.into(),
        };
        check(&wanted)?;
        Ok(Settings {
            question: self.split.question(model, self.data)?,
            models,
            place,
            bending: Bending {
                operator: self.operator.into(),
                parameters: Parameters {
                    which: self.parameters,
                    selection: Selection::new(&self.only, &self.except)?,
                },
            },
            wanted,
            batch: self.split.batch(),
            jobs: self.split.jobs(),
            output: self.output,
        })
    }
}

/// Checks that something is wanted, and that it can be had.
fn check(wanted: &Wanted) -> anyhow::Result<()> {
    ensure!(
        wanted.pairs() + wanted.probes + wanted.density_probes > 0,
        "nothing is asked for: give --top, --bottom, --trace or --density"
    );
    ensure!(
        wanted.probes != 1,
        "--trace 1 has no standard error: use 2 probes or more"
    );
    let least = wanted.least_basis();
    ensure!(
        wanted.pairs() == 0 || wanted.max_basis >= least,
        "--max-basis {} is too small for {} eigenvalues: use {least} or more",
        wanted.max_basis,
        wanted.pairs()
    );
    Ok(())
}
