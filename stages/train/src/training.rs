use files::{Contents, Header, Model, Note, Provenance, Role, StateTensor, history};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use stage::Progress;
use torch::{
    Averages, Batches, Criterion, Device, IGNORED, Landscape, Loss, Plan, Tensor, Trainer,
};
use zoo::{Architecture, Entry};

use crate::{args::Settings, augment::augmented};

/// A network in training and where its checkpoints go.
pub(crate) struct Training<'a> {
    settings: &'a Settings,
    architecture: &'a Architecture,
    data: &'a Header,
    trainer: Trainer,
}

/// How good a network is on some examples.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    /// The mean loss, in nats.
    pub(crate) loss: f64,
    /// Wrong answers, in percent.
    pub(crate) error: f64,
}

impl<'a> Training<'a> {
    pub(crate) fn new(
        settings: &'a Settings,
        architecture: &'a Architecture,
        data: &'a Header,
        state: Vec<(&str, Role, Tensor)>,
    ) -> anyhow::Result<Self> {
        let program = &architecture.program;
        let trainer = Trainer::new(program, state, settings.sgd, settings.device)?;
        Ok(Self {
            settings,
            architecture,
            data,
            trainer,
        })
    }

    /// One pass over the training set in random order; returns the score as it was met on the way.
    pub(crate) fn epoch(
        &mut self,
        train: &Batches,
        rate: f64,
        random: &mut ChaCha8Rng,
    ) -> anyhow::Result<Score> {
        let mut order: Vec<i64> = (0..train.examples()).collect();
        order.shuffle(random);
        let batch = self.settings.batch;
        let mut progress = Progress::new(
            "steps",
            order.len().div_ceil(batch),
            0,
            batch,
            self.settings.quiet,
        );
        let (mut loss, mut correct) = (0.0, 0);
        for indices in order.chunks(batch) {
            let (inputs, targets) = train.pick(&Tensor::from_slice(indices));
            let inputs = train.fed(&augmented(inputs, self.settings.augment, random));
            let step = self.trainer.step(&inputs, &targets, rate)?;
            loss += step.0 * indices.len() as f64;
            correct += step.1;
            progress.step();
        }
        progress.finish();
        let examples = order.len() as f64;
        Ok(Score {
            loss: loss / examples,
            error: 100.0 - 100.0 * correct as f64 / examples,
        })
    }

    /// The score of the network as it is, in evaluation mode.
    pub(crate) fn measure(&self, batches: &Batches) -> anyhow::Result<Score> {
        let entries = &self.architecture.state;
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        let plan = Plan::plain(&self.architecture.program);
        let state = self.trainer.state();
        let device = self.settings.device;
        let landscape = Landscape::new(&plan, &names, &state, &[], &[], device)?;
        let loss = Loss::CrossEntropy;
        let averages = Averages {
            criterion: Criterion {
                loss,
                ignored: IGNORED,
                class_axis: None,
            },
            metrics: torch::usual_metrics(loss, 1),
            stop: None,
        };
        let samples = torch::no_grad(|| landscape.measure(batches, (0, 1), &averages, &|| false))?;
        let score = averages.score(&samples.unwrap_or_default())?;
        Ok(Score {
            loss: score.means[0],
            error: 100.0 - score.means[1],
        })
    }

    /// Writes the checkpoint of an epoch.
    pub(crate) fn save(&self, epoch: usize) -> anyhow::Result<()> {
        let mut state = Vec::new();
        for (entry, tensor) in self.architecture.state.iter().zip(self.trainer.state()) {
            state.push(StateTensor {
                name: entry.name.clone(),
                role: role(entry),
                tensor: torch::array(&tensor)?,
            });
        }
        let notes = [("epoch", epoch as i64), ("seed", self.settings.seed as i64)];
        let model = Model {
            program: self.architecture.program.to_json(),
            state,
            architecture: self.architecture.name.clone(),
            notes: notes
                .map(|(name, number)| (name.to_string(), Note::Integer(number)))
                .into(),
        };
        let device = match self.settings.device {
            Device::Cuda(_) => "cuda",
            Device::Cpu | Device::Mps | Device::Vulkan => "cpu",
        };
        let provenance = Provenance::of_this_command(&[self.data]).with(history::DEVICE, device);
        model.write(&self.settings.checkpoints.target(epoch), &provenance)?;
        Ok(())
    }
}

/// What an entry of the state is, in files.
pub(crate) fn role(entry: &Entry) -> Role {
    if entry.kind.is_parameter() {
        Role::Parameter
    } else {
        Role::Buffer
    }
}
