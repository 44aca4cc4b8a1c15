use anyhow::{Context, ensure};
use files::{Contents, DirType, Model, Role, StateTensor, Stored};
use program::Program;
use torch::{Device, Tensor};

/// The networks at both ends of the curve.
pub(crate) struct Ends {
    pub(crate) model: Stored<Model>,
    pub(crate) target: Stored<Model>,
}

impl Ends {
    /// Reads them.
    ///
    /// # Errors
    /// Files that cannot be read, networks of two programs, a curve from a network to itself.
    pub(crate) fn read(model: &std::path::Path, target: &std::path::Path) -> anyhow::Result<Self> {
        let ends = Self {
            model: Model::read(model)?,
            target: Model::read(target)?,
        };
        weights::check_models(&ends.model, &ends.target, DirType::States)?;
        let both = format!("{} and {}", model.display(), target.display());
        ensure!(
            program(&ends.model)? == program(&ends.target)?,
            "{both} have two programs: a curve connects networks of one, so export both alike"
        );
        ensure!(
            same_constants(&ends.model, &ends.target),
            "{both} have different constants, which are parts of the program: export both alike"
        );
        ends.check_parameters(&both)?;
        Ok(ends)
    }

    /// Checks that both train the same tensors, with different values.
    fn check_parameters(&self, both: &str) -> anyhow::Result<()> {
        let mut differ = false;
        for (one, other) in self.model.state.iter().zip(&self.target.state) {
            ensure!(
                one.role == other.role && one.tensor.dtype() == other.tensor.dtype(),
                "{both} are of two kinds: {} is a {} ({}) against a {} ({})",
                one.name,
                one.role.name(),
                one.tensor.dtype(),
                other.role.name(),
                other.tensor.dtype()
            );
            differ = differ || (is_trained(one) && one.tensor != other.tensor);
        }
        ensure!(
            differ,
            "{both} have the same weights: a curve needs two networks"
        );
        Ok(())
    }

    /// The trained tensors of both ends, on a device.
    pub(crate) fn trained(&self, device: Device) -> [Vec<Tensor>; 2] {
        [&self.model, &self.target].map(|end| {
            let trained = end.state.iter().filter(|entry| is_trained(entry));
            trained
                .map(|entry| torch::tensor(&entry.tensor).to_device(device))
                .collect()
        })
    }

    /// The state of the model with other values of what is trained.
    pub(crate) fn state(&self, trained: Vec<Tensor>) -> Vec<Tensor> {
        let mut trained = trained.into_iter();
        let mut state = Vec::with_capacity(self.model.state.len());
        for entry in &self.model.state {
            let moved = if is_trained(entry) {
                trained.next()
            } else {
                None
            };
            state.push(moved.unwrap_or_else(|| torch::tensor(&entry.tensor)));
        }
        state
    }
}

fn program(model: &Stored<Model>) -> anyhow::Result<Program> {
    Program::from_json(&model.program).with_context(|| model.header.path.display().to_string())
}

/// Whether an entry is a part of the bend; [`torch::Trainer`] trains the same.
fn is_trained(entry: &StateTensor) -> bool {
    entry.role == Role::Parameter && entry.tensor.is_float()
}

fn same_constants(one: &Model, other: &Model) -> bool {
    let [ours, theirs] = [one, other].map(|model| {
        let constants = model.state.iter();
        constants
            .filter(|entry| entry.role == Role::Constant)
            .collect::<Vec<_>>()
    });
    ours == theirs
}
