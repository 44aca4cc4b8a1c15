use std::path::{Path, PathBuf};

use files::{Directions, Header, Stored};
use weights::{Axes, Checkpoints, Controls, Place};

use crate::args::{Along, Args, Run};

/// A curve whose control points are further off the plane, as a part of their distance from the
/// origin, is not the one that is measured on the plane.
const ON_PLANE: f64 = 1e-4;

/// The places of all checkpoints, run after run, or of the points of a curve.
#[derive(Default)]
pub(crate) struct Places {
    pub(crate) places: Vec<Place>,
    /// The parameter of each point of a curve.
    pub(crate) parameter: Option<Vec<f64>>,
    /// The files of the checkpoints.
    pub(crate) files: Vec<String>,
    pub(crate) headers: Vec<Header>,
    /// Names of the runs; none where there is one without a name.
    pub(crate) runs: Vec<String>,
    /// The number of each checkpoint's run.
    pub(crate) run: Vec<i64>,
}

impl Places {
    /// # Errors
    /// Checkpoints that cannot be read, or of another architecture; directions that do not fit the
    /// model.
    pub(crate) fn find(
        args: &Args,
        directions: &Stored<Directions>,
        axes: &Axes,
        runs: Vec<Run>,
    ) -> anyhow::Result<Self> {
        let mut found = Self::default();
        for (number, run) in runs.into_iter().enumerate() {
            for file in &run.files {
                // one at a time: a long run has more files than a process may open
                let mut checkpoints = Checkpoints::open(&args.model, &[file], directions.dir_type)?;
                checkpoints.check_directions(directions)?;
                found.places.push(axes.place(&mut checkpoints, 0)?);
                let (_, headers) = checkpoints.check()?;
                found.headers.extend(headers);
                found.files.push(file.display().to_string());
                if !run.name.is_empty() {
                    found.run.push(number as i64);
                }
            }
            if !run.name.is_empty() {
                found.runs.push(run.name);
            }
        }
        Ok(found)
    }

    /// The points of a curve through control points.
    ///
    /// # Errors
    /// As [`Places::find`].
    pub(crate) fn along(
        args: &Args,
        directions: &Stored<Directions>,
        axes: &Axes,
        along: &Along,
        files: &[PathBuf],
    ) -> anyhow::Result<Self> {
        let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
        let controls = Controls::read(&args.model, &files, directions, axes)?;
        for (place, file) in controls.places.iter().zip(&files) {
            if place.residual > ON_PLANE * place.distance {
                args.output.say(format!(
                    "warning: {} lies {:.4} off the plane, so the plane does not hold the curve: \
                     make-dirs --target B --target-y BEND makes one that does",
                    file.display(),
                    place.residual
                ));
            }
        }
        let mut places = Vec::with_capacity(along.count);
        let mut parameter = Vec::with_capacity(along.count);
        for number in 0..along.count {
            let t = number as f64 / (along.count - 1) as f64;
            let shares = along.curve.shares(t, files.len());
            places.push(controls.place(&shares));
            parameter.push(t);
        }
        Ok(Self {
            places,
            parameter: Some(parameter),
            headers: controls.headers,
            ..Self::default()
        })
    }

    /// The ids of the checkpoints; points of a curve have none.
    pub(crate) fn ids(&self) -> Vec<String> {
        if self.parameter.is_some() {
            return Vec::new();
        }
        let mut ids = Vec::with_capacity(self.headers.len());
        for header in &self.headers {
            ids.push(header.id.clone());
        }
        ids
    }
}
