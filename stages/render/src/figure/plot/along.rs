//! Metrics along measured trajectories: over training, or over the length of a curve.

use anyhow::{Context, bail, ensure};
use files::{Metric, MetricMeaning, Trajectory};

use super::lines::{Line, Sides, stroke};
use crate::{
    data::{input::Run, progress::Progress},
    figure::{
        scene::{Drawing, Scene},
        stroke::Stroke,
    },
};

/// What a trajectory knows of each checkpoint without a measurement.
const RESIDUAL: &str = "residual";
const DISTANCE: &str = "distance";

/// One run has all its losses and accuracies, as a curve; of several runs one quantity is drawn.
pub(crate) fn along(scene: &Scene) -> anyhow::Result<Drawing> {
    let progress = Progress::of(scene.options.along, scene.runs)?;
    let mut sides = Sides {
        losses: Vec::new(),
        accuracies: Vec::new(),
        of: String::new(),
        other: None,
    };
    match (scene.runs, &scene.options.surf_name) {
        ([run], None) => all_of(scene, run, &progress, &mut sides)?,
        (runs, name) => one_of(scene, runs, name.as_deref(), &progress, &mut sides)?,
    }
    let scene = &Scene {
        names: [
            scene
                .options
                .xlabel
                .clone()
                .unwrap_or(progress.label.clone()),
            String::new(),
        ],
        marks: Vec::new(),
        ..scene.clone()
    };
    sides.draw(scene)
}

/// All losses and accuracies of a run.
fn all_of(scene: &Scene, run: &Run, progress: &Progress, sides: &mut Sides) -> anyhow::Result<()> {
    let Some(measured) = &run.path.measured else {
        bail!(
            "{}: nothing was measured along this trajectory: eval-grid --points does it; \
             --surf-name distance or residual draws what is known without",
            run.name
        )
    };
    let (look, width) = (scene.look, 1.5 * scene.look.unit());
    for metric in &measured.metrics {
        let (lines, colour) = match metric.meaning {
            MetricMeaning::Loss => (&mut sides.losses, look.loss),
            MetricMeaning::Accuracy => (&mut sides.accuracies, look.accuracy),
            MetricMeaning::Error
            | MetricMeaning::Eigenvalue
            | MetricMeaning::Ratio
            | MetricMeaning::StandardError
            | MetricMeaning::Other => continue,
        };
        let stroke = stroke(metric.split.as_ref(), colour, width);
        lines.push(line(
            &metric.title,
            progress.of_run(&run.path),
            metric,
            stroke,
        ));
    }
    Ok(())
}

/// One quantity of all runs.
fn one_of(
    scene: &Scene,
    runs: &[Run],
    name: Option<&str>,
    progress: &Progress,
    sides: &mut Sides,
) -> anyhow::Result<()> {
    let name = match name {
        Some(name) => name.to_string(),
        None => first_metric(runs)?,
    };
    let width = 1.5 * scene.look.unit();
    for (number, run) in runs.iter().enumerate() {
        let metric = quantity(&run.path, &name).with_context(|| run.name.clone())?;
        let stroke = Stroke::solid(scene.look.run(number, runs.len()), width);
        let line = line(&run.name, progress.of_run(&run.path), &metric, stroke);
        match metric.meaning {
            MetricMeaning::Accuracy => sides.accuracies.push(line),
            MetricMeaning::Loss
            | MetricMeaning::Error
            | MetricMeaning::Eigenvalue
            | MetricMeaning::Ratio
            | MetricMeaning::StandardError
            | MetricMeaning::Other => {
                sides.other = Some(metric.label());
                sides.losses.push(line);
            }
        }
    }
    Ok(())
}

fn line(name: &str, x: Vec<f64>, metric: &Metric, stroke: Stroke) -> Line {
    let band = metric.stderr.as_ref();
    Line {
        name: Some(name.into()),
        x,
        values: metric.values.iter().copied().collect(),
        band: band.map(|errors| errors.iter().copied().collect()),
        stroke,
    }
}

/// The metric that is meant where none is named: that of the first run.
fn first_metric(runs: &[Run]) -> anyhow::Result<String> {
    let measured = runs.first().and_then(|run| run.path.measured.as_ref());
    let metric = measured.and_then(|measured| measured.metrics.first());
    let metric = metric.context(
        "nothing was measured along the first trajectory: eval-grid --points does it; --surf-name \
         distance or residual draws what is known without",
    )?;
    Ok(metric.name.clone())
}

/// A quantity of a trajectory: what was measured, or how far each checkpoint is from the model or
/// off the plane.
fn quantity(path: &Trajectory, name: &str) -> anyhow::Result<Metric> {
    let (values, title) = match name {
        RESIDUAL => (&path.residual, "distance off the plane"),
        DISTANCE => (&path.distance, "distance from the model"),
        _ => {
            let metric = path.metric(name).cloned();
            return metric.with_context(|| format!("there is no {name} along it"));
        }
    };
    let values = values.clone();
    let values = values.with_context(|| format!("the trajectory does not say its {name}"))?;
    ensure!(
        values.iter().any(|value| value.is_finite()),
        "the {name} has no finite value"
    );
    let mut quantity = files::Quantity::new(name, MetricMeaning::Other, "", None);
    quantity.title = title.into();
    Ok(Metric::new(
        quantity,
        ndarray::ArrayD::from_shape_vec(vec![values.len()], values)?,
    ))
}
