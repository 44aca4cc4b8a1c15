use anyhow::ensure;
use evaluation::{Models, Plane, Subject, settings_of};
use files::{Contents, Directions, Header, Note, Origin, Stored};
use schedule::Setting;
use serde_json::json;

use crate::settings::Settings;

/// What is read, checked to belong together.
pub(crate) struct Inputs {
    /// The models, a row for each, with their data.
    pub(crate) models: Models,
    pub(crate) directions: Option<Stored<Directions>>,
}

impl Inputs {
    pub(crate) fn read(settings: &Settings) -> anyhow::Result<Self> {
        let models = Models::read(&settings.question, &settings.models)?;
        let directions = match &settings.place {
            Some(place) => Some(Directions::read(&place.directions)?),
            None => None,
        };
        if let Some(directions) = &directions {
            weights::check_directions(directions, &models.subject.model)?;
            let has_y = directions.y.is_some();
            let needs_y = settings.place.as_ref().is_some_and(|place| place.y != 0.0);
            ensure!(
                has_y || !needs_y,
                "{} has no y direction, but --y is given",
                directions.header.path.display()
            );
        }
        Ok(Self { models, directions })
    }

    /// The last of the models with the data.
    pub(crate) fn subject(&self) -> &Subject {
        &self.models.subject
    }

    /// The plane of the directions, or a point.
    pub(crate) fn plane(&self) -> Plane<'_> {
        let directions = self.directions.as_ref().map(|it| &it.contents);
        Plane::new(self.subject(), directions)
    }

    pub(crate) fn headers(&self) -> Vec<&Header> {
        let mut headers = self.models.all_headers();
        headers.extend(self.directions.iter().map(|it| &it.header));
        headers
    }

    /// What the spectrum is measured of.
    pub(crate) fn origins(&self) -> Vec<(String, Origin)> {
        let mut origins = self.models.origins();
        if let Some(directions) = &self.directions {
            origins.push(("directions".to_string(), directions.header.origin()));
        }
        origins
    }

    /// How it is measured: everything that the values depend on, beside the files.
    pub(crate) fn settings(&self, settings: &Settings, batch: usize) -> Vec<(String, Note)> {
        let wanted = &settings.wanted;
        let bending = &settings.bending;
        let mut own: Vec<(&str, Note)> = vec![
            ("operator", bending.operator.name().into()),
            ("parameters", Note::Text(bending.parameters.said())),
            ("tolerance", Note::Real(wanted.tolerance)),
            ("max_products", Note::Integer(wanted.max_products as i64)),
            ("max_basis", Note::Integer(wanted.max_basis as i64)),
            ("seed", Note::Integer(wanted.seed as i64)),
        ];
        if let Some(place) = &settings.place {
            own.push(("x", Note::Real(place.x)));
            own.push(("y", Note::Real(place.y)));
        }
        let mut all = self.models.settings(batch);
        for (name, value) in own {
            all.push((name.to_string(), value));
        }
        all
    }

    /// What products depend on, beside the models and the data: those of other settings are of no
    /// use.
    pub(crate) fn journal_settings(
        &self,
        settings: &Settings,
        told: &[(String, Note)],
    ) -> Vec<Setting> {
        let mut lines = settings_of(told);
        if let Some(directions) = &self.directions {
            lines.push(("directions".into(), json!(directions.header.id)));
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
}
