//! What a training writes: a model at its end, and what it goes on from where it is interrupted.

use files::{Model, Note, Provenance, history};
use torch::{Precision, Statistics, Tensor};

use super::Training;
use crate::resume::Snapshot;

impl Training<'_> {
    /// A state with the running statistics of batch normalisation as they are over the training
    /// set, whose examples are taken in order and not changed at random.
    ///
    /// # Errors
    /// What the network refuses.
    pub fn with_statistics(&self, state: Vec<Tensor>) -> anyhow::Result<Vec<Tensor>> {
        let names = self.network.names();
        let (program, device) = (&self.network.program, self.settings.run.device);
        let Some(mut statistics) = Statistics::new(program, &names, &state, device)? else {
            return Ok(state);
        };
        torch::manual_seed(self.seed_of_step());
        let order: Vec<i64> = (0..self.train.examples()).collect();
        for indices in order.chunks(self.settings.batch) {
            let (inputs, targets) = self.train.pick(&Tensor::from_slice(indices));
            statistics.add(&self.call(&inputs, targets.as_ref()))?;
        }
        Ok(statistics.state())
    }

    /// Keeps what an interrupted training goes on from, and what the stage keeps besides. When it
    /// returns, all is on disk.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn keep(&mut self, besides: Vec<(String, Tensor)>) -> anyhow::Result<()> {
        if let Some(log) = &mut self.log {
            log.flush()?;
        }
        let snapshot = Snapshot {
            place: self.place,
            random: self.random.get_word_pos(),
            kept: self.trainer.kept(),
            state: self.trainer.state(),
            besides,
        };
        let provenance = self.provenance();
        self.resume.write(self.network, &snapshot, &provenance)
    }

    /// Ends the training: there is nothing to go on from any more.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn end(&self) -> anyhow::Result<()> {
        self.progress.finish();
        self.resume.remove()
    }

    /// A model with a state, and the seed among its notes, and the precision where it is another
    /// than that of the program.
    ///
    /// # Errors
    /// An element type that files do not know.
    pub fn model(&self, state: &[Tensor], mut notes: Vec<(String, Note)>) -> anyhow::Result<Model> {
        let seed = self.settings.run.seed as i64;
        notes.push(("seed".into(), Note::Integer(seed)));
        if self.settings.precision != Precision::Full {
            let precision = self.settings.precision.to_string();
            notes.push(("precision".into(), Note::Text(precision)));
        }
        self.network.model(state, notes)
    }

    /// Where what is written comes from.
    pub fn provenance(&self) -> Provenance {
        let device = torch::device_name(self.settings.run.device);
        Provenance::of_this_command(&self.inputs).with(history::DEVICE, device)
    }
}
