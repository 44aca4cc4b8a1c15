//! Models, data sets and directions, which surfaces share.

use std::collections::BTreeMap;

use super::{
    File,
    runs::{self, Run, Training},
};
use crate::{
    config::{Config, Data, Directions, Model, Pca, Runs, Training as TrainingSettings},
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
    trainings: Vec<Training>,
    runs: BTreeMap<&'a str, Run>,
    data: BTreeMap<&'a str, File>,
    directions: Option<&'a Directions>,
    pub(super) config: &'a Config,
    /// The folder of everything that is made.
    pub(super) folder: &'a str,
}

impl<'a> Sources<'a> {
    pub(super) fn new(config: &'a Config, folder: &'a str) -> Self {
        let directions = config.directions.as_ref();
        let mut sources = Self {
            models: BTreeMap::new(),
            trainings: Vec::new(),
            runs: BTreeMap::new(),
            data: BTreeMap::new(),
            directions: directions.map(|directions| &directions.value),
            config,
            folder,
        };
        for (name, set) in &config.data {
            let name = name.as_str();
            sources
                .data
                .insert(name, data_file(name, &set.value, folder));
        }
        for (name, model) in &config.models {
            sources.add_model(name.as_str(), &model.value);
        }
        // after the models with which they begin
        for (name, model) in &config.models {
            if let Some(training) = &model.value.train {
                sources.add_training(name.as_str(), training);
            }
        }
        sources
    }

    /// Adds a model that is not trained here.
    fn add_model(&mut self, name: &'a str, model: &Model) {
        if let Some(pattern) = &model.run {
            let run = Run::existing(pattern);
            self.models.insert(name, run.last());
            self.runs.insert(name, run);
        } else if model.train.is_none() {
            self.models
                .insert(name, model_file(name, model, self.folder));
        }
    }

    fn add_training(&mut self, name: &'a str, settings: &TrainingSettings) {
        let data = &self.data[self.config.data_of(settings)];
        let program = settings.program.as_ref();
        let program = program.map(|program| &self.models[program.name()]);
        let training = Training::new(name, settings, data, program, self.folder);
        self.models
            .insert(name, File::existing(&training.last.path));
        self.runs
            .insert(name, Run::of_training(&training, settings));
        self.trainings.push(training);
    }

    /// All data sets, and the models that are imported.
    pub(super) fn files(&self) -> Vec<File> {
        self.models
            .values()
            .chain(self.data.values())
            .cloned()
            .collect()
    }

    /// The trainings of the study.
    pub(super) fn into_trainings(self) -> Vec<Training> {
        self.trainings
    }

    pub(super) fn trainings(&self) -> &[Training] {
        &self.trainings
    }

    pub(super) fn model(&self, surface: &Surface) -> &File {
        &self.models[surface.settings["model"].as_str()]
    }

    pub(super) fn data(&self, surface: &Surface) -> &File {
        &self.data[surface.settings["data"].as_str()]
    }

    /// The runs that are drawn on a surface, by the names of their models.
    pub(super) fn runs_with<'s>(&'s self, surface: &'s Surface) -> Vec<(&'s str, &'s Run)> {
        let mut runs = Vec::new();
        for name in self.config.runs_with(&surface.settings["model"]) {
            runs.push((name, &self.runs[name]));
        }
        runs
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

    /// The checkpoints whose principal components are the axes, and the files that they need.
    fn components(&self, surface: &Surface) -> (Vec<String>, Vec<String>) {
        let (mut patterns, mut needs) = (Vec::new(), Vec::new());
        let pca = self
            .directions
            .and_then(|directions| directions.pca.as_ref());
        match pca {
            None => {}
            Some(Pca::Files(files)) => {
                patterns = runs::files_of(files);
                needs = patterns.clone();
            }
            Some(Pca::Of(whose)) => {
                let own = surface.settings["model"].as_str();
                let names = match whose {
                    Runs::Run => vec![own],
                    Runs::Runs => self.config.runs_with(own),
                };
                for name in names {
                    let run = &self.runs[name];
                    patterns.push(run.pattern.clone());
                    needs.extend(run.needs.iter().cloned());
                }
            }
        }
        (patterns, needs)
    }

    pub(super) fn directions(&self, surface: &Surface) -> File {
        if let Some(Directions {
            file: Some(file), ..
        }) = self.directions
        {
            return File::existing(&file.display().to_string());
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
        let (patterns, files) = self.components(surface);
        for pattern in patterns {
            command.push(format!("--pca={pattern}"));
        }
        needs.extend(files);
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
        return File::existing(&file.display().to_string());
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
        return File::existing(&file.display().to_string());
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
