//! The checkpoints of a trajectory, measured themselves instead of places on the plane.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, ensure};
use evaluation::Parameters;
use files::{Contents, DirType, Model, Role, Stated, Stored, Trajectory};
use program::Program;
use torch::{
    Criterion, Curvature, Device, Error, Landscape, Operator, Plan, Recalibration, State, Tensor,
};

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

/// Makes networks of checkpoints, one at a time.
pub(crate) struct Networks {
    checkpoints: Arc<Checkpoints>,
    trajectory: PathBuf,
    model: Arc<Stored<Model>>,
    program: Program,
    plan: Plan,
    criterion: Criterion,
    device: Device,
    /// The matrix whose eigenvalues are measured, and of which parameters.
    operator: Operator,
    parameters: Parameters,
    /// The checkpoint that is loaded.
    loaded: Option<usize>,
}

impl Networks {
    pub(crate) fn new(settings: &Settings, inputs: &Inputs, plan: &Plan) -> Option<Self> {
        let checkpoints = inputs.checkpoints.as_ref()?;
        Some(Self {
            checkpoints: Arc::clone(checkpoints),
            trajectory: settings.wanted.trajectory()?.clone(),
            model: Arc::clone(&inputs.subject.model),
            program: inputs.subject.program.clone(),
            plan: plan.clone(),
            criterion: inputs.subject.criterion,
            device: inputs.subject.device,
            operator: settings.hessian.operator,
            parameters: settings.hessian.parameters.clone(),
            loaded: None,
        })
    }

    /// Checkpoint number `number`; `None` where it is loaded already.
    ///
    /// # Errors
    /// It cannot be read, or is not of the architecture of the model.
    pub(crate) fn load(&mut self, number: usize) -> anyhow::Result<Option<Checkpoint<'_>>> {
        if self.loaded.replace(number) == Some(number) {
            return Ok(None);
        }
        let path = &self.checkpoints.files[number];
        let model = Model::read(path)?;
        let wanted = &self.checkpoints.ids[number];
        let name = path.display().to_string();
        check_id(&self.trajectory, &name, wanted, Some(&model.header.id))?;
        weights::check_models(&self.model, &model, DirType::States)?;
        let real = evaluation::real(&self.program);
        Ok(Some(Checkpoint {
            state: torch::state(&model.state, real, Device::Cpu),
            model,
            networks: self,
        }))
    }
}

/// A checkpoint as networks that stay where it is.
pub(crate) struct Checkpoint<'a> {
    networks: &'a Networks,
    model: Stored<Model>,
    state: Vec<Tensor>,
}

impl Checkpoint<'_> {
    /// What measures its loss.
    pub(crate) fn landscape(&self) -> Result<Landscape, Error> {
        let Networks { plan, device, .. } = self.networks;
        Landscape::new(plan, &self.names(), &self.state, &[], &[], *device)
    }

    /// What estimates its running statistics.
    pub(crate) fn recalibration(&self) -> Result<Recalibration, Error> {
        let plan = Plan::plain(&self.networks.program);
        let device = self.networks.device;
        Recalibration::new(&plan, &self.names(), &self.state, &[], &[], device)
    }

    /// What multiplies vectors with its Hessian.
    pub(crate) fn curvature(&self) -> anyhow::Result<Curvature> {
        let networks = self.networks;
        let chosen = networks.parameters.of(&self.model)?;
        let mut trained = Vec::with_capacity(self.model.state.len());
        for entry in &self.model.state {
            trained.push(entry.role == Role::Parameter);
        }
        let state = State {
            names: &self.names(),
            origin: &self.state,
            trained: &trained,
        };
        Ok(Curvature::new(
            &networks.program,
            &networks.plan,
            state,
            [&[], &[]],
            (networks.operator, &chosen),
            (networks.criterion, networks.device),
        )?)
    }

    fn names(&self) -> Vec<&str> {
        let entries = self.model.state.iter();
        entries.map(|entry| entry.name.as_str()).collect()
    }
}
