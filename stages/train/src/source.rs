//! Where the network comes from: the zoo, or a model file.

use files::{Contents, DatasetFile, Examples, Model, Role};
use rand_chacha::ChaCha8Rng;
use torch::Tensor;
use training::Network;

use crate::{args::Settings, args::Source, initial};

/// The network and the values of its state before training.
///
/// # Errors
/// No such architecture or model, data that does not fit.
pub(crate) fn network(
    settings: &Settings,
    data: &DatasetFile,
    train: &Examples,
    random: &mut ChaCha8Rng,
) -> anyhow::Result<(Network, Vec<Tensor>)> {
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
            let network = Network {
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
            let recipe = &settings.training;
            training::check_targets(recipe.criterion.loss, data, train)?;
            Network::of_model(stored.contents, stored.header, recipe.run.device)
        }
    }
}
