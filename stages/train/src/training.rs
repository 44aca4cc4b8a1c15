use files::{Contents, Header, Model, Note, Provenance, Role, StateTensor, Target, history};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use stage::Progress;
use torch::{
    Averages, Batches, Criterion, Device, IGNORED, Landscape, Loss, Plan, Sgd, Tensor, Trainer,
};
use zoo::Architecture;

use crate::{args::Args, augment::augmented};

/// A network in training and where its checkpoints go.
pub(crate) struct Training<'a> {
    args: &'a Args,
    architecture: &'a Architecture,
    data: &'a Header,
    trainer: Trainer,
    device: Device,
}

impl<'a> Training<'a> {
    pub(crate) fn new(
        args: &'a Args,
        architecture: &'a Architecture,
        data: &'a Header,
        state: Vec<(&str, Role, Tensor)>,
        device: Device,
    ) -> anyhow::Result<Self> {
        let sgd = Sgd {
            momentum: args.momentum,
            weight_decay: args.weight_decay,
            nesterov: !args.no_nesterov,
        };
        let trainer = Trainer::new(&architecture.program, state, sgd, device)?;
        Ok(Self {
            args,
            architecture,
            data,
            trainer,
            device,
        })
    }

    /// One pass over the training set in random order; returns mean loss and error (percent) as they were met.
    pub(crate) fn epoch(
        &mut self,
        train: &Batches,
        rate: f64,
        random: &mut ChaCha8Rng,
    ) -> anyhow::Result<(f64, f64)> {
        let mut order: Vec<i64> = (0..train.examples()).collect();
        order.shuffle(random);
        let batch = self.args.batch;
        let mut progress = Progress::new(
            "steps",
            order.len().div_ceil(batch),
            0,
            batch,
            self.args.quiet,
        );
        let (mut loss, mut correct) = (0.0, 0);
        for indices in order.chunks(batch) {
            let (inputs, targets) = train.pick(&Tensor::from_slice(indices));
            let inputs = train.fed(&augmented(inputs, self.args.augment, random));
            let step = self.trainer.step(&inputs, &targets, rate)?;
            loss += step.0 * indices.len() as f64;
            correct += step.1;
            progress.step();
        }
        progress.finish();
        let examples = order.len() as f64;
        Ok((loss / examples, 100.0 - 100.0 * correct as f64 / examples))
    }

    /// Mean loss and error (percent) of the network as it is, in evaluation mode.
    pub(crate) fn measure(&self, batches: &Batches) -> anyhow::Result<(f64, f64)> {
        let names: Vec<&str> = self
            .architecture
            .state
            .iter()
            .map(|entry| entry.name.as_str())
            .collect();
        let (plan, state) = (
            Plan::plain(&self.architecture.program),
            self.trainer.state(),
        );
        let landscape = Landscape::new(&plan, &names, &state, &[], &[], self.device)?;
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
        Ok((score.means[0], 100.0 - score.means[1]))
    }

    /// Writes the checkpoint of an epoch.
    pub(crate) fn save(&self, epoch: usize) -> anyhow::Result<()> {
        let entry = |(entry, tensor): (&zoo::Entry, Tensor)| -> anyhow::Result<StateTensor> {
            let role = if entry.kind.is_parameter() {
                Role::Parameter
            } else {
                Role::Buffer
            };
            Ok(StateTensor {
                name: entry.name.clone(),
                role,
                tensor: torch::array(&tensor)?,
            })
        };
        let state = self
            .architecture
            .state
            .iter()
            .zip(self.trainer.state())
            .map(entry)
            .collect::<anyhow::Result<_>>()?;
        let notes = [("epoch", epoch as i64), ("seed", self.args.seed as i64)];
        let model = Model {
            program: self.architecture.program.to_json(),
            state,
            architecture: self.architecture.name.clone(),
            notes: notes
                .map(|(name, number)| (name.to_string(), Note::Integer(number)))
                .into(),
        };
        let device = match self.device {
            Device::Cuda(_) => "cuda",
            _ => "cpu",
        };
        let provenance = Provenance::of_this_command(&[self.data]).with(history::DEVICE, device);
        let target = Target::new(&self.args.checkpoint(epoch), self.args.force);
        model.write(&target, &provenance)?;
        Ok(())
    }
}
