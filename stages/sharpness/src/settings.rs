use std::path::{Path, PathBuf};

use evaluation::Question;
use files::Note;

/// What is asked for, checked as far as it can be without reading a file.
pub(crate) struct Settings {
    /// The network, which is the last of the models, and its data.
    pub(crate) question: Question,
    /// The models, a row for each.
    pub(crate) models: Vec<PathBuf>,
    pub(crate) wanted: Wanted,
    /// Examples per batch, where the user says so.
    pub(crate) batch: Option<usize>,
    pub(crate) jobs: Option<usize>,
    pub(crate) output: stage::Output,
}

/// The measures that are wanted, each with what it depends on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) average: Option<Average>,
    /// ρ of the step of SAM.
    pub(crate) sam: Option<f64>,
    /// ρ of the step of ASAM.
    pub(crate) asam: Option<f64>,
    pub(crate) epsilon: Option<Epsilon>,
    /// The relative tolerance of the critical step.
    pub(crate) critical: Option<f64>,
}

/// Random perturbations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Average {
    pub(crate) perturbations: usize,
    pub(crate) rho: f64,
    pub(crate) seed: u32,
}

/// The box of ε-sharpness.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Epsilon {
    pub(crate) epsilon: f64,
    pub(crate) steps: usize,
}

impl Settings {
    /// The files that are read.
    pub(crate) fn inputs(&self) -> Vec<&Path> {
        let mut inputs: Vec<&Path> = self.models.iter().map(PathBuf::as_path).collect();
        inputs.push(&self.question.data);
        inputs
    }
}

impl Wanted {
    /// Whether something is measured that needs the gradient at the model.
    pub(crate) fn needs_gradient(&self) -> bool {
        let steps = self.sam.is_some() || self.asam.is_some();
        steps || self.epsilon.is_some() || self.critical.is_some()
    }

    /// What files say of them.
    pub(crate) fn told(&self) -> Vec<(String, Note)> {
        let mut told = Vec::new();
        if self.needs_gradient() {
            told.push(("parameters", Note::Text("all".into())));
        }
        if let Some(average) = &self.average {
            told.push(("perturbations", Note::Integer(average.perturbations as i64)));
            told.push(("rho_average", Note::Real(average.rho)));
            told.push(("seed", Note::Integer(average.seed.into())));
        }
        if let Some(rho) = self.sam {
            told.push(("rho", Note::Real(rho)));
        }
        if let Some(rho) = self.asam {
            told.push(("rho_adaptive", Note::Real(rho)));
        }
        if let Some(Epsilon { epsilon, steps }) = self.epsilon {
            told.push(("epsilon", Note::Real(epsilon)));
            told.push(("ascent_steps", Note::Integer(steps as i64)));
        }
        if let Some(tolerance) = self.critical {
            told.push(("line_tolerance", Note::Real(tolerance)));
        }
        let mut named = Vec::with_capacity(told.len());
        for (name, value) in told {
            named.push((name.to_string(), value));
        }
        named
    }
}
