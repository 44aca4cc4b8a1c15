//! What a training writes: its checkpoints, and what it goes on from where it is interrupted.

use files::{Contents, Header, Model, Note, Provenance, history};
use torch::{Batches, Tensor};

use super::{Score, Training};
use crate::{
    args::Settings,
    checkpoints::{AVERAGE, Checkpoint},
    network::Network,
    resume::{Snapshot, network_state},
};

impl<'a> Training<'a> {
    pub(super) fn restore(&mut self, snapshot: Snapshot) -> anyhow::Result<()> {
        self.trainer.restore(&snapshot.state, snapshot.kept)?;
        self.place = snapshot.place;
        self.random.set_word_pos(snapshot.random);
        if let Some(average) = &mut self.average {
            average.count = snapshot.averaged;
            for tensor in snapshot.average {
                average
                    .parameters
                    .push(tensor.to_device(self.settings.device));
            }
        }
        Ok(())
    }

    /// The checkpoint that is written now, if there is one.
    pub(super) fn checkpoint(&self) -> Option<&'a Checkpoint> {
        self.settings
            .checkpoints
            .after(self.place.step, self.per_epoch())
    }

    /// Keeps what an interrupted training goes on from, then the checkpoint that is written now. A
    /// run that is killed in between writes it when it goes on.
    pub(crate) fn keep(&mut self) -> anyhow::Result<()> {
        if let Some(log) = &mut self.log {
            log.flush()?;
        }
        let (average, averaged) = match &self.average {
            Some(average) => (&average.parameters[..], average.count),
            None => (&[][..], 0),
        };
        let snapshot = Snapshot {
            place: self.place,
            random: self.random.get_word_pos(),
            kept: self.trainer.kept(),
            state: self.trainer.state(),
            average: average.iter().map(Tensor::shallow_clone).collect(),
            averaged,
        };
        self.resume
            .write(self.network, &snapshot, &self.provenance())?;
        if let Some(checkpoint) = self.checkpoint() {
            let epoch = match checkpoint.whole_epochs() {
                Some(epoch) => Note::Integer(epoch),
                None => Note::Real(checkpoint.epochs()),
            };
            self.save(
                &checkpoint.name,
                &snapshot.state,
                vec![("epoch".into(), epoch)],
            )?;
        }
        Ok(())
    }

    /// Writes the averaged weights, where they are asked for, and ends the training. Returns how
    /// good the average is on the test set.
    pub(crate) fn finish(&self, test: Option<&Batches>) -> anyhow::Result<Option<Score>> {
        self.progress.finish();
        let mut score = None;
        if let Some(average) = &self.average {
            let mut state = self.trainer.state();
            for (index, parameter) in self.trainer.parameters().iter().zip(&average.parameters) {
                state[*index] = parameter.shallow_clone();
            }
            let state = self.with_statistics(state)?;
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
        self.resume.remove()?;
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
        notes.push(("seed".into(), Note::Integer(self.settings.seed as i64)));
        let model = Model {
            program: self.network.text.clone(),
            state: network_state(self.network, state)?,
            architecture: self.network.architecture.clone(),
            notes,
        };
        model.write(&self.settings.checkpoints.target(name), &self.provenance())?;
        Ok(())
    }

    fn provenance(&self) -> Provenance {
        let mut headers = Vec::new();
        headers.extend(&self.network.header);
        headers.push(self.data);
        let provenance = Provenance::of_this_command(&headers);
        provenance.with(history::DEVICE, torch::device_name(self.settings.device))
    }
}

/// Names and values of all settings on which the bits depend.
pub(super) fn all_settings(
    settings: &Settings,
    network: &Network,
    data: &Header,
) -> Vec<(String, String)> {
    let mut named = Vec::new();
    let source = match &network.header {
        Some(model) => ("--program with the id", &model.id),
        None => ("--arch", &network.architecture),
    };
    for (name, value) in [source, ("--data with the id", &data.id)] {
        named.push((name.to_string(), value.clone()));
    }
    named.extend(settings.named());
    named
}
