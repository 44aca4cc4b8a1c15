use std::path::PathBuf;

use options::{DirType, Ignore, Norm};
use weights::Selection;

/// Make one or two directions in weight space
///
/// Directions are random, normalised against the weights (Li et al. 2018, section 4), or lead to
/// another model.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The model at the origin
    #[arg(long, value_name = "FILE")]
    model: PathBuf,

    /// Number of directions: 1 for a curve, 2 for a surface
    #[arg(
        long,
        value_name = "1|2",
        default_value_t = 2,
        value_parser = clap::value_parser!(u8).range(1..=2)
    )]
    dims: u8,

    /// Seed of the random directions
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,

    /// What to move: the trained parameters, or the whole state with running statistics
    #[arg(long, value_enum, default_value_t = DirType::Weights)]
    dir_type: DirType,

    /// Let the axes be the principal components of these checkpoints and the model: files, or
    /// patterns such as 'nets/model-*.h5'
    #[arg(
        long,
        value_name = "FILE",
        num_args = 1..,
        conflicts_with_all = [
            "xnorm", "ynorm", "yignore", "same_dir", "target", "target_y", "seed",
        ],
    )]
    pca: Vec<PathBuf>,

    /// Let the axes be eigenvectors of this spectrum, from hessian, of unit length
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = [
            "xnorm", "xignore", "ynorm", "yignore", "same_dir", "target", "target_y", "seed", "pca",
            "dir_type", "only", "except",
        ],
    )]
    eigenvectors: Option<PathBuf>,

    /// Which eigenvectors: 1 has the largest eigenvalue, 2 the next one, -1 the smallest
    #[arg(
        long,
        value_name = "K,K",
        value_delimiter = ',',
        allow_hyphen_values = true,
        default_value = "1,2",
        requires = "eigenvectors"
    )]
    which: Vec<i64>,

    /// Move only tensors whose keys match one of these patterns, such as 'layer3.*,fc.*'
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    only: Vec<String>,

    /// Leave tensors alone whose keys match one of these patterns, such as '*.bias'
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    except: Vec<String>,

    /// Norm of the x direction; a filter is what makes one output of its layer
    #[arg(long, value_enum, default_value_t = Norm::Filter)]
    xnorm: Norm,

    /// What the x direction leaves alone: biases and batch normalisation, or nothing
    #[arg(long, value_enum, default_value_t = Ignore::Biasbn)]
    xignore: Ignore,

    /// Norm of the y direction [default: that of x]
    #[arg(long, value_enum)]
    ynorm: Option<Norm>,

    /// What the y direction leaves alone [default: as x]
    #[arg(long, value_enum)]
    yignore: Option<Ignore>,

    /// Let y be the direction of x
    #[arg(long, conflicts_with_all = ["ynorm", "yignore", "target_y"])]
    same_dir: bool,

    /// Let x lead to this model, which stands at x = 1
    #[arg(long, value_name = "FILE", conflicts_with_all = ["xnorm", "xignore"])]
    target: Option<PathBuf>,

    /// Let y lead to this model, which stands at y = 1
    #[arg(long, value_name = "FILE", conflicts_with_all = ["ynorm", "yignore"])]
    target_y: Option<PathBuf>,

    /// Give the axes towards the targets unit length and a right angle, so that coordinates are
    /// distances (Garipov et al. 2018)
    #[arg(long, requires = "target")]
    orthonormal: bool,

    #[command(flatten)]
    output: stage::Output,
}

/// What is asked for, checked as far as it can be without reading a model.
pub(crate) struct Recipe {
    pub(crate) model: PathBuf,
    pub(crate) dir_type: files::DirType,
    /// What moves of it.
    pub(crate) selection: Selection,
    pub(crate) axes: Axes,
    pub(crate) output: stage::Output,
}

/// How the axes are made.
pub(crate) enum Axes {
    /// Each for itself.
    Each(Each),
    /// Principal components of checkpoints.
    Components(Components),
    /// Eigenvectors of the Hessian.
    Eigenvectors(Eigenvectors),
}

/// Axes that are made each for itself.
pub(crate) struct Each {
    pub(crate) seed: u64,
    pub(crate) x: Made,
    /// `None` with one dimension.
    pub(crate) y: Option<Made>,
    /// y is x.
    pub(crate) same_dir: bool,
    /// They get unit length and a right angle.
    pub(crate) orthonormal: bool,
}

/// Principal components of checkpoints.
pub(crate) struct Components {
    pub(crate) checkpoints: Vec<PathBuf>,
    pub(crate) ignore: Ignore,
    /// How many axes.
    pub(crate) count: usize,
}

/// Eigenvectors of the Hessian.
pub(crate) struct Eigenvectors {
    pub(crate) spectrum: PathBuf,
    /// Which ones, for each axis: 1 has the largest eigenvalue, -1 the smallest.
    pub(crate) which: Vec<i64>,
}

/// How one direction is made.
#[derive(Clone)]
pub(crate) enum Made {
    Random(Random),
    /// The difference to a model.
    Target(PathBuf),
}

/// A random direction.
#[derive(Clone, Copy)]
pub(crate) struct Random {
    pub(crate) norm: Norm,
    pub(crate) ignore: Ignore,
    /// The stream of the seed that it is drawn from, so that x is the same with and without y.
    pub(crate) stream: u64,
}

impl Args {
    /// # Errors
    /// Options of y with one dimension; an output that must not be written.
    pub(crate) fn recipe(self) -> anyhow::Result<Recipe> {
        self.check_dims()?;
        let checkpoints = weights::files_of_run(&self.pca)?;
        let mut inputs = vec![self.model.as_path()];
        inputs.extend(self.target.as_deref());
        inputs.extend(self.target_y.as_deref());
        inputs.extend(checkpoints.iter().map(PathBuf::as_path));
        inputs.extend(self.eigenvectors.as_deref());
        self.output.check(inputs)?;
        Ok(Recipe {
            model: self.model.clone(),
            dir_type: moved(self.dir_type),
            selection: Selection::new(&self.only, &self.except)?,
            output: self.output.clone(),
            axes: if let Some(spectrum) = self.eigenvectors {
                Axes::Eigenvectors(Eigenvectors {
                    spectrum,
                    which: which(self.which, self.dims)?,
                })
            } else if checkpoints.is_empty() {
                Axes::Each(self.each())
            } else {
                Axes::Components(Components {
                    checkpoints,
                    ignore: self.xignore,
                    count: usize::from(self.dims),
                })
            },
        })
    }

    fn each(self) -> Each {
        let x = made(self.target, self.xnorm, self.xignore, 0);
        let y = if self.same_dir {
            x.clone()
        } else {
            let norm = self.ynorm.unwrap_or(self.xnorm);
            let ignore = self.yignore.unwrap_or(self.xignore);
            made(self.target_y, norm, ignore, 1)
        };
        Each {
            seed: self.seed,
            x,
            y: (self.dims == 2).then_some(y),
            same_dir: self.same_dir,
            orthonormal: self.orthonormal,
        }
    }

    /// Options of y make sense with two dimensions only.
    fn check_dims(&self) -> anyhow::Result<()> {
        for (option, is_given) in [
            ("--ynorm", self.ynorm.is_some()),
            ("--yignore", self.yignore.is_some()),
            ("--target-y", self.target_y.is_some()),
            ("--same-dir", self.same_dir),
        ] {
            anyhow::ensure!(
                !is_given || self.dims == 2,
                "{option} says how y is made, but --dims 1 makes no y"
            );
        }
        anyhow::ensure!(
            !self.orthonormal || self.dims == 1 || self.target_y.is_some(),
            "--orthonormal makes the plane through three models: give the third by --target-y, or \
             use --dims 1"
        );
        Ok(())
    }
}

/// The eigenvectors for so many axes.
fn which(mut which: Vec<i64>, dims: u8) -> anyhow::Result<Vec<i64>> {
    anyhow::ensure!(
        which.len() >= usize::from(dims) && which.iter().all(|number| *number != 0),
        "--which names {} eigenvectors for --dims {dims}: such as --which 1,2, where 1 has the \
         largest eigenvalue and -1 the smallest",
        which.len()
    );
    which.truncate(usize::from(dims));
    Ok(which)
}

fn made(target: Option<PathBuf>, norm: Norm, ignore: Ignore, stream: u64) -> Made {
    match target {
        Some(path) => Made::Target(path),
        None => Made::Random(Random {
            norm,
            ignore,
            stream,
        }),
    }
}

fn moved(dir_type: DirType) -> files::DirType {
    match dir_type {
        DirType::Weights => files::DirType::Weights,
        DirType::States => files::DirType::States,
    }
}
