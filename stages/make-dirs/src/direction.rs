use std::path::Path;

use anyhow::ensure;
use files::{AxisName, Contents, DirType, Header, Model, Note};
use ndarray::ArrayD;
use options::{Ignore, Norm};

use crate::{
    args::{Made, Random, Recipe},
    filters,
    origin::{Origin, diverged, is_finite},
    target,
};

/// A direction, how it was made, and the model that it leads to, if any.
pub(crate) struct Direction {
    pub(crate) tensors: Vec<ArrayD<f32>>,
    pub(crate) notes: Vec<(String, Note)>,
    pub(crate) target: Option<Header>,
}

impl Direction {
    /// # Errors
    /// A target that does not fit the origin, or along which every loss would be NaN.
    pub(crate) fn make(
        origin: &Origin,
        recipe: &Recipe,
        seed: u64,
        axis: AxisName,
        made: &Made,
    ) -> anyhow::Result<Self> {
        let letter = letter(axis);
        let mut direction = match made {
            Made::Random(random) => Self::random(origin, recipe, seed, letter, *random),
            Made::Target(path) => Self::target(origin, recipe, letter, path)?,
        };
        direction.check_finite(origin, letter)?;
        for (tensor, entry) in direction.tensors.iter_mut().zip(origin.moved()) {
            if !origin.moves(entry) {
                tensor.fill(0.0);
            }
        }
        Ok(direction)
    }

    fn random(origin: &Origin, recipe: &Recipe, seed: u64, axis: &str, random: Random) -> Self {
        let Random {
            norm,
            ignore,
            stream,
        } = random;
        if origin.dir_type == DirType::States && ignore == Ignore::None {
            recipe.output.say(format!(
                "warning: the {axis} direction moves the running variances with the weights, and \
                 where x + y < -1 they are negative and the loss NaN; --{axis}ignore biasbn leaves \
                 them alone"
            ));
        }
        let weights = origin.weights();
        let mut tensors = weights::random_direction(&weights, seed, stream);
        weights::normalize(&mut tensors, &weights, norm, ignore);
        let mut notes = vec![
            (format!("{axis}seed"), Note::Integer(seed as i64)),
            (format!("{axis}norm"), norm.to_string().as_str().into()),
            (format!("{axis}ignore"), ignore.to_string().as_str().into()),
        ];
        if let Norm::Filter | Norm::Dfilter = norm {
            if let Some(text) = filters::unusual(&weights) {
                notes.push((format!("{axis}filters"), Note::Text(text)));
            }
            filters::say_untold(&recipe.output, axis, &weights);
        }
        Self {
            tensors,
            notes,
            target: None,
        }
    }

    fn target(origin: &Origin, recipe: &Recipe, axis: &str, path: &Path) -> anyhow::Result<Self> {
        let target = Model::read(path)?;
        weights::check_models(&origin.model, &target, origin.dir_type)?;
        let mut tensors = Vec::new();
        let ends = weights::moved(&target, origin.dir_type);
        for (from, to) in origin.moved().into_iter().zip(ends) {
            tensors.push(weights::difference(&from.tensor, &to.tensor));
        }
        if origin.dir_type == DirType::Weights && target::statistics_differ(origin, &target) {
            let (from, to) = (origin.model.header.path.display(), path.display());
            recipe.output.say(format!(
                "warning: {to} has other running statistics of batch normalisation than {from}, \
                 and --dir-type weights keeps those of {from} everywhere: its place is not {to} \
                 itself; --dir-type states moves them too, eval-grid --recalibrate-bn estimates \
                 them anew"
            ));
        }
        let id = target.header.id.as_str();
        Ok(Self {
            tensors,
            notes: vec![(format!("{axis}target_id"), id.into())],
            target: Some(target.header),
        })
    }

    /// Refuses a direction along which every loss would be NaN: that of a model whose training
    /// diverged.
    fn check_finite(&self, origin: &Origin, axis: &str) -> anyhow::Result<()> {
        let model = self.target.as_ref().unwrap_or(&origin.model.header);
        for (entry, tensor) in origin.moved().into_iter().zip(&self.tensors) {
            ensure!(
                is_finite(tensor),
                diverged(model, entry, &format!(" along the {axis} direction"))
            );
        }
        Ok(())
    }
}

fn letter(axis: AxisName) -> &'static str {
    match axis {
        AxisName::X => "x",
        AxisName::Y => "y",
    }
}
