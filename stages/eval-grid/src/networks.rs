//! The checkpoints of a trajectory, measured themselves instead of places on the plane.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, ensure};
use evaluation::{Bending, Subject};
use files::{Contents, Model, Stated, Stored, Trajectory};
use torch::Plan;

use crate::{inputs::Inputs, settings::Settings};

/// The checkpoints of a trajectory: their files, and the ids that they must have.
#[derive(Debug, Clone)]
pub(crate) struct Checkpoints {
    files: Vec<PathBuf>,
    ids: Vec<String>,
}

impl Checkpoints {
    /// Checks that all are there and are those that the trajectory was made of.
    ///
    /// # Errors
    /// A checkpoint that is missing or another one.
    pub(crate) fn of(trajectory: &Stored<Trajectory>) -> anyhow::Result<Self> {
        let file = trajectory.header.path.display();
        ensure!(
            trajectory.checkpoints.len() == trajectory.len()
                && trajectory.checkpoint_ids.len() == trajectory.len(),
            "{file} does not say which files its checkpoints are: --at-checkpoints needs a \
             trajectory of checkpoints, from project"
        );
        let mut files = Vec::with_capacity(trajectory.len());
        for (name, id) in trajectory
            .checkpoints
            .iter()
            .zip(&trajectory.checkpoint_ids)
        {
            let path = PathBuf::from(name);
            let stated = Stated::read(&path)
                .with_context(|| format!("{file} names the checkpoint {name}"))?;
            check_id(&trajectory.header.path, name, id, stated.id.as_deref())?;
            files.push(path);
        }
        Ok(Self {
            files,
            ids: trajectory.checkpoint_ids.clone(),
        })
    }
}

/// Checks that a checkpoint is the one that a trajectory was made of. Files of other tools say no
/// id: theirs is known once they were read.
fn check_id(
    trajectory: &std::path::Path,
    checkpoint: &str,
    wanted: &str,
    found: Option<&str>,
) -> anyhow::Result<()> {
    let found = found.unwrap_or(wanted);
    ensure!(
        found == wanted,
        "{}: its checkpoint {checkpoint} had the id {wanted}, and has {found} now: make the \
         trajectory again with project",
        trajectory.display()
    );
    Ok(())
}

/// Reads checkpoints, one at a time.
pub(crate) struct Networks {
    checkpoints: Arc<Checkpoints>,
    trajectory: PathBuf,
    /// The model that they are checkpoints of, with its data.
    subject: Subject,
    pub(crate) plan: Plan,
    /// How their losses are differentiated twice, where they are.
    pub(crate) bending: Bending,
    /// The jobs that measure them, which share the memory for it.
    pub(crate) jobs: usize,
    /// The checkpoint that is loaded.
    loaded: Option<usize>,
}

impl Networks {
    pub(crate) fn new(
        settings: &Settings,
        inputs: &Inputs,
        plan: &Plan,
        jobs: usize,
    ) -> anyhow::Result<Option<Self>> {
        let (Some(checkpoints), Some(trajectory)) =
            (&inputs.checkpoints, settings.wanted.trajectory())
        else {
            return Ok(None);
        };
        let model = Stored::clone(&inputs.subject.model);
        Ok(Some(Self {
            checkpoints: Arc::clone(checkpoints),
            trajectory: trajectory.clone(),
            subject: inputs.subject.with_model(model)?,
            plan: plan.clone(),
            bending: settings.hessian.bending.clone(),
            jobs,
            loaded: None,
        }))
    }

    /// Checkpoint number `number` with its data; `None` where it is loaded already.
    ///
    /// # Errors
    /// It cannot be read, or is not of the architecture of the model.
    pub(crate) fn load(&mut self, number: usize) -> anyhow::Result<Option<Subject>> {
        if self.loaded.replace(number) == Some(number) {
            return Ok(None);
        }
        let path = &self.checkpoints.files[number];
        let model = Model::read(path)?;
        let wanted = &self.checkpoints.ids[number];
        let name = path.display().to_string();
        check_id(&self.trajectory, &name, wanted, Some(&model.header.id))?;
        Ok(Some(self.subject.with_model(model)?))
    }
}
