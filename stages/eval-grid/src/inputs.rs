use std::sync::Arc;

use anyhow::ensure;
use evaluation::{Part, Subject};
use files::{Contents, Directions, Header, Spectrum, Split, Stored, Trajectory};

use crate::{
    checks,
    networks::Checkpoints,
    places,
    settings::{Recalibrate, Settings},
};

/// What is read, checked to belong together. Of the data only what is asked for later is read.
pub(crate) struct Inputs {
    /// The network with its data.
    pub(crate) subject: Subject,
    pub(crate) directions: Stored<Directions>,
    /// The trajectory that is measured along, or that axes reach around.
    pub(crate) trajectory: Option<Stored<Trajectory>>,
    /// Its checkpoints, where they are measured themselves.
    pub(crate) checkpoints: Option<Arc<Checkpoints>>,
    /// The spectrum from whose eigenvectors eigenvalues are searched.
    pub(crate) start: Option<Stored<Spectrum>>,
    /// The examples from which running statistics are estimated, and how many are in a batch.
    pub(crate) recalibration: Option<(Part, usize)>,
}

impl Inputs {
    pub(crate) fn read(settings: &Settings) -> anyhow::Result<Self> {
        let subject = Subject::read(&settings.question)?;
        checks::say_precision(settings, &subject.exported);
        let directions = Directions::read(&settings.directions)?;
        checks::check_directions(&directions, &subject.model, settings)?;
        let trajectory = places::read(settings, &directions.header)?;
        let checkpoints = match &trajectory {
            Some(trajectory) if settings.wanted.at_checkpoints() => {
                Some(Arc::new(Checkpoints::of(trajectory)?))
            }
            Some(_) | None => None,
        };
        let start = match &settings.hessian.start {
            Some(file) => Some(checks::start(file, &subject, settings)?),
            None => None,
        };
        Ok(Self {
            start,
            recalibration: recalibration(settings, &subject)?,
            subject,
            directions,
            trajectory,
            checkpoints,
        })
    }

    pub(crate) fn headers(&self) -> Vec<&Header> {
        let mut headers = self.subject.headers();
        headers.push(&self.directions.header);
        headers.extend(self.start.iter().map(|it| &it.header));
        headers.extend(self.trajectory.iter().map(|it| &it.header));
        headers
    }

    /// How many examples a point costs.
    pub(crate) fn examples(&self) -> usize {
        let measured: usize = self.subject.parts.iter().map(|part| part.count).sum();
        let estimated = self
            .recalibration
            .as_ref()
            .map_or(0, |(part, _)| part.count);
        measured + estimated
    }
}

/// The training examples from which running statistics are estimated: whole batches of one size.
fn recalibration(settings: &Settings, subject: &Subject) -> anyhow::Result<Option<(Part, usize)>> {
    let data = &subject.data;
    let Some(Recalibrate { examples, batch }) = settings.recalibrate else {
        return Ok(None);
    };
    let split = Split::Train;
    ensure!(
        data.splits().contains(&split),
        "{}: --recalibrate-bn needs training examples, but there is no train split",
        settings.question.data.display()
    );
    let examples = examples.min(data.count(&split)?);
    // fewer examples than one batch are one
    let batch = batch.min(examples);
    let count = examples / batch * batch;
    Ok(Some((Part { split, count }, batch)))
}
