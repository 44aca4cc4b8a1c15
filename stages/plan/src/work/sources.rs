//! Models, data sets and directions, which surfaces share.

use std::collections::BTreeMap;

use super::File;
use crate::{
    config::{Config, Data, Directions, Model},
    settings::{options, picked, settings, word},
    sweep::Surface,
};

/// Settings of make-dirs, without the targets.
const OF_DIRECTIONS: [&str; 10] = [
    "seed",
    "dir_type",
    "xnorm",
    "xignore",
    "ynorm",
    "yignore",
    "same_dir",
    "orthonormal",
    "only",
    "except",
];

/// The models and data sets of a config, by their names there.
pub(super) struct Sources<'a> {
    models: BTreeMap<&'a str, File>,
    data: BTreeMap<&'a str, File>,
    directions: Option<&'a Directions>,
    /// The folder of everything that is made.
    folder: &'a str,
}

impl<'a> Sources<'a> {
    pub(super) fn new(config: &'a Config, folder: &'a str) -> Self {
        let mut models = BTreeMap::new();
        for (name, model) in &config.models {
            let name = name.as_str();
            models.insert(name, model_file(name, &model.value, folder));
        }
        let mut data = BTreeMap::new();
        for (name, set) in &config.data {
            let name = name.as_str();
            data.insert(name, data_file(name, &set.value, folder));
        }
        let directions = config.directions.as_ref();
        Self {
            models,
            data,
            directions: directions.map(|directions| &directions.value),
            folder,
        }
    }

    /// All models and data sets.
    pub(super) fn files(&self) -> Vec<File> {
        self.models
            .values()
            .chain(self.data.values())
            .cloned()
            .collect()
    }

    pub(super) fn model(&self, surface: &Surface) -> &File {
        &self.models[surface.settings["model"].as_str()]
    }

    pub(super) fn data(&self, surface: &Surface) -> &File {
        &self.data[surface.settings["data"].as_str()]
    }

    /// The models that directions lead to.
    pub(super) fn targets(&self) -> impl Iterator<Item = &File> {
        self.target_options().into_iter().map(|(_, model)| model)
    }

    /// The models that directions lead to, each with the option that names it.
    fn target_options(&self) -> Vec<(&'static str, &File)> {
        let mut targets = Vec::new();
        if let Some(directions) = self.directions {
            if let Some(target) = &directions.target {
                targets.push(("--target", &self.models[target.name()]));
            }
            if let Some(target) = &directions.target_y {
                targets.push(("--target-y", &self.models[target.name()]));
            }
        }
        targets
    }

    /// The checkpoints whose principal components are the axes; `check` has seen that patterns
    /// match.
    fn components(&self) -> Vec<String> {
        let patterns = self
            .directions
            .and_then(|directions| directions.pca.as_ref());
        let files = weights::files_of_run(patterns.map_or(&[], Vec::as_slice));
        let mut names = Vec::new();
        for file in files.unwrap_or_default() {
            names.push(file.display().to_string());
        }
        names
    }

    pub(super) fn directions(&self, surface: &Surface) -> File {
        if let Some(Directions {
            file: Some(file), ..
        }) = self.directions
        {
            return File::existing(file);
        }
        let model = self.model(surface);
        let has_y = surface.settings.contains_key("y");
        let mut command = vec!["make-dirs".into(), format!("--model={}", model.path)];
        command.push(format!("--dims={}", if has_y { 2 } else { 1 }));
        command.extend(options(&picked(&surface.settings, &OF_DIRECTIONS)));
        let mut needs = vec![model.path.clone()];
        for (option, target) in self.target_options() {
            command.push(format!("{option}={}", target.path));
            needs.push(target.path.clone());
        }
        for file in self.components() {
            command.push(format!("--pca={file}"));
            needs.push(file);
        }
        command.push("--quiet".into());
        let (folder, name) = (self.folder, &surface.directions);
        File::new(
            folder,
            &format!("directions-{name}"),
            &format!("{folder}/directions/{name}.h5"),
            needs,
            command,
        )
    }
}

fn model_file(name: &str, model: &Model, folder: &str) -> File {
    if let Some(file) = &model.file {
        return File::existing(file);
    }
    let mut command = vec!["import-model".into()];
    command.extend(options(&settings(model)));
    command.push("--quiet".into());
    let paths = [&model.program, &model.checkpoint].into_iter().flatten();
    File::new(
        folder,
        &format!("model-{name}"),
        &format!("{folder}/models/{name}.h5"),
        paths.map(|path| path.display().to_string()).collect(),
        command,
    )
}

fn data_file(name: &str, data: &Data, folder: &str) -> File {
    if let Some(file) = &data.file {
        return File::existing(file);
    }
    let mut command = vec!["import-data".to_string()];
    let mut needs = Vec::new();
    // `check` has seen that both are given
    if let (Some(format), Some(path)) = (&data.format, &data.path) {
        let path = path.display().to_string();
        command.extend([word(format), path.clone()]);
        needs.push(path);
    }
    command.extend(options(&settings(data)));
    command.push("--quiet".into());
    File::new(
        folder,
        &format!("data-{name}"),
        &format!("{folder}/data/{name}.h5"),
        needs,
        command,
    )
}
