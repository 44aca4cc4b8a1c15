//! The files of a study: what each is made from, and by which command.

mod drawn;
mod measured;
mod runs;
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::ensure;

use crate::{
    config::Config,
    settings::Settings,
    sweep::{Surface, titles},
};
use measured::Inputs;
pub(crate) use runs::Training;
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

/// The parts of a surface, or of a trajectory that is measured.
pub(crate) struct Shards {
    pub(crate) name: String,
    /// The folder in which `I-of-COUNT.h5` are made.
    pub(crate) folder: String,
    pub(crate) count: usize,
    pub(crate) needs: Vec<String>,
    /// eval-grid and its arguments, without `--shard`, `--jobs` and `--output`.
    pub(crate) command: Vec<String>,
    pub(crate) stamp: String,
    /// The merged surface or trajectory.
    pub(crate) surface: String,
    /// The measured trajectories that its pictures show.
    pub(crate) trajectories: Vec<Shards>,
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
    /// Models and data sets that are imported.
    pub(crate) imports: Vec<File>,
    pub(crate) trainings: Vec<Training>,
    /// Directions and trajectories, each before what needs it.
    pub(crate) planes: Vec<File>,
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
        let mut planes = Planes::default();
        let mut timed: BTreeMap<String, File> = BTreeMap::new();
        let mut shards = Vec::new();
        let mut used: BTreeSet<String> = BTreeSet::new();
        used.extend(sources.targets().map(|target| target.path.clone()));
        for surface in surfaces {
            let (model, data) = (sources.model(surface), sources.data(surface));
            used.extend([model.path.clone(), data.path.clone()]);
            let directions = planes.add(sources.directions(surface))?;
            let trajectory = sources.trajectory(surface, &directions);
            if let Some(trajectory) = &trajectory {
                used.extend(trajectory.file.needs.iter().cloned());
                planes.add(trajectory.file.clone())?;
            }
            let inputs = Inputs {
                model,
                data,
                directions: &directions,
                trajectory: trajectory.as_ref(),
            };
            let measured = Shards::new(config, surface, inputs, folder);
            if !timed.contains_key(&measured.timed) {
                timed.insert(measured.timed.clone(), measured.one_point());
            }
            shards.push(measured);
        }

        for training in sources.trainings() {
            if used.contains(&training.last.path) {
                used.extend(training.last.needs.iter().cloned());
            }
        }
        let mut imports = sources.files();
        imports.retain(|file| used.contains(&file.path) && !file.command.is_empty());
        let mut trainings = sources.into_trainings();
        trainings.retain(|training| used.contains(&training.last.path));
        let overview = config
            .overview
            .as_ref()
            .map(|overview| File::of_overview(&overview.value, &shards, &titles(surfaces), folder));
        let work = Self {
            imports,
            trainings,
            planes: planes.into_files(),
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
        let mut made: Vec<Made> = self.imports.iter().map(File::made).collect();
        for training in &self.trainings {
            let command = &training.stamped;
            made.push(Made {
                command,
                ..training.last.made()
            });
        }
        made.extend(self.planes.iter().map(File::made));
        made.extend(self.pictures().map(File::made));
        for measured in self.measured() {
            made.push(Made {
                path: &measured.surface,
                stamp: &measured.stamp,
                command: &measured.command,
                needs: &measured.needs,
            });
        }
        made
    }

    /// Surfaces and measured trajectories, each trajectory after its surface.
    pub(crate) fn measured(&self) -> Vec<&Shards> {
        let mut measured = Vec::new();
        for surface in &self.surfaces {
            measured.push(surface);
            measured.extend(&surface.trajectories);
        }
        measured
    }

    /// Files that a command of a stage makes, in one job: all but trainings and shards.
    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        let before = self.imports.iter().chain(&self.planes);
        before.chain(&self.timed).chain(self.pictures())
    }

    /// The pictures of each surface, and that of all.
    pub(crate) fn pictures(&self) -> impl Iterator<Item = &File> {
        let pictures = self.surfaces.iter().flat_map(|it| &it.pictures);
        pictures.chain(&self.overview)
    }
}

/// Directions and trajectories, which surfaces share.
#[derive(Default)]
struct Planes {
    files: Vec<File>,
    /// The place of each path among the files.
    places: BTreeMap<String, usize>,
}

impl Planes {
    /// Adds a file, unless it is there.
    ///
    /// # Errors
    /// Another command makes the same file: names such as a_seed-2 have two meanings.
    fn add(&mut self, file: File) -> anyhow::Result<File> {
        match self.places.get(&file.path) {
            Some(place) => ensure!(
                self.files[*place].command == file.command,
                twice(&file.path)
            ),
            None => {
                self.places.insert(file.path.clone(), self.files.len());
                self.files.push(file.clone());
            }
        }
        Ok(file)
    }

    /// The files that a command makes, directions before the trajectories on them.
    fn into_files(self) -> Vec<File> {
        let mut files = self.files;
        files.retain(|file| !file.command.is_empty());
        files
    }
}

/// The error of two files that would have one name.
fn twice(path: &str) -> String {
    format!("{path} would be made in two ways: give a picture, a model or a data set another name")
}

impl File {
    fn new(
        folder: &str,
        name: &str,
        path: &str,
        mut needs: Vec<String>,
        command: Vec<String>,
    ) -> Self {
        let mut named = BTreeSet::new();
        needs.retain(|need| named.insert(need.clone()));
        Self {
            path: path.into(),
            needs,
            command,
            stamp: format!("{folder}/commands/{name}.txt"),
        }
    }

    /// A file that no command of the study makes.
    fn existing(path: &str) -> Self {
        Self {
            path: path.into(),
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
