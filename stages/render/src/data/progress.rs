//! How far along a trajectory each of its checkpoints is.

use std::path::Path;

use anyhow::ensure;
use files::Trajectory;

use crate::{data::input::Run, options::Along};

/// What the x axis of metrics along trajectories shows.
pub(crate) struct Progress {
    along: Along,
    /// The label of the axis.
    pub(crate) label: String,
}

impl Progress {
    /// What was asked for, or what suits all runs: the number in the names of checkpoints, the
    /// length of curves.
    ///
    /// # Errors
    /// A run that does not know it.
    pub(crate) fn of(asked: Option<Along>, runs: &[Run]) -> anyhow::Result<Self> {
        let along = asked.unwrap_or_else(|| suited(runs));
        for run in runs {
            let knows = match along {
                Along::Length => run.path.arc_length.is_some(),
                Along::Parameter => run.path.parameter.is_some(),
                Along::Checkpoint => true,
            };
            ensure!(
                knows,
                "{}: the trajectory does not say its {}: --along checkpoint counts its points",
                run.name,
                along.name()
            );
        }
        let label = match along {
            Along::Length => "length of the path",
            Along::Parameter => "t",
            Along::Checkpoint if runs.iter().all(|run| epochs_of(&run.path).is_some()) => "epoch",
            Along::Checkpoint => "checkpoint",
        };
        Ok(Self {
            along,
            label: label.into(),
        })
    }

    /// How far along each point of a run is.
    pub(crate) fn of_run(&self, path: &Trajectory) -> Vec<f64> {
        let known = match self.along {
            Along::Length => path.arc_length.clone(),
            Along::Parameter => path.parameter.clone(),
            Along::Checkpoint => epochs_of(path),
        };
        known.unwrap_or_else(|| (0..path.len()).map(|number| number as f64).collect())
    }
}

fn suited(runs: &[Run]) -> Along {
    let are_curves = runs
        .iter()
        .all(|run| run.path.checkpoints.is_empty() && run.path.arc_length.is_some());
    if are_curves {
        Along::Length
    } else {
        Along::Checkpoint
    }
}

/// The epochs of the checkpoints along a trajectory; `None` where a name has none or they do not
/// ascend.
fn epochs_of(path: &Trajectory) -> Option<Vec<f64>> {
    let epochs = epochs(&path.checkpoints)?;
    let ascend = epochs.is_sorted_by(|one, next| one < next);
    (ascend && epochs.len() == path.len() && !epochs.is_empty()).then_some(epochs)
}

/// The epochs of checkpoints of train: the numbers at the end of their names, such as
/// model-0.25.h5; `None` where a name has none.
pub(crate) fn epochs(checkpoints: &[String]) -> Option<Vec<f64>> {
    let mut epochs = Vec::with_capacity(checkpoints.len());
    for checkpoint in checkpoints {
        let stem = Path::new(checkpoint).file_stem()?.to_str()?;
        let (_, number) = stem.rsplit_once('-')?;
        let epoch: f64 = number.parse().ok()?;
        if !epoch.is_finite() {
            return None;
        }
        epochs.push(epoch);
    }
    Some(epochs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_checkpoints_tell_their_epochs() {
        let of = |names: &[&str]| {
            let checkpoints: Vec<String> = names.iter().map(|name| name.to_string()).collect();
            epochs_of(&Trajectory {
                x: vec![0.0; checkpoints.len()],
                checkpoints,
                ..Trajectory::default()
            })
        };
        let named = ["nets/model-0.h5", "nets/model-0.25.h5", "nets/model-10.h5"];
        assert_eq!(of(&named), Some(vec![0.0, 0.25, 10.0]));
        assert_eq!(of(&["a.h5", "b.h5"]), None);
        assert_eq!(of(&["model-2.h5", "model-1.h5"]), None);
        assert_eq!(of(&["model-1.h5", "model-average.h5"]), None);
        assert_eq!(of(&[]), None);
    }
}
