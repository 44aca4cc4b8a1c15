use anyhow::{Context, bail, ensure};
use files::{Contents, DatasetFile, Examples, Header, Model, Role};
use program::{Input, Program};
use rand_chacha::ChaCha8Rng;
use torch::{Device, Loss, Mode, Tensor};

use crate::{args::Settings, args::Source, initial};

/// The network that is trained, apart from the values of its state.
pub(crate) struct Network {
    /// The program as it is run.
    pub(crate) program: Program,
    /// The program as it is written.
    pub(crate) text: String,
    /// The name of the architecture, for people.
    pub(crate) architecture: String,
    /// Names and roles of the state, in `state_dict` order.
    pub(crate) entries: Vec<(String, Role)>,
    /// The model that it comes from, if it comes from one.
    pub(crate) header: Option<Header>,
}

impl Network {
    /// The network and the values of its state before training.
    ///
    /// # Errors
    /// No such architecture or model, data that does not fit.
    pub(crate) fn new(
        settings: &Settings,
        data: &DatasetFile,
        train: &Examples,
        random: &mut ChaCha8Rng,
    ) -> anyhow::Result<(Self, Vec<Tensor>)> {
        match &settings.source {
            Source::Arch(name) => {
                let architecture = initial::architecture(name, data, train)?;
                let mut entries = Vec::new();
                for entry in &architecture.state {
                    let role = if entry.kind.is_parameter() {
                        Role::Parameter
                    } else {
                        Role::Buffer
                    };
                    entries.push((entry.name.clone(), role));
                }
                let state = initial::state(&architecture, random);
                let network = Self {
                    text: architecture.program.to_json(),
                    program: architecture.program,
                    architecture: architecture.name,
                    entries,
                    header: None,
                };
                Ok((network, state))
            }
            Source::Program(path) => {
                let stored = Model::read(path)?;
                check_targets(settings.criterion.loss, data, train)?;
                Self::of_model(stored.contents, stored.header, settings.device)
            }
        }
    }

    fn of_model(
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
    pub(crate) fn check_batch(&self, batch: usize, examples: usize) -> anyhow::Result<()> {
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

    /// The names of the state, in `state_dict` order.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.entries.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The inputs that examples are fed to: all, or all but the last, which takes the targets of a
    /// loss of the program's own.
    pub(crate) fn fed(&self, loss: Loss, has_targets: bool) -> &[Input] {
        match self.program.inputs.split_last() {
            Some((_, fed)) if loss == Loss::Program && has_targets => fed,
            Some(_) | None => &self.program.inputs,
        }
    }
}

/// Checks that targets are what a loss wants.
fn check_targets(loss: Loss, data: &DatasetFile, train: &Examples) -> anyhow::Result<()> {
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
