use anyhow::{Context, ensure};
use files::{Contents, DirType, Directions, Header, Model, StateTensor, Stored};
use ndarray::ArrayD;
use program::Program;
use weights::{Selection, Weight};

use crate::args::Recipe;

/// The model at the origin, and what is moved of it.
pub(crate) struct Origin {
    pub(crate) model: Stored<Model>,
    pub(crate) program: Program,
    pub(crate) dir_type: DirType,
    /// What moves of it.
    pub(crate) selection: Selection,
}

impl Origin {
    /// # Errors
    /// A model of which nothing moves, or at which no loss can be measured.
    pub(crate) fn read(recipe: &Recipe) -> anyhow::Result<Self> {
        let model = Model::read(&recipe.model)?;
        let program = Program::from_json(&model.program)
            .with_context(|| recipe.model.display().to_string())?;
        let origin = Self {
            model,
            program,
            dir_type: recipe.dir_type,
            selection: recipe.selection.clone(),
        };
        let moved = origin.moved();
        ensure!(
            !moved.is_empty(),
            "{}: it holds no weights that --dir-type {} moves",
            recipe.model.display(),
            recipe.dir_type.name()
        );
        let keys = moved.iter().map(|entry| entry.name.as_str());
        origin.selection.check(keys)?;
        for entry in moved {
            let values = entry.tensor.to_f32();
            ensure!(
                is_finite(&values),
                diverged(&origin.model.header, entry, "")
            );
        }
        Ok(origin)
    }

    /// The entries of the state that are moved.
    pub(crate) fn moved(&self) -> Vec<&StateTensor> {
        weights::moved(&self.model, self.dir_type)
    }

    /// Whether directions move an entry, which integers and what was not selected are not.
    pub(crate) fn moves(&self, entry: &StateTensor) -> bool {
        entry.tensor.is_float() && self.selection.has(&entry.name)
    }

    /// Directions of this model, still without tensors.
    pub(crate) fn directions(&self) -> Directions {
        let mut names = Vec::new();
        for entry in self.moved() {
            names.push(entry.name.clone());
        }
        Directions {
            dir_type: self.dir_type,
            names,
            x: Vec::new(),
            y: None,
            pca: None,
            model: Some(self.model.header.origin()),
            notes: Vec::new(),
        }
    }

    /// What is moved, with its filters.
    pub(crate) fn weights(&self) -> Vec<Weight<'_>> {
        let mut weights = Vec::new();
        for StateTensor { name, tensor, .. } in self.moved() {
            weights.push(Weight {
                name,
                tensor,
                filters: self.program.filters(name, tensor.shape().len()),
            });
        }
        weights
    }
}

pub(crate) fn is_finite(values: &ArrayD<f32>) -> bool {
    values.iter().all(|value| value.is_finite())
}

/// The error of a model whose training diverged.
pub(crate) fn diverged(model: &Header, entry: &StateTensor, along: &str) -> String {
    format!(
        "{}: \"{}\" holds NaN, infinities or values beyond f32, and every loss{along} would be \
         NaN: use \
         a checkpoint from before the training diverged",
        model.path.display(),
        entry.name
    )
}
