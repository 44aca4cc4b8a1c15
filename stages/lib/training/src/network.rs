use anyhow::{Context, bail, ensure};
use files::{DatasetFile, Examples, Header, Model, Note, Role, StateTensor};
use program::{Input, Program};
use torch::{Batches, Device, Kind, Loss, Mode, Precision, Tensor};

use crate::Settings;

/// The network that is trained, apart from the values of its state.
pub struct Network {
    /// The program as it is run.
    pub program: Program,
    /// The program as it is written.
    pub text: String,
    /// The name of the architecture, for people.
    pub architecture: String,
    /// Names and roles of the state, in `state_dict` order.
    pub entries: Vec<(String, Role)>,
    /// The model that it comes from, if it comes from one.
    pub header: Option<Header>,
}

impl Network {
    /// The network of a model, and the values of its state.
    ///
    /// # Errors
    /// A program that cannot be run, or has nothing to train.
    pub fn of_model(
        model: Model,
        header: Header,
        device: Device,
    ) -> anyhow::Result<(Self, Vec<Tensor>)> {
        let file = header.path.display().to_string();
        let exported = Program::from_json(&model.program).with_context(|| file.clone())?;
        let mut real = Vec::new();
        let (mut entries, mut state) = (Vec::new(), Vec::new());
        for entry in &model.state {
            if entry.tensor.is_float() {
                real.push(entry.name.as_str());
            }
            entries.push((entry.name.clone(), entry.role));
            state.push(torch::tensor(&entry.tensor));
        }
        ensure!(
            entries.iter().any(|(_, role)| *role == Role::Parameter),
            "{file}: the model has no parameters to train"
        );
        let program = exported.widened(&real.into_iter().collect());
        let network = Self {
            program,
            text: model.program,
            architecture: model.architecture,
            entries,
            header: Some(header),
        };
        // the network is measured after each epoch, which one that was exported in training mode
        // cannot be
        let names = network.names();
        torch::Network::new(&network.program, &names, Mode::Evaluate, device)
            .with_context(|| format!("{file}: export the model after model.eval()"))?;
        Ok((network, state))
    }

    /// Checks the batches against a program that takes one size only.
    ///
    /// # Errors
    /// Batches of another size, or a last one that is smaller.
    pub fn check_batch(&self, batch: usize, examples: usize) -> anyhow::Result<()> {
        let Some(size) = self.program.batch() else {
            return Ok(());
        };
        ensure!(
            batch == size && examples.is_multiple_of(size),
            "the program takes batches of {size} examples, --batch is {batch} and there are \
             {examples} examples: export it with a free batch size (Dim.AUTO)"
        );
        Ok(())
    }

    /// Checks that the network is one in f32 where it is to be run in half precision.
    ///
    /// # Errors
    /// An entry of the state in f64.
    pub(crate) fn check_precision(
        &self,
        precision: Precision,
        state: &[Tensor],
    ) -> anyhow::Result<()> {
        if precision == Precision::Full {
            return Ok(());
        }
        for ((name, _), tensor) in self.entries.iter().zip(state) {
            ensure!(
                tensor.kind() != Kind::Double,
                "--precision {precision} rounds from f32, and {name} is f64: use --precision f32, \
                 which leaves f64 as it is"
            );
        }
        Ok(())
    }

    /// The names of the state, in `state_dict` order.
    pub fn names(&self) -> Vec<&str> {
        self.entries.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Examples in batches as the network takes them.
    ///
    /// # Errors
    /// An input that the examples lack.
    pub fn batches(
        &self,
        settings: &Settings,
        data: &DatasetFile,
        examples: &Examples,
        size: usize,
    ) -> Result<Batches, torch::Error> {
        let inputs = self.fed(settings.criterion.loss, examples.targets.is_some());
        let device = settings.run.device;
        Batches::new(examples, &data.normalization, inputs, size, device)
    }

    /// A model with values of the state, as it is written.
    ///
    /// # Errors
    /// An element type that files do not know.
    pub fn model(&self, state: &[Tensor], notes: Vec<(String, Note)>) -> anyhow::Result<Model> {
        let mut entries = Vec::with_capacity(state.len());
        for ((name, role), tensor) in self.entries.iter().zip(state) {
            entries.push(StateTensor {
                name: name.clone(),
                role: *role,
                tensor: torch::array(tensor)?,
            });
        }
        Ok(Model {
            program: self.text.clone(),
            state: entries,
            architecture: self.architecture.clone(),
            notes,
        })
    }

    /// The inputs that examples are fed to: all, or all but the last, which takes the targets of a
    /// loss of the program's own.
    fn fed(&self, loss: Loss, has_targets: bool) -> &[Input] {
        match self.program.inputs.split_last() {
            Some((_, fed)) if loss == Loss::Program && has_targets => fed,
            Some(_) | None => &self.program.inputs,
        }
    }
}

/// Checks that targets are what a loss wants.
///
/// # Errors
/// There are none, or they are no classes.
pub fn check_targets(loss: Loss, data: &DatasetFile, train: &Examples) -> anyhow::Result<()> {
    let file = data.header.path.display();
    match &train.targets {
        None if loss == Loss::Program => Ok(()),
        None => bail!("{file}: there are no targets, --loss {loss} wants them"),
        Some(files::Tensor::I64(_)) => Ok(()),
        Some(other) if loss.wants_classes() => bail!(
            "{file}: the targets are {}, --loss {loss} wants classes (i64)",
            other.dtype()
        ),
        Some(_) => Ok(()),
    }
}
