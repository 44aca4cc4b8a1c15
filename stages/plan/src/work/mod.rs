//! The files of a study: what each is made from, and by which command.

mod drawn;
mod measured;
mod sources;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::ensure;

use crate::{
    config::Config,
    settings::Settings,
    sweep::{Surface, titles},
};
use measured::Inputs;
use sources::Sources;

/// A file, and the command that makes it; paths are those of the folder in which plan ran.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) path: String,
    /// What it is made from.
    pub(crate) needs: Vec<String>,
    /// A stage and its arguments, without `--output`; empty where the file exists already.
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

/// Something that is made, and what its stamp tells.
pub(crate) struct Made<'a> {
    pub(crate) path: &'a str,
    pub(crate) stamp: &'a str,
    pub(crate) command: &'a [String],
    pub(crate) needs: &'a [String],
}

impl Work {
    /// The work of these surfaces, whose files lie in a folder.
    ///
    /// # Errors
    /// Two of the files have one name.
    pub(crate) fn new(config: &Config, surfaces: &[Surface], folder: &str) -> anyhow::Result<Self> {
        let sources = Sources::new(config, folder);
        let mut directions: BTreeMap<String, File> = BTreeMap::new();
        let mut timed: BTreeMap<String, File> = BTreeMap::new();
        let mut shards = Vec::new();
        let mut used: BTreeSet<&str> = BTreeSet::new();
        used.extend(sources.targets().map(|target| target.path.as_str()));
        for surface in surfaces {
            let (model, data) = (sources.model(surface), sources.data(surface));
            used.extend([model.path.as_str(), data.path.as_str()]);
            let file = sources.directions(surface);
            let made = directions.entry(file.path.clone());
            let made = made.or_insert_with(|| file.clone());
            // several surfaces may have the same directions, but names such as a_seed-2 have two
            // meanings
            ensure!(made.command == file.command, twice(&file.path));
            let inputs = Inputs {
                model,
                data,
                directions: made,
            };
            let measured = Shards::new(config, surface, inputs, folder);
            if !timed.contains_key(&measured.timed) {
                timed.insert(measured.timed.clone(), measured.one_point());
            }
            shards.push(measured);
        }

        let mut shared = sources.files();
        shared.retain(|file| used.contains(file.path.as_str()));
        shared.extend(directions.into_values());
        shared.retain(|file| !file.command.is_empty());
        let overview = config
            .overview
            .as_ref()
            .map(|overview| File::of_overview(&overview.value, &shards, &titles(surfaces), folder));
        let work = Self {
            shared,
            surfaces: shards,
            timed: timed.into_values().collect(),
            overview,
            jobs: config.evaluate.jobs.map(usize::from),
        };
        let mut paths = BTreeSet::new();
        for made in work.made() {
            ensure!(paths.insert(made.path), twice(made.path));
        }
        Ok(work)
    }

    /// All that is made by a command with a stamp.
    pub(crate) fn made(&self) -> Vec<Made<'_>> {
        let mut made: Vec<Made> = self.shared.iter().map(File::made).collect();
        made.extend(self.pictures().map(File::made));
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

    /// The pictures of each surface, and that of all.
    pub(crate) fn pictures(&self) -> impl Iterator<Item = &File> {
        let pictures = self.surfaces.iter().flat_map(|it| &it.pictures);
        pictures.chain(&self.overview)
    }
}

/// The error of two files that would have one name.
fn twice(path: &str) -> String {
    format!("{path} would be made in two ways: give a picture, a model or a data set another name")
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

    /// A file that no command of the study makes.
    fn existing(path: &Path) -> Self {
        Self {
            path: path.display().to_string(),
            needs: Vec::new(),
            command: Vec::new(),
            stamp: String::new(),
        }
    }

    fn made(&self) -> Made<'_> {
        Made {
            path: &self.path,
            stamp: &self.stamp,
            command: &self.command,
            needs: &self.needs,
        }
    }
}
