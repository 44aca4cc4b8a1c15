use anyhow::ensure;
use evaluation::{Plane, Subject};
use files::{Contents, Directions, Header, Model, ModelFile, Note, Origin, Stored};
use serde_json::{Value, json};
use torch::IGNORED;

use crate::settings::Settings;

/// What is read, checked to belong together.
pub(crate) struct Inputs {
    pub(crate) subject: Subject,
    pub(crate) directions: Option<Stored<Directions>>,
    /// The headers of the models, a row for each.
    pub(crate) models: Vec<Header>,
}

impl Inputs {
    pub(crate) fn read(settings: &Settings) -> anyhow::Result<Self> {
        let subject = Subject::read(&settings.question)?;
        let directions = match &settings.place {
            Some(place) => Some(Directions::read(&place.directions)?),
            None => None,
        };
        if let Some(directions) = &directions {
            weights::check_directions(directions, &subject.model)?;
            let has_y = directions.y.is_some();
            let needs_y = settings.place.as_ref().is_some_and(|place| place.y != 0.0);
            ensure!(
                has_y || !needs_y,
                "{} has no y direction, but --y is given",
                directions.header.path.display()
            );
        }
        let mut models = Vec::with_capacity(settings.models.len());
        for path in &settings.models {
            models.push(ModelFile::open(path)?.check()?);
        }
        Ok(Self {
            subject,
            directions,
            models,
        })
    }

    /// The plane of the directions, or a point.
    pub(crate) fn plane(&self) -> Plane<'_> {
        let directions = self.directions.as_ref().map(|it| &it.contents);
        Plane::new(&self.subject, directions)
    }

    pub(crate) fn headers(&self) -> Vec<&Header> {
        let mut headers: Vec<&Header> = self.models.iter().collect();
        headers.push(&self.subject.data.header);
        headers.extend(self.directions.iter().map(|it| &it.header));
        headers
    }

    /// What the spectrum is measured of.
    pub(crate) fn origins(&self) -> Vec<(String, Origin)> {
        let mut origins = vec![
            ("model".to_string(), self.subject.model.header.origin()),
            ("data".to_string(), self.subject.data.header.origin()),
        ];
        if let Some(directions) = &self.directions {
            origins.push(("directions".to_string(), directions.header.origin()));
        }
        origins
    }

    /// How it is measured: everything that the values depend on, beside the files.
    pub(crate) fn settings(&self, settings: &Settings, batch: usize) -> Vec<(String, Note)> {
        let criterion = &settings.question.criterion;
        let wanted = &settings.wanted;
        let mut all: Vec<(&str, Note)> = vec![("loss", criterion.loss.name().into())];
        if criterion.ignored != IGNORED {
            all.push(("ignore_index", Note::Integer(criterion.ignored)));
        }
        if let Some(axis) = criterion.class_axis {
            all.push(("class_axis", Note::Text(axis.to_string())));
        }
        all.push(("precision", self.subject.program.precision().into()));
        if let Some(part) = self.subject.parts.first() {
            all.push(("split", part.split.name().into()));
            all.push(("examples", Note::Integer(part.count as i64)));
        }
        let bending = &settings.bending;
        all.push(("batch", Note::Integer(batch as i64)));
        all.push(("operator", bending.operator.name().into()));
        all.push(("parameters", Note::Text(bending.parameters.said())));
        all.push(("tolerance", Note::Real(wanted.tolerance)));
        all.push(("max_products", Note::Integer(wanted.max_products as i64)));
        all.push(("max_basis", Note::Integer(wanted.max_basis as i64)));
        all.push(("seed", Note::Integer(wanted.seed as i64)));
        if let Some(place) = &settings.place {
            all.push(("x", Note::Real(place.x)));
            all.push(("y", Note::Real(place.y)));
        }
        let mut named = Vec::with_capacity(all.len());
        for (name, value) in all {
            named.push((name.to_string(), value));
        }
        named
    }

    /// The first line of the journal: products of other settings are of no use.
    pub(crate) fn journal_settings(
        &self,
        settings: &Settings,
        told: &[(String, Note)],
    ) -> Vec<(String, Value)> {
        let mut lines = vec![("journal".to_string(), json!("hessian 1"))];
        for (role, origin) in self.origins() {
            lines.push((role, json!(origin.id)));
        }
        let mut ids = Vec::new();
        for model in &self.models {
            ids.push(model.id.as_str());
        }
        lines.push(("models".into(), json!(ids)));
        for (name, value) in told {
            let value = match value {
                Note::Text(text) => json!(text),
                Note::Integer(number) => json!(number),
                Note::Real(number) => json!(number),
            };
            lines.push((name.clone(), value));
        }
        let wanted = &settings.wanted;
        for (name, count) in [
            ("top", wanted.top),
            ("bottom", wanted.bottom),
            ("trace", wanted.probes),
            ("density", wanted.density_probes),
            ("density-steps", wanted.density_steps),
        ] {
            lines.push((name.into(), json!(count)));
        }
        lines
    }

    /// A checkpoint of the network with its data.
    pub(crate) fn checkpoint(&self, row: usize) -> anyhow::Result<Subject> {
        let header = &self.models[row];
        let model = Model::read(&header.path)?;
        ensure!(
            model.header.id == header.id,
            "{}: it was replaced while it was measured",
            header.path.display()
        );
        self.subject.with_model(model)
    }
}
