use std::path::{Path, PathBuf};

use options::{DirType, Ignore, Norm};

/// Make one or two directions in weight space
///
/// Directions are random, normalised against the weights (Li et al. 2018, section 4), or lead to another model.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The model at the origin
    #[arg(long, value_name = "FILE")]
    pub(crate) model: PathBuf,

    /// Number of directions: 1 for a curve, 2 for a surface
    #[arg(long, value_name = "1|2", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    dims: u8,

    /// Seed of the random directions
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub(crate) seed: u64,

    /// What to move: the trained parameters, or the whole state with running statistics
    #[arg(long, value_enum, default_value_t = DirType::Weights)]
    dir_type: DirType,

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
    pub(crate) same_dir: bool,

    /// Let x lead to this model, which stands at x = 1
    #[arg(long, value_name = "FILE", conflicts_with_all = ["xnorm", "xignore"])]
    target: Option<PathBuf>,

    /// Let y lead to this model, which stands at y = 1
    #[arg(long, value_name = "FILE", conflicts_with_all = ["ynorm", "yignore"])]
    target_y: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: stage::Output,
}

/// How one direction is made.
pub(crate) enum Made<'a> {
    /// Drawn from a stream of the seed, so that x is the same with and without y.
    Random {
        norm: Norm,
        ignore: Ignore,
        stream: u64,
    },
    /// The difference to a model.
    Target(&'a Path),
}

impl Args {
    /// How x is made.
    pub(crate) fn x(&self) -> Made<'_> {
        match &self.target {
            Some(path) => Made::Target(path),
            None => Made::Random {
                norm: self.xnorm,
                ignore: self.xignore,
                stream: 0,
            },
        }
    }

    /// How y is made; `None` with one dimension.
    pub(crate) fn y(&self) -> Option<Made<'_>> {
        match &self.target_y {
            _ if self.dims == 1 => None,
            Some(path) => Some(Made::Target(path)),
            None if self.same_dir => Some(self.x()),
            None => {
                let (norm, ignore) = (
                    self.ynorm.unwrap_or(self.xnorm),
                    self.yignore.unwrap_or(self.xignore),
                );
                Some(Made::Random {
                    norm,
                    ignore,
                    stream: 1,
                })
            }
        }
    }

    /// What is moved.
    pub(crate) fn dir_type(&self) -> files::DirType {
        match self.dir_type {
            DirType::Weights => files::DirType::Weights,
            DirType::States => files::DirType::States,
        }
    }

    /// Checks what clap cannot.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let given = [
            ("--ynorm", self.ynorm.is_some()),
            ("--yignore", self.yignore.is_some()),
            ("--target-y", self.target_y.is_some()),
            ("--same-dir", self.same_dir),
        ];
        let given = given.iter().find(|(_, given)| *given && self.dims == 1);
        anyhow::ensure!(
            given.is_none(),
            "{} says how y is made, but --dims 1 makes no y",
            given.map_or("", |(name, _)| name)
        );
        let models = [&self.target, &self.target_y].into_iter().flatten();
        let inputs = models.chain([&self.model]).map(PathBuf::as_path);
        self.output.check(inputs)
    }
}
