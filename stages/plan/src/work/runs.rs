//! Runs: trainings of the study, checkpoints that exist, and their trajectories.

use std::path::{Path, PathBuf};

use super::{File, sources::Sources};
use crate::{
    config::Training as Settings,
    settings::{options, settings},
    sweep::Surface,
};

/// A training, whose last checkpoint is a model of the study.
pub(crate) struct Training {
    /// The name of the model.
    pub(crate) name: String,
    /// The folder of the checkpoints.
    pub(crate) folder: String,
    /// The last checkpoint. The command is train and its arguments, without `--output-dir`.
    pub(crate) last: File,
    pub(crate) threads: usize,
    /// What its stamp tells: the command and the threads.
    pub(crate) stamped: Vec<String>,
}

/// The checkpoints of a model's run.
pub(super) struct Run {
    /// What matches them.
    pub(super) pattern: String,
    /// Files without which they are not all there.
    pub(super) needs: Vec<String>,
    /// How many there are.
    pub(super) count: usize,
}

impl Training {
    /// The training of a model; `program` is the model that it begins with.
    pub(super) fn new(
        name: &str,
        training: &Settings,
        data: &File,
        program: Option<&File>,
        folder: &str,
    ) -> Self {
        let mut command = vec!["train".to_string()];
        let mut needs = vec![data.path.clone()];
        if let Some(program) = program {
            command.push(format!("--program={}", program.path));
            needs.push(program.path.clone());
        }
        command.push(format!("--data={}", data.path));
        command.extend(options(&settings(training)));
        let threads = training.threads.map_or(1, usize::from);
        let mut stamped = vec![format!("OMP_NUM_THREADS={threads}")];
        stamped.extend(command.iter().cloned());
        let checkpoints = format!("{folder}/runs/{name}");
        let last = format!("{checkpoints}/model-{}.h5", training.epochs);
        Self {
            name: name.into(),
            folder: checkpoints,
            last: File::new(folder, &format!("train-{name}"), &last, needs, command),
            threads,
            stamped,
        }
    }

    /// What the training goes on from where it was interrupted.
    pub(crate) fn kept(&self) -> String {
        format!("{}/.resume.h5", self.folder)
    }
}

impl Run {
    /// The run of a training.
    pub(super) fn of_training(training: &Training, settings: &Settings) -> Self {
        let every = settings.save_every.unwrap_or_default();
        Self {
            // model-average.h5 is no checkpoint
            pattern: format!("{}/model-[0-9]*.h5", training.folder),
            needs: vec![training.last.path.clone()],
            count: every.checkpoints(settings.epochs),
        }
    }

    /// Checkpoints that exist.
    pub(super) fn existing(pattern: &Path) -> Self {
        let needs = files_of(&[pattern.into()]);
        Self {
            pattern: pattern.display().to_string(),
            count: needs.len(),
            needs,
        }
    }

    /// The file of the last checkpoint.
    pub(super) fn last(&self) -> File {
        File::existing(self.needs.last().map_or("", String::as_str))
    }
}

/// The checkpoints that match patterns, in the order of training; `check` has seen that there are
/// some.
pub(super) fn files_of(patterns: &[PathBuf]) -> Vec<String> {
    let mut names = Vec::new();
    for file in weights::files_of_run(patterns).unwrap_or_default() {
        names.push(file.display().to_string());
    }
    names
}

/// A trajectory and the number of its checkpoints.
#[derive(Clone)]
pub(super) struct Projected {
    pub(super) file: File,
    pub(super) count: usize,
}

impl Sources<'_> {
    /// The trajectory of a surface, on the plane of its directions; `None` where it has none.
    pub(super) fn trajectory(&self, surface: &Surface, directions: &File) -> Option<Projected> {
        let runs = self.runs_with(surface);
        if runs.is_empty() || !self.config.wants_trajectories() {
            return None;
        }
        let model = self.model(surface);
        let mut command = vec!["project".to_string()];
        command.push(format!("--model={}", model.path));
        command.push(format!("--directions={}", directions.path));
        let mut needs = vec![model.path.clone(), directions.path.clone()];
        let mut count = 0;
        for (name, run) in runs {
            command.push(format!("--run={name}={}", run.pattern));
            needs.extend(run.needs.iter().cloned());
            count += run.count;
        }
        if let Some(trajectory) = &self.config.trajectory {
            command.extend(options(&settings(&trajectory.value)));
        }
        command.push("--quiet".into());
        let name = &surface.directions;
        let file = File::new(
            self.folder,
            &format!("trajectory-{name}"),
            &format!("{}/trajectories/{name}.h5", self.folder),
            needs,
            command,
        );
        Some(Projected { file, count })
    }
}
