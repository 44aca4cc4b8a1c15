//! Pictures, meshes and tables: of one surface, and of all.

use super::{File, Shards, runs::Projected};
use crate::{
    config::{Overview, Picture, Plot},
    settings::{options, settings, word},
};

/// What pictures of a surface show.
pub(super) struct Shown {
    surface: String,
    /// Trajectories on it: measured ones where there are some.
    trajectories: Vec<String>,
}

impl Shown {
    pub(super) fn new(surface: &str, trajectory: Option<&Projected>, measured: &[Shards]) -> Self {
        let mut trajectories: Vec<String> = measured.iter().map(|it| it.surface.clone()).collect();
        if trajectories.is_empty() {
            trajectories.extend(trajectory.map(|trajectory| trajectory.file.path.clone()));
        }
        Self {
            surface: surface.into(),
            trajectories,
        }
    }

    /// The files that a plot is drawn of.
    fn files(&self, plot: Plot) -> Vec<String> {
        match plot.is_of_runs() {
            true => self.trajectories.clone(),
            false => vec![self.surface.clone()],
        }
    }
}

impl File {
    pub(super) fn of_picture(
        picture: &Picture,
        surface: &str,
        shown: &Shown,
        folder: &str,
    ) -> Self {
        let plot = picture.plot;
        let mut needs = shown.files(plot);
        let mut command = vec![plot.stage().to_string()];
        command.extend(needs.iter().cloned());
        command.extend(plot.option());
        if picture.trajectory == Some(true) {
            for file in &shown.trajectories {
                command.push(format!("--trajectory={file}"));
                needs.push(file.clone());
            }
        }
        command.extend(options(&settings(picture)));
        command.push("--quiet".into());
        let form = word(&plot.form(picture.format));
        let name = match &picture.name {
            Some(name) => name.to_string(),
            None => word(&plot),
        };
        let file = format!("{surface}-{name}.{form}");
        File::new(
            folder,
            &format!("picture-{file}"),
            &format!("{folder}/pictures/{file}"),
            needs,
            command,
        )
    }

    /// The picture of all surfaces, which have these titles.
    pub(super) fn of_overview(
        overview: &Overview,
        surfaces: &[Shards],
        titles: &[String],
        folder: &str,
    ) -> Self {
        let plot = overview.plot;
        let surfaces: Vec<String> = surfaces.iter().map(|it| it.surface.clone()).collect();
        let mut command = vec!["render".to_string()];
        command.extend(surfaces.iter().cloned());
        command.extend(plot.option());
        // several curves in one picture have no panels, and one surface has its own title
        if plot != Plot::Repeats && surfaces.len() > 1 {
            for title in titles {
                command.push(format!("--panel-title={title}"));
            }
        }
        command.extend(options(&settings(overview)));
        command.push("--quiet".into());
        let path = format!("{folder}/overview.{}", word(&plot.form(overview.format)));
        File::new(folder, "overview", &path, surfaces, command)
    }
}
