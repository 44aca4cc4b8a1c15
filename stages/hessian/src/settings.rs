use std::path::{Path, PathBuf};

use evaluation::{Bending, Question};
use spectral::Wanted;

/// What is asked for, checked as far as it can be without reading a file.
pub(crate) struct Settings {
    /// The network, which is the last of the models, and its data.
    pub(crate) question: Question,
    /// The models, a row for each.
    pub(crate) models: Vec<PathBuf>,
    /// Where the model is moved to before.
    pub(crate) place: Option<Place>,
    pub(crate) bending: Bending,
    pub(crate) wanted: Wanted,
    /// Examples per batch, where the user says so.
    pub(crate) batch: Option<usize>,
    pub(crate) jobs: Option<usize>,
    pub(crate) output: stage::Output,
}

/// A point of a plane.
pub(crate) struct Place {
    pub(crate) directions: PathBuf,
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Settings {
    /// The files that are read.
    pub(crate) fn inputs(&self) -> Vec<&Path> {
        let mut inputs: Vec<&Path> = self.models.iter().map(PathBuf::as_path).collect();
        inputs.push(&self.question.data);
        inputs.extend(self.place.iter().map(|place| place.directions.as_path()));
        inputs
    }

    /// Whether eigenvectors are written: those of one model.
    pub(crate) fn wants_vectors(&self) -> bool {
        self.models.len() == 1 && self.wanted.pairs() > 0
    }
}
