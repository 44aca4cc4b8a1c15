//! What is measured: surfaces in shards, and single points that are timed.

use super::{File, Shards};
use crate::{
    config::Config,
    settings::{options, picked},
    sweep::Surface,
};

/// Settings of eval-grid that decide what is measured.
const MEASURED: [&str; 11] = [
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
];

/// The files that a surface is measured from.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'a> {
    pub(super) model: &'a File,
    pub(super) data: &'a File,
    pub(super) directions: &'a File,
}

impl Shards {
    pub(super) fn new(config: &Config, surface: &Surface, inputs: Inputs, folder: &str) -> Self {
        let (name, settings) = (&surface.name, &surface.settings);
        let Inputs {
            model,
            data,
            directions,
        } = inputs;
        let mut command = vec!["eval-grid".to_string()];
        command.push(format!("--model={}", model.path));
        command.push(format!("--data={}", data.path));
        command.push(format!("--directions={}", directions.path));
        command.extend(options(&picked(settings, &["x", "y"])));
        command.extend(options(&picked(settings, &MEASURED)));
        command.extend(options(&picked(settings, &["device", "data_memory"])));

        let points = points(surface);
        let merged = format!("{folder}/surfaces/{name}.h5");
        let mut pictures = Vec::new();
        for picture in &config.pictures {
            pictures.push(File::of_picture(&picture.value, name, &merged, folder));
        }
        Self {
            name: name.clone(),
            folder: format!("{folder}/shards/{name}"),
            count: config.evaluate.shards.map_or(1, usize::from).min(points),
            needs: [model, data, directions].map(|it| it.path.clone()).into(),
            command,
            stamp: format!("{folder}/commands/shards-{name}.txt"),
            surface: merged,
            pictures,
            points,
            data: data.path.clone(),
            settings: settings.clone(),
            timed: format!("{folder}/timed/{}.h5", kind(surface)),
        }
    }

    /// One point of the surface, to learn what a point costs.
    pub(super) fn one_point(&self) -> File {
        let mut command = self.command.clone();
        command.retain(|word| !word.starts_with("--x=") && !word.starts_with("--y="));
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

/// The number of points of a surface.
fn points(surface: &Surface) -> usize {
    let mut points = 1;
    for key in ["x", "y"] {
        if let Some(axis) = surface.settings.get(key) {
            // an axis was read before, or it would not be in the config
            points *= axis.parse::<grid::Axis>().map_or(0, |axis| axis.count());
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
