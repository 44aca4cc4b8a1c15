use std::path::PathBuf;

use anyhow::{Context, ensure};
use colour::Colour;
use files::{Stored, Surface};

use super::{
    Drawing, Scene,
    curve::{check, splits},
    lines::{Line, Sides, stroke},
};
use crate::field::title;

/// Several curves of one axis: each as a thin line, their mean, and a band of one standard deviation (that of the
/// sample, n − 1) around it.
pub(crate) fn repeats(scene: &Scene, curves: &[Stored<Surface>]) -> anyhow::Result<Drawing> {
    let path = |curve: &Stored<Surface>| -> PathBuf { curve.header.path.clone() };
    let first = curves.first().context("there is no curve")?;
    for curve in curves {
        check(curve).with_context(|| path(curve).display().to_string())?;
        ensure!(
            curve.grid.x == first.grid.x,
            "{} and {} have different axes ({} and {} points): repeats need the same",
            path(first).display(),
            path(curve).display(),
            first.grid.x.len(),
            curve.grid.x.len()
        );
    }
    let look = scene.look;
    let lines = |what: &str, colour: Colour| {
        let splits = splits(first, what).into_iter();
        splits
            .flat_map(|split| lines(scene, curves, split, what, colour))
            .collect::<Vec<Line>>()
    };
    let of = format!(", mean of {}", curves.len());
    Sides {
        losses: lines("loss", look.loss),
        accuracies: lines("acc", look.accuracy),
        of,
    }
    .draw(scene, &first.grid.x)
}

/// The lines of one metric: the repeats, then their mean.
fn lines(
    scene: &Scene,
    curves: &[Stored<Surface>],
    split: &str,
    what: &str,
    colour: Colour,
) -> Vec<Line> {
    let (metric, unit) = (format!("{split}_{what}"), scene.look.unit());
    let values = |curve: &Stored<Surface>| {
        curve
            .metric(&metric)
            .map(|metric| metric.values.iter().copied().collect())
    };
    let all: Vec<Vec<f64>> = curves.iter().filter_map(values).collect();
    if !all.iter().flatten().any(|value| value.is_finite()) {
        return Vec::new();
    }
    let faint = stroke(split, colour.mixed(scene.look.paper, 0.62), 0.6 * unit);
    let count = all.len() as f64;
    let at = |k: usize| all.iter().map(move |values| values[k]);
    let mean: Vec<f64> = (0..all[0].len())
        .map(|k| at(k).sum::<f64>() / count)
        .collect();
    let deviation = |k: usize| {
        (at(k).map(|value| (value - mean[k]).powi(2)).sum::<f64>() / (count - 1.0).max(1.0)).sqrt()
    };
    let band = (0..mean.len()).map(deviation).collect();
    let name = title(&metric).replace(" (%)", "");
    let mean = Line {
        name: Some(name),
        values: mean,
        band: Some(band),
        stroke: stroke(split, colour, 1.5 * unit),
    };
    let repeats = all.into_iter().map(|values| Line {
        name: None,
        values,
        band: None,
        stroke: faint,
    });
    repeats.chain([mean]).collect()
}
