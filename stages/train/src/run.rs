//! A training and what is kept of it: checkpoints, and an average of the weights.

use files::{Contents, Note};
use torch::{Batches, Tensor};
use training::{Network, Score, Setup, Training};

use crate::{
    args::Settings,
    average::Average,
    checkpoints::{AVERAGE, Checkpoint},
    measuring::measure,
};

/// Of how many weights the average is, in what an interrupted training goes on from.
const AVERAGED: &str = "averaged";

/// A training and where its checkpoints go.
pub(crate) struct Run<'a> {
    pub(crate) training: Training<'a>,
    settings: &'a Settings,
    network: &'a Network,
    average: Option<Average>,
}

impl<'a> Run<'a> {
    /// A training at its start, or where an earlier run of the same command was interrupted.
    ///
    /// # Errors
    /// Checkpoints within one step; those of [`Training::new`].
    pub(crate) fn new(settings: &'a Settings, setup: Setup<'a>) -> anyhow::Result<Self> {
        let per_epoch = settings.training.per_epoch(setup.train);
        settings.checkpoints.check_steps(per_epoch)?;
        let network = setup.network;
        let mut training = Training::new(setup)?;
        let mut average = settings.averaging.map(Average::new);
        if let Some(average) = &mut average {
            for (name, tensor) in training.besides() {
                if name == AVERAGED {
                    average.count = tensor.int64_value(&[]);
                } else {
                    let device = settings.training.run.device;
                    average.parameters.push(tensor.to_device(device));
                }
            }
        }
        Ok(Self {
            training,
            settings,
            network,
            average,
        })
    }

    /// The rest of a pass over the training set in random order; returns the score of the pass as
    /// it was met on the way.
    pub(crate) fn epoch(&mut self) -> anyhow::Result<Score> {
        let epoch = self.training.next_epoch();
        let left = self.training.examples_left();
        for examples in left.chunks(self.settings.training.batch) {
            self.training.step(examples)?;
            let is_last = self.training.ends_epoch();
            if let Some(average) = &mut self.average {
                let parameters = parameters(&self.training);
                average.add(&parameters, is_last.then_some(epoch));
            }
            if !is_last && self.checkpoint().is_some() {
                self.keep()?;
            }
        }
        Ok(self.training.score())
    }

    /// The checkpoint that is written now, if there is one.
    fn checkpoint(&self) -> Option<&'a Checkpoint> {
        let (step, per_epoch) = (self.training.steps(), self.training.per_epoch());
        self.settings.checkpoints.after(step, per_epoch)
    }

    /// Keeps what an interrupted training goes on from, then the checkpoint that is written now. A
    /// run that is killed in between writes it when it goes on.
    pub(crate) fn keep(&mut self) -> anyhow::Result<()> {
        let mut besides = Vec::new();
        if let Some(average) = &self.average {
            besides.push((AVERAGED.into(), Tensor::from(average.count)));
            for (parameter, tensor) in average.parameters.iter().enumerate() {
                besides.push((format!("average.{parameter}"), tensor.shallow_clone()));
            }
        }
        self.training.keep(besides)?;
        if let Some(checkpoint) = self.checkpoint() {
            let epoch = match checkpoint.whole_epochs() {
                Some(epoch) => Note::Integer(epoch),
                None => Note::Real(checkpoint.epochs()),
            };
            let state = self.training.state();
            self.save(&checkpoint.name, &state, vec![("epoch".into(), epoch)])?;
        }
        Ok(())
    }

    /// The score of the network as it is, in evaluation mode.
    pub(crate) fn measure(&self, batches: &Batches) -> anyhow::Result<Score> {
        self.measure_state(&self.training.state(), batches)
    }

    fn measure_state(&self, state: &[Tensor], batches: &Batches) -> anyhow::Result<Score> {
        measure(&self.settings.training, self.network, state, batches)
    }

    /// Writes the averaged weights, where they are asked for, and ends the training. Returns how
    /// good the average is on the test set.
    pub(crate) fn finish(&self, test: Option<&Batches>) -> anyhow::Result<Option<Score>> {
        self.training.progress().finish();
        let mut score = None;
        if let Some(average) = &self.average {
            let mut state = self.training.state();
            let trained = self.training.parameters();
            for (index, parameter) in trained.iter().zip(&average.parameters) {
                state[*index] = parameter.shallow_clone();
            }
            let state = self.training.with_statistics(state)?;
            let kind = average.averaging().name();
            let notes = vec![
                ("average".into(), Note::Text(kind.into())),
                ("averaged".into(), Note::Integer(average.count)),
            ];
            self.save(AVERAGE, &state, notes)?;
            if let Some(test) = test {
                score = Some(self.measure_state(&state, test)?);
            }
        }
        self.training.end()?;
        Ok(score)
    }

    /// Writes a model.
    fn save(
        &self,
        name: &str,
        state: &[Tensor],
        mut notes: Vec<(String, Note)>,
    ) -> anyhow::Result<()> {
        let is_whole = name.bytes().all(|byte| byte.is_ascii_digit());
        if !is_whole {
            notes.push(("checkpoint".into(), Note::Text(name.into())));
        }
        let target = self.settings.checkpoints.target(name);
        let model = self.training.model(state, notes)?;
        model.write(&target, &self.training.provenance())?;
        Ok(())
    }
}

/// The trained tensors of a network now.
fn parameters(training: &Training) -> Vec<Tensor> {
    let state = training.state();
    let mut parameters = Vec::new();
    for index in training.parameters() {
        parameters.push(state[*index].shallow_clone());
    }
    parameters
}
