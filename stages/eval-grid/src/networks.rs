//! The checkpoints of a trajectory, measured themselves instead of places on the plane.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, ensure};
use files::{Contents, DirType, Model, Stated, Stored, Trajectory};
use program::Program;
use torch::{Device, Landscape, Plan, Recalibration, Tensor};

use crate::{inputs::Inputs, plane::real, settings::Settings};

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

/// Makes networks of checkpoints, one at a time.
pub(crate) struct Networks {
    checkpoints: Arc<Checkpoints>,
    trajectory: PathBuf,
    model: Arc<Stored<Model>>,
    program: Program,
    plan: Plan,
    device: Device,
    /// The checkpoint that is loaded.
    loaded: Option<usize>,
}

impl Networks {
    pub(crate) fn new(settings: &Settings, inputs: &Inputs, plan: &Plan) -> Option<Self> {
        let checkpoints = inputs.checkpoints.as_ref()?;
        Some(Self {
            checkpoints: Arc::clone(checkpoints),
            trajectory: settings.wanted.trajectory()?.clone(),
            model: Arc::clone(&inputs.model),
            program: inputs.program.clone(),
            plan: plan.clone(),
            device: settings.device,
            loaded: None,
        })
    }

    /// Checkpoint number `number` as networks that measure it and estimate its running statistics;
    /// `None` where it is loaded already.
    ///
    /// # Errors
    /// It cannot be read, or is not of the architecture of the model.
    pub(crate) fn load(
        &mut self,
        number: usize,
        recalibrates: bool,
    ) -> anyhow::Result<Option<(Landscape, Option<Recalibration>)>> {
        if self.loaded.replace(number) == Some(number) {
            return Ok(None);
        }
        let path = &self.checkpoints.files[number];
        let checkpoint = Model::read(path)?;
        let wanted = &self.checkpoints.ids[number];
        let name = path.display().to_string();
        check_id(&self.trajectory, &name, wanted, Some(&checkpoint.header.id))?;
        weights::check_models(&self.model, &checkpoint, DirType::States)?;

        let state: Vec<Tensor> = torch::state(&checkpoint.state, real(&self.program), Device::Cpu);
        let mut names = Vec::with_capacity(checkpoint.state.len());
        for entry in &checkpoint.state {
            names.push(entry.name.as_str());
        }
        let landscape = Landscape::new(&self.plan, &names, &state, &[], &[], self.device)?;
        let recalibration = match recalibrates {
            true => {
                let plan = Plan::plain(&self.program);
                let device = self.device;
                Some(Recalibration::new(&plan, &names, &state, &[], &[], device)?)
            }
            false => None,
        };
        Ok(Some((landscape, recalibration)))
    }
}
