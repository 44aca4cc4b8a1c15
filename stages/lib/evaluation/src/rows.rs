use anyhow::Context;
use files::{Contents, Note, Places, Provenance, history};
use grid::Grid;
use schedule::{Journal, Measure, Points, Setting, States, measure_points, publish, value_of};
use serde_json::json;
use stage::{Output, Progress};

use crate::{Models, Signals};

/// The rows of a table of models while they are measured: each is kept beside the output, so that a
/// run that is killed goes on.
pub struct Rows<'a> {
    models: &'a Models,
    output: &'a Output,
    journal: Journal,
    states: States,
}

impl<'a> Rows<'a> {
    /// What an earlier run of the same command left, of a journal of this name. The values depend
    /// on the models, the data and `settings`.
    ///
    /// # Errors
    /// A journal of other settings, or of a run that still goes on.
    pub fn open(
        models: &'a Models,
        output: &'a Output,
        name: &str,
        settings: Vec<Setting>,
    ) -> anyhow::Result<Self> {
        let mut lines = vec![("journal".to_string(), json!(name))];
        let mut ids = Vec::new();
        for model in &models.headers {
            ids.push(model.id.as_str());
        }
        lines.push(("models".into(), json!(ids)));
        lines.push(("data".into(), json!(models.subject.data.header.id)));
        lines.extend(settings);
        let journal = Journal::open(output, lines, models.headers.len())?;
        let states = States::find(output, &journal);
        if states.begun() > 0 {
            let begun = states.begun();
            output.say(format!(
                "resuming: {begun} models go on from their last pass"
            ));
        }
        Ok(Self {
            models,
            output,
            journal,
            states,
        })
    }

    /// The rows that are not measured yet.
    pub fn left(&self) -> Vec<usize> {
        let mut left = Vec::new();
        for row in 0..self.models.headers.len() {
            if !self.journal.has(row) {
                left.push(row);
            }
        }
        left
    }

    /// Measures them: a point of the measure is a row.
    ///
    /// # Errors
    /// Those of the measure; a signal that stopped it.
    pub fn measure<M: Measure>(
        &mut self,
        measure: &M,
        workers: Vec<M::Worker>,
        signals: &Signals,
    ) -> anyhow::Result<()> {
        let rows: Vec<usize> = (0..self.models.headers.len()).collect();
        let subject = &self.models.subject;
        let examples = subject.parts.iter().map(|part| part.count).sum();
        let places = Places::Grid(Grid {
            x: rows.iter().map(|row| *row as f64).collect(),
            y: None,
        });
        let (before, quiet) = (self.journal.len(), self.output.quiet);
        let progress = Progress::new("models", rows.len(), before, examples, quiet);
        let mut points = Points::new(&rows, &mut self.journal, &mut self.states, progress);
        let stop = || signals.caught().is_some();
        measure_points(measure, workers, &places, &stop, &mut points)
            .with_context(|| subject.both_files())?;
        drop(points);
        if self.journal.len() < rows.len() {
            let signal = signals.caught().unwrap_or("a signal");
            let what =
                format!("{signal}: what is measured is kept, the same command goes on from there");
            return Err(stage::Stopped(what).into());
        }
        Ok(())
    }

    /// The values of each row, once all are measured.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn values(&self) -> anyhow::Result<Vec<Vec<f64>>> {
        let mut values = Vec::new();
        for row in 0..self.models.headers.len() {
            values.push(self.journal.values(row)?);
        }
        Ok(values)
    }

    /// Writes the table that is made of them, and forgets what was kept.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn publish(self, table: &impl Contents, provenance: Provenance) -> anyhow::Result<()> {
        let device = torch::device_name(self.models.subject.device);
        let provenance = provenance.with(history::DEVICE, device);
        publish(table, self.output, &provenance, self.journal)
    }
}

/// What a file says of how it was made, as settings of a journal.
pub fn settings_of(told: &[(String, Note)]) -> Vec<Setting> {
    let mut settings = Vec::with_capacity(told.len());
    for (name, note) in told {
        settings.push((name.clone(), value_of(note)));
    }
    settings
}
