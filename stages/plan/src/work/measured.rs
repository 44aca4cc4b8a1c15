//! What is measured: surfaces in shards, trajectories, and single points that are timed.

use super::{File, Shards, drawn::Shown, runs::Projected};
use crate::{
    config::{Config, Measured},
    settings::{options, picked},
    sweep::Surface,
    values,
};

/// Settings of eval-grid that decide what is measured.
const MEASURED: [&str; 18] = [
    "split",
    "loss",
    "metric",
    "ignore_index",
    "class_axis",
    "batch",
    "limit",
    "precision",
    "stop_above",
    "recalibrate_bn",
    "recalibrate_batch",
    "operator",
    "parameters",
    "hessian_only",
    "hessian_examples",
    "tolerance",
    "max_products",
    "hessian_seed",
];

/// The files that a surface is measured from.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'a> {
    pub(super) model: &'a File,
    pub(super) data: &'a File,
    pub(super) directions: &'a File,
    pub(super) trajectory: Option<&'a Projected>,
}

impl Inputs<'_> {
    /// The files that every measurement reads.
    fn paths(self) -> Vec<String> {
        [self.model, self.data, self.directions]
            .map(|it| it.path.clone())
            .into()
    }
}

impl Shards {
    /// A surface, its measured trajectories and its pictures.
    pub(super) fn new(config: &Config, surface: &Surface, inputs: Inputs, folder: &str) -> Self {
        let name = &surface.name;
        let axes = picked(&surface.settings, &["x", "y"]);
        let mut points = options(&axes);
        let mut needs = inputs.paths();
        if let Some(trajectory) = inputs.trajectory
            && axes.values().any(|axis| values::is_automatic(axis))
        {
            let path = &trajectory.file.path;
            points.push(format!("--trajectory={path}"));
            needs.push(path.clone());
        }

        let mut trajectories = Vec::new();
        if let Some(trajectory) = inputs.trajectory {
            for measured in config.measured() {
                let along = Self::along(*measured, trajectory, surface, inputs, folder);
                trajectories.push(along.in_parts(config));
            }
        }
        let merged = format!("{folder}/surfaces/{name}.h5");
        let shown = Shown::new(&merged, inputs.trajectory, &trajectories);
        let mut pictures = Vec::new();
        for picture in &config.pictures {
            pictures.push(File::of_picture(&picture.value, name, &shown, folder));
        }
        let whole = Self {
            name: name.clone(),
            folder: format!("{folder}/shards/{name}"),
            count: 1,
            needs,
            command: command(surface, inputs, points),
            stamp: format!("{folder}/commands/shards-{name}.txt"),
            surface: merged,
            trajectories,
            pictures,
            points: points_of(surface),
            data: inputs.data.path.clone(),
            settings: surface.settings.clone(),
            timed: format!("{folder}/timed/{}.h5", kind(surface)),
        };
        whole.in_parts(config)
    }

    /// The losses along the trajectory of a surface.
    fn along(
        measured: Measured,
        trajectory: &Projected,
        surface: &Surface,
        inputs: Inputs,
        folder: &str,
    ) -> Self {
        let path = &trajectory.file.path;
        let mut points = vec![format!("--points={path}")];
        let what = match measured {
            Measured::Plane => "plane",
            Measured::Checkpoints => {
                points.push("--at-checkpoints".into());
                "checkpoints"
            }
        };
        // no surface has a name with a plus
        let name = format!("{}+{what}", surface.name);
        let mut needs = inputs.paths();
        needs.push(path.clone());
        Self {
            folder: format!("{folder}/shards/{name}"),
            count: 1,
            needs,
            command: command(surface, inputs, points),
            stamp: format!("{folder}/commands/shards-{name}.txt"),
            surface: format!("{folder}/trajectories/{name}.h5"),
            trajectories: Vec::new(),
            pictures: Vec::new(),
            points: trajectory.count,
            data: inputs.data.path.clone(),
            settings: surface.settings.clone(),
            timed: format!("{folder}/timed/{}.h5", kind(surface)),
            name,
        }
    }

    /// Cut into as many parts as the config says, each with a point at least.
    fn in_parts(mut self, config: &Config) -> Self {
        let parts = config.evaluate.shards.map_or(1, usize::from);
        self.count = parts.min(self.points);
        self
    }

    /// One point of the surface, to learn what a point costs.
    pub(super) fn one_point(&self) -> File {
        let mut command = self.command.clone();
        for option in ["--x=", "--y=", "--trajectory="] {
            command.retain(|word| !word.starts_with(option));
        }
        command.push("--x=0:0:1".into());
        if self.settings.contains_key("y") {
            command.push("--y=0:0:1".into());
        }
        command.extend(["--jobs=1".into(), "--quiet".into()]);
        File {
            path: self.timed.clone(),
            needs: self.needs.clone(),
            command,
            stamp: self.stamp.clone(),
        }
    }
}

/// eval-grid, with what says which points it measures.
fn command(surface: &Surface, inputs: Inputs, points: Vec<String>) -> Vec<String> {
    let settings = &surface.settings;
    let mut command = vec!["eval-grid".to_string()];
    command.push(format!("--model={}", inputs.model.path));
    command.push(format!("--data={}", inputs.data.path));
    command.push(format!("--directions={}", inputs.directions.path));
    command.extend(points);
    command.extend(options(&picked(settings, &MEASURED)));
    command.extend(options(&picked(settings, &["device", "data_memory"])));
    command
}

/// The number of points of a surface.
fn points_of(surface: &Surface) -> usize {
    let mut points = 1;
    for key in ["x", "y"] {
        if let Some(axis) = surface.settings.get(key) {
            // an axis was read before, or it would not be in the config
            points *= values::points_of_axis(axis).unwrap_or(0);
        }
    }
    points
}

/// A name for all surfaces whose points cost the same.
fn kind(surface: &Surface) -> String {
    let mut values = Vec::new();
    for key in ["model", "data"].iter().chain(&MEASURED) {
        if let Some(value) = surface.settings.get(*key) {
            values.push(value.as_str());
        }
    }
    // joined by what no name holds, so that a-b of c and a of b-c are two
    values.join("+").replace(
        |c: char| !(c.is_ascii_alphanumeric() || "._-+".contains(c)),
        "_",
    )
}
