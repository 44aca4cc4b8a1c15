//! Pictures, meshes and tables: of one surface, and of all.

use super::{File, Shards};
use crate::{
    config::{Overview, Picture, Plot},
    settings::{options, settings, word},
};

impl File {
    pub(super) fn of_picture(picture: &Picture, surface: &str, merged: &str, folder: &str) -> Self {
        let plot = picture.plot;
        let mut command = vec![plot.stage().to_string(), merged.into()];
        command.extend(plot.option());
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
            vec![merged.into()],
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
