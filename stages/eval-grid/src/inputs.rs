use std::sync::Arc;

use anyhow::{Context, ensure};
use files::{Contents, DatasetFile, Directions, Header, Model, Split, Stored, Trajectory};
use program::Program;

use crate::{
    checks,
    networks::Checkpoints,
    places,
    settings::{Recalibrate, Settings},
};

/// What is read, checked to belong together. Of the data only what is asked for later is read.
pub(crate) struct Inputs {
    pub(crate) model: Arc<Stored<Model>>,
    /// The program as it was exported.
    pub(crate) exported: Program,
    /// The program in full precision.
    pub(crate) program: Program,
    pub(crate) data: Arc<DatasetFile>,
    pub(crate) directions: Stored<Directions>,
    /// The trajectory that is measured along, or that axes reach around.
    pub(crate) trajectory: Option<Stored<Trajectory>>,
    /// Its checkpoints, where they are measured themselves.
    pub(crate) checkpoints: Option<Arc<Checkpoints>>,
    pub(crate) parts: Vec<Part>,
    /// The examples from which running statistics are estimated, and how many are in a batch.
    pub(crate) recalibration: Option<(Part, usize)>,
}

/// The examples of a split that are used: the first `count`.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) split: Split,
    pub(crate) count: usize,
}

impl Inputs {
    pub(crate) fn read(settings: &Settings) -> anyhow::Result<Self> {
        let model = Model::read(&settings.model)?;
        let exported = Program::from_json(&model.program)
            .with_context(|| settings.model.display().to_string())?;
        checks::check_outputs(settings, &exported)?;
        checks::say_precision(settings, &exported);
        let directions = Directions::read(&settings.directions)?;
        checks::check_directions(&directions, &model, settings)?;
        let trajectory = places::read(settings, &directions.header)?;
        let checkpoints = match &trajectory {
            Some(trajectory) if settings.wanted.at_checkpoints() => {
                Some(Arc::new(Checkpoints::of(trajectory)?))
            }
            Some(_) | None => None,
        };
        let data = DatasetFile::open(&settings.data)?;
        let parts = parts(settings, &data)?;
        let recalibration = recalibration(settings, &data)?;

        let mut real = Vec::new();
        for entry in &model.state {
            if entry.tensor.is_float() {
                real.push(entry.name.as_str());
            }
        }
        Ok(Self {
            program: exported.widened(&real.into_iter().collect()),
            exported,
            data: Arc::new(data),
            directions,
            trajectory,
            checkpoints,
            parts,
            recalibration,
            model: Arc::new(model),
        })
    }

    pub(crate) fn headers(&self) -> Vec<&Header> {
        let mut headers = vec![
            &self.model.header,
            &self.data.header,
            &self.directions.header,
        ];
        headers.extend(self.trajectory.iter().map(|it| &it.header));
        headers
    }

    /// How many examples a point costs.
    pub(crate) fn examples(&self) -> usize {
        let measured: usize = self.parts.iter().map(|part| part.count).sum();
        let estimated = self
            .recalibration
            .as_ref()
            .map_or(0, |(part, _)| part.count);
        measured + estimated
    }

    /// The model in an error.
    pub(crate) fn model_file(&self) -> String {
        self.model.header.path.display().to_string()
    }

    /// The context of an error in which the data and the model do not fit.
    pub(crate) fn both_files(&self) -> String {
        let data = self.data.header.path.display();
        format!("{data} does not fit {}", self.model_file())
    }
}

/// The training examples from which running statistics are estimated: whole batches of one size.
fn recalibration(settings: &Settings, data: &DatasetFile) -> anyhow::Result<Option<(Part, usize)>> {
    let Some(Recalibrate { examples, batch }) = settings.recalibrate else {
        return Ok(None);
    };
    let split = Split::Train;
    ensure!(
        data.splits().contains(&split),
        "{}: --recalibrate-bn needs training examples, but there is no train split",
        settings.data.display()
    );
    let examples = examples.min(data.count(&split)?);
    // fewer examples than one batch are one
    let batch = batch.min(examples);
    let count = examples / batch * batch;
    Ok(Some((Part { split, count }, batch)))
}

/// The splits that are measured, with the number of examples that are used.
fn parts(settings: &Settings, data: &DatasetFile) -> anyhow::Result<Vec<Part>> {
    let splits = checks::splits(settings, data)?;
    checks::check_targets(data, &splits)?;
    checks::check_classes(settings.criterion.loss, data, &splits)?;
    let mut parts = Vec::new();
    for split in splits {
        let all = data.count(&split)?;
        parts.push(Part {
            count: settings.limit.map_or(all, |limit| limit.min(all)),
            split,
        });
    }
    Ok(parts)
}
