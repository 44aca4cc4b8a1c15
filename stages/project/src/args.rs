use std::path::PathBuf;

use anyhow::ensure;
use clap::ValueEnum;

/// Project checkpoints, or the points of a curve, onto the plane of directions
///
/// Writes a trajectory: the coordinates of each checkpoint on the plane, its distance off the plane
/// and from the model at the origin. Checkpoints are taken in the order of the numbers in their
/// names, and each run is a line of its own in pictures.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// Checkpoints of a run without a name: files, or patterns such as 'nets/model-*.h5'
    #[arg(value_name = "FILE")]
    checkpoints: Vec<PathBuf>,

    /// A run with a name: checkpoints that match a pattern; may be repeated
    #[arg(long, value_name = "NAME=PATTERN", value_parser = named, conflicts_with = "checkpoints")]
    run: Vec<(String, PathBuf)>,

    /// The model at the origin of the directions
    #[arg(long, value_name = "FILE")]
    pub(crate) model: PathBuf,

    /// The directions, from make-dirs
    #[arg(long, value_name = "FILE")]
    pub(crate) directions: PathBuf,

    /// Place the points of a curve between networks instead: FILEs are its control points, from one
    /// end to the other, such as a.h5 bend.h5 b.h5
    #[arg(long, value_enum, conflicts_with = "run", requires = "checkpoints")]
    curve: Option<Curve>,

    /// Points of the curve, both ends included
    #[arg(long, value_name = "N", default_value = "61", requires = "curve")]
    count: std::num::NonZeroUsize,

    /// How coordinates are found [default: cos along orthonormal axes, where both agree, lstsq
    /// along others]
    #[arg(long, value_enum)]
    method: Option<Method>,

    #[command(flatten)]
    pub(crate) output: stage::Output,
}

/// How coordinates are found.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Method {
    /// Least squares: the nearest point of the plane, in the coordinates of grids
    Lstsq,
    /// The part along each axis by itself, in units of length, as the Python tool does
    Cos,
}

/// A curve that control points make.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Curve {
    /// A Bézier curve, as connect --curve bezier trains it; through two networks a straight line
    Bezier,
    /// Straight from each network to the next, as connect --curve chain trains it
    Chain,
}

/// A curve, and how many of its points are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Along {
    pub(crate) curve: grid::Curve,
    pub(crate) count: usize,
}

/// A run and its checkpoints, in the order of training.
pub(crate) struct Run {
    /// Empty for a run without a name.
    pub(crate) name: String,
    pub(crate) files: Vec<PathBuf>,
}

impl Args {
    /// The runs, each with at least one checkpoint; the output may be written.
    ///
    /// # Errors
    /// No checkpoints, a pattern that matches none, two runs of one name.
    pub(crate) fn runs(&self) -> anyhow::Result<Vec<Run>> {
        let mut runs: Vec<Run> = Vec::new();
        for (name, pattern) in &self.run {
            ensure!(
                runs.iter().all(|run| run.name != *name),
                "--run gives two runs the name {name}"
            );
            let files = weights::files_of_run(std::slice::from_ref(pattern))?;
            let name = name.clone();
            runs.push(Run { name, files });
        }
        if !self.checkpoints.is_empty() {
            let files = match self.curve {
                // control points are in the order of the curve
                Some(_) => self.checkpoints.clone(),
                None => weights::files_of_run(&self.checkpoints)?,
            };
            let name = String::new();
            runs.push(Run { name, files });
        }
        ensure!(
            !runs.is_empty(),
            "there are no checkpoints: give their files, or --run NAME=PATTERN"
        );
        let mut inputs = vec![self.model.as_path(), self.directions.as_path()];
        for run in &runs {
            inputs.extend(run.files.iter().map(PathBuf::as_path));
        }
        self.output.check(inputs)?;
        Ok(runs)
    }

    /// The curve that is asked for, if one is.
    ///
    /// # Errors
    /// Too few control points or points.
    pub(crate) fn along(&self) -> anyhow::Result<Option<Along>> {
        let Some(curve) = self.curve else {
            return Ok(None);
        };
        let count = self.count.get();
        ensure!(
            self.checkpoints.len() > 1 && count > 1,
            "a curve needs two networks and two points at least: there are {} and {count}",
            self.checkpoints.len()
        );
        let curve = match curve {
            Curve::Bezier => grid::Curve::Bezier,
            Curve::Chain => grid::Curve::Chain,
        };
        Ok(Some(Along { curve, count }))
    }

    pub(crate) fn method(&self) -> Option<weights::Method> {
        self.method.map(|method| match method {
            Method::Lstsq => weights::Method::LeastSquares,
            Method::Cos => weights::Method::Cosine,
        })
    }
}

fn named(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, pattern)) if !name.is_empty() && !pattern.is_empty() => {
            Ok((name.into(), pattern.into()))
        }
        _ => Err("use NAME=PATTERN, such as sgd=nets/sgd/model-*.h5".into()),
    }
}
