//! The files of a study: what each is made from, and by which command.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::ensure;

use crate::{
    config::{Config, Data, Model},
    pictures::{Overview, Picture, Plot},
    sweep::{self, Settings, Surface, settings},
};

/// Settings of eval-grid that decide what is measured.
const MEASURED: [&str; 8] = [
    "split",
    "loss",
    "ignore_index",
    "class_axis",
    "batch",
    "limit",
    "precision",
    "stop_above",
];

/// A file, and the command that makes it; paths are those of the folder in which plan ran.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) path: String,
    /// What it is made from.
    pub(crate) needs: Vec<String>,
    /// A stage and its arguments, without `--output`.
    pub(crate) command: Vec<String>,
    /// The name of the file that holds the command: it changes when the command does.
    pub(crate) stamp: String,
}

/// The parts of a surface.
pub(crate) struct Shards {
    pub(crate) name: String,
    /// The folder in which `I-of-COUNT.h5` are made.
    pub(crate) folder: String,
    pub(crate) count: usize,
    pub(crate) needs: Vec<String>,
    /// eval-grid and its arguments, without `--shard`, `--jobs` and `--output`.
    pub(crate) command: Vec<String>,
    pub(crate) stamp: String,
    /// The merged surface.
    pub(crate) surface: String,
    pub(crate) pictures: Vec<File>,
    pub(crate) points: usize,
    /// The data set, and the settings that its measured examples depend on.
    pub(crate) data: String,
    pub(crate) settings: Settings,
    /// The file of a timed point.
    pub(crate) timed: String,
}

/// All work of a study.
pub(crate) struct Work {
    /// Models, data sets and directions, each before what needs it.
    pub(crate) shared: Vec<File>,
    pub(crate) surfaces: Vec<Shards>,
    /// A measurement of one point for each kind of surface.
    pub(crate) timed: Vec<File>,
    pub(crate) overview: Option<File>,
    /// Points that a shard measures at once.
    pub(crate) jobs: Option<usize>,
}

impl Work {
    /// The work of these surfaces, whose files lie in a folder.
    ///
    /// # Errors
    /// Two of the files have one name.
    pub(crate) fn new(config: &Config, surfaces: &[Surface], folder: &str) -> anyhow::Result<Self> {
        let models: BTreeMap<&str, File> = config
            .models
            .iter()
            .map(|(name, model)| {
                (
                    name.as_str(),
                    model_file(name.as_str(), &model.value, folder),
                )
            })
            .collect();
        let data: BTreeMap<&str, File> = config
            .data
            .iter()
            .map(|(name, data)| (name.as_str(), data_file(name.as_str(), &data.value, folder)))
            .collect();
        let mut directions: BTreeMap<String, File> = BTreeMap::new();
        let mut used: BTreeSet<&str> = BTreeSet::new();
        let mut timed: BTreeMap<String, File> = BTreeMap::new();
        let mut shards = Vec::new();
        for surface in surfaces {
            let [model, data] = [
                &models[surface.settings["model"].as_str()],
                &data[surface.settings["data"].as_str()],
            ];
            used.extend([model.path.as_str(), data.path.as_str()]);
            let file = directions_file(config, surface, model, &models, folder);
            let made = directions.entry(file.path.clone()).or_insert(file.clone());
            // several surfaces may have the same directions, but names such as a_seed-2 have two meanings
            ensure!(made.command == file.command, twice(&file.path));
            used.extend(
                targets(config)
                    .filter_map(|name| models.get(name))
                    .map(|target| target.path.as_str()),
            );
            let shards_of = measured(config, surface, [model, data, made], folder);
            timed
                .entry(shards_of.timed.clone())
                .or_insert_with(|| one_point(&shards_of, surface));
            shards.push(shards_of);
        }
        let shared = models
            .values()
            .chain(data.values())
            .filter(|file| used.contains(file.path.as_str()));
        let mut shared: Vec<File> = shared
            .filter(|file| !file.command.is_empty())
            .cloned()
            .collect();
        shared.extend(
            directions
                .into_values()
                .filter(|file| !file.command.is_empty()),
        );
        let titles = sweep::titles(surfaces);
        let overview = config.overview.as_ref();
        let overview = overview.map(|all| overview_file(&all.value, &shards, &titles, folder));
        let jobs = config.evaluate.jobs.map(usize::from);
        let work = Self {
            shared,
            surfaces: shards,
            timed: timed.into_values().collect(),
            overview,
            jobs,
        };
        let mut paths = BTreeSet::new();
        for made in work.made() {
            ensure!(paths.insert(made.path), twice(made.path));
        }
        Ok(work)
    }

    /// All that is made by a command with a stamp.
    pub(crate) fn made(&self) -> Vec<Made<'_>> {
        let mut made = Vec::new();
        let pictures = self.surfaces.iter().flat_map(|surface| &surface.pictures);
        for file in self.shared.iter().chain(pictures).chain(&self.overview) {
            made.push(Made {
                path: &file.path,
                stamp: &file.stamp,
                command: &file.command,
                needs: &file.needs,
            });
        }
        for surface in &self.surfaces {
            made.push(Made {
                path: &surface.surface,
                stamp: &surface.stamp,
                command: &surface.command,
                needs: &surface.needs,
            });
        }
        made
    }
}

/// The error of two files that would have one name.
fn twice(path: &str) -> String {
    format!("{path} would be made in two ways: give a picture, a model or a data set another name")
}

/// Something that is made, and what its stamp tells.
pub(crate) struct Made<'a> {
    pub(crate) path: &'a str,
    pub(crate) stamp: &'a str,
    pub(crate) command: &'a [String],
    pub(crate) needs: &'a [String],
}

impl File {
    fn new(folder: &str, name: &str, path: &str, needs: Vec<String>, command: Vec<String>) -> Self {
        Self {
            path: path.into(),
            needs,
            command,
            stamp: format!("{folder}/commands/{name}.txt"),
        }
    }

    /// What is there and made by nobody here.
    fn there(path: &Path) -> Self {
        Self {
            path: path.display().to_string(),
            needs: Vec::new(),
            command: Vec::new(),
            stamp: String::new(),
        }
    }
}

fn model_file(name: &str, model: &Model, folder: &str) -> File {
    if let Some(file) = &model.file {
        return File::there(file);
    }
    let mut command = vec!["import-model".into()];
    command.extend(options(&settings(model)));
    command.push("--quiet".into());
    let needs = [&model.program, &model.checkpoint]
        .into_iter()
        .flatten()
        .map(|path| path.display().to_string())
        .collect();
    File::new(
        folder,
        &format!("model-{name}"),
        &format!("{folder}/models/{name}.h5"),
        needs,
        command,
    )
}

fn data_file(name: &str, data: &Data, folder: &str) -> File {
    if let Some(file) = &data.file {
        return File::there(file);
    }
    let path = data
        .path
        .as_ref()
        .map_or_else(String::new, |path| path.display().to_string());
    let mut command = vec![
        "import-data".into(),
        data.format.map_or_else(String::new, |format| word(&format)),
        path.clone(),
    ];
    command.extend(options(&settings(data)));
    command.push("--quiet".into());
    File::new(
        folder,
        &format!("data-{name}"),
        &format!("{folder}/data/{name}.h5"),
        vec![path],
        command,
    )
}

fn targets(config: &Config) -> impl Iterator<Item = &str> {
    let directions = config.directions.iter().map(|directions| &directions.value);
    directions
        .flat_map(|directions| [&directions.target, &directions.target_y])
        .flatten()
        .map(|target| target.name())
}

fn directions_file(
    config: &Config,
    surface: &Surface,
    model: &File,
    models: &BTreeMap<&str, File>,
    folder: &str,
) -> File {
    let given = config
        .directions
        .as_ref()
        .map(|directions| &directions.value);
    if let Some(file) = given.and_then(|directions| directions.file.as_ref()) {
        return File::there(file);
    }
    let mut command = vec!["make-dirs".into(), format!("--model={}", model.path)];
    let dims = if surface.settings.contains_key("y") {
        2
    } else {
        1
    };
    command.push(format!("--dims={dims}"));
    let keys = [
        "seed", "dir_type", "xnorm", "xignore", "ynorm", "yignore", "same_dir",
    ];
    command.extend(options(&picked(&surface.settings, &keys)));
    let mut needs = vec![model.path.clone()];
    for (option, target) in [
        ("--target", given.and_then(|d| d.target.as_ref())),
        ("--target-y", given.and_then(|d| d.target_y.as_ref())),
    ] {
        if let Some(target) = target {
            let path = &models[target.name()].path;
            command.push(format!("{option}={path}"));
            needs.push(path.clone());
        }
    }
    command.push("--quiet".into());
    let name = &surface.directions;
    File::new(
        folder,
        &format!("directions-{name}"),
        &format!("{folder}/directions/{name}.h5"),
        needs,
        command,
    )
}

fn measured(config: &Config, surface: &Surface, inputs: [&File; 3], folder: &str) -> Shards {
    let name = &surface.name;
    let mut command = vec!["eval-grid".to_string()];
    for (option, input) in ["--model", "--data", "--directions"].iter().zip(inputs) {
        command.push(format!("{option}={}", input.path));
    }
    let axes = ["x", "y"]
        .map(|axis| surface.settings.get(axis))
        .into_iter()
        .flatten();
    let count = |axis: &String| axis.parse::<grid::Axis>().map_or(0, |axis| axis.count());
    let points = axes.map(count).product();
    command.extend(options(&picked(&surface.settings, &["x", "y"])));
    command.extend(options(&picked(&surface.settings, &MEASURED)));
    command.extend(options(&picked(
        &surface.settings,
        &["device", "data_memory"],
    )));
    let merged = format!("{folder}/surfaces/{name}.h5");
    let pictures = config
        .pictures
        .iter()
        .map(|picture| picture_file(&picture.value, name, &merged, folder))
        .collect();
    let kind: Vec<&str> = ["model", "data"]
        .iter()
        .chain(&MEASURED)
        .filter_map(|key| surface.settings.get(*key))
        .map(String::as_str)
        .collect();
    // joined by what no name holds, so that a-b of c and a of b-c are two
    let kind = kind.join("+").replace(
        |c: char| !(c.is_ascii_alphanumeric() || "._-+".contains(c)),
        "_",
    );
    Shards {
        name: name.clone(),
        folder: format!("{folder}/shards/{name}"),
        count: config.evaluate.shards.map_or(1, usize::from).min(points),
        needs: inputs.map(|input| input.path.clone()).to_vec(),
        command,
        stamp: format!("{folder}/commands/shards-{name}.txt"),
        surface: merged,
        pictures,
        points,
        data: inputs[1].path.clone(),
        settings: surface.settings.clone(),
        timed: format!("{folder}/timed/{kind}.h5"),
    }
}

/// One point of a surface, to learn what a point costs.
fn one_point(shards: &Shards, surface: &Surface) -> File {
    let mut command: Vec<String> = shards
        .command
        .iter()
        .filter(|word| !word.starts_with("--x=") && !word.starts_with("--y="))
        .cloned()
        .collect();
    command.push("--x=0:0:1".into());
    if surface.settings.contains_key("y") {
        command.push("--y=0:0:1".into());
    }
    command.extend(["--jobs=1".into(), "--quiet".into()]);
    let stamp = shards.stamp.clone();
    File {
        path: shards.timed.clone(),
        needs: shards.needs.clone(),
        command,
        stamp,
    }
}

fn picture_file(picture: &Picture, surface: &str, merged: &str, folder: &str) -> File {
    let mut command = vec![picture.plot.stage().to_string(), merged.into()];
    command.extend(plot_option(picture.plot));
    command.extend(options(&settings(picture)));
    command.push("--quiet".into());
    let form = word(&picture.format.unwrap_or(picture.plot.forms()[0]));
    let name = picture
        .name
        .as_ref()
        .map_or_else(|| word(&picture.plot), ToString::to_string);
    let (stamp, path) = (
        format!("picture-{surface}-{name}.{form}"),
        format!("{folder}/pictures/{surface}-{name}.{form}"),
    );
    File::new(folder, &stamp, &path, vec![merged.into()], command)
}

/// What tells render what to draw; a page, a mesh and a table need nothing.
fn plot_option(plot: Plot) -> Option<String> {
    let drawn = plot.stage() == "render" && plot != Plot::Page;
    drawn.then(|| format!("--plot={}", word(&plot)))
}

/// The picture of all surfaces.
fn overview_file(
    overview: &Overview,
    surfaces: &[Shards],
    titles: &[String],
    folder: &str,
) -> File {
    let surfaces: Vec<String> = surfaces
        .iter()
        .map(|surface| surface.surface.clone())
        .collect();
    let mut command = vec!["render".to_string()];
    command.extend(surfaces.iter().cloned());
    command.extend(plot_option(overview.plot));
    // several curves in one picture have no panels, and one surface has its own title
    if overview.plot != Plot::Repeats && surfaces.len() > 1 {
        command.extend(titles.iter().map(|title| format!("--panel-title={title}")));
    }
    command.extend(options(&settings(overview)));
    command.push("--quiet".into());
    let path = format!(
        "{folder}/overview.{}",
        word(&overview.format.unwrap_or(overview.plot.forms()[0]))
    );
    File::new(folder, "overview", &path, surfaces, command)
}

/// A choice as it is written.
pub(crate) fn word(choice: &impl serde::Serialize) -> String {
    serde_json::to_value(choice)
        .ok()
        .and_then(|word| word.as_str().map(ToString::to_string))
        .unwrap_or_default()
}

fn picked(settings: &Settings, keys: &[&str]) -> Settings {
    settings
        .iter()
        .filter(|(key, _)| keys.contains(&key.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

/// Settings as options of a command line.
fn options(settings: &Settings) -> impl Iterator<Item = String> {
    settings.iter().filter_map(|(key, value)| {
        let option = key.replace('_', "-");
        match value.as_str() {
            "true" => Some(format!("--{option}")),
            "false" => None,
            value => Some(format!("--{option}={value}")),
        }
    })
}
