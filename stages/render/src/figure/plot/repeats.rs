use anyhow::{Context, ensure};
use colour::Colour;
use files::{MetricMeaning, Quantity, Stored, Surface};

use super::{
    curve::check,
    lines::{Line, Sides, stroke},
};
use crate::figure::scene::{Drawing, Scene};

/// Several curves of one axis: each as a thin line, their mean, and a band of one standard
/// deviation (that of the sample, n − 1) around it.
pub(crate) fn repeats(scene: &Scene, curves: &[Stored<Surface>]) -> anyhow::Result<Drawing> {
    let first = curves.first().context("there is no curve")?;
    for curve in curves {
        check(curve).with_context(|| curve.header.path.display().to_string())?;
        ensure!(
            curve.grid.x == first.grid.x,
            "{} and {} have different axes ({} and {} points): repeats need the same",
            first.header.path.display(),
            curve.header.path.display(),
            first.grid.x.len(),
            curve.grid.x.len()
        );
    }
    let of = format!(", mean of {}", curves.len());
    Sides {
        losses: all_lines(scene, curves, MetricMeaning::Loss, scene.look.loss),
        accuracies: all_lines(scene, curves, MetricMeaning::Accuracy, scene.look.accuracy),
        of,
        other: None,
    }
    .draw(scene)
}

/// The lines of all splits that the first curve has.
fn all_lines(
    scene: &Scene,
    curves: &[Stored<Surface>],
    meaning: MetricMeaning,
    colour: Colour,
) -> Vec<Line> {
    let mut all = Vec::new();
    for metric in &curves[0].metrics {
        if metric.meaning == meaning {
            all.extend(lines(scene, curves, metric, colour));
        }
    }
    all
}

/// The lines of one metric: the repeats, then their mean.
fn lines(
    scene: &Scene,
    curves: &[Stored<Surface>],
    metric: &Quantity,
    colour: Colour,
) -> Vec<Line> {
    let unit = scene.look.unit();
    let mut repeats: Vec<Vec<f64>> = Vec::new();
    for curve in curves {
        if let Some(found) = curve.metric(&metric.name) {
            repeats.push(found.values.iter().copied().collect());
        }
    }
    if !repeats.iter().flatten().any(|value| value.is_finite()) {
        return Vec::new();
    }
    let (mut mean, mut band) = (Vec::new(), Vec::new());
    for k in 0..repeats[0].len() {
        let values: Vec<f64> = repeats.iter().map(|values| values[k]).collect();
        let [middle, deviation] = mean_and_deviation(&values);
        mean.push(middle);
        band.push(deviation);
    }
    let faint = stroke(
        metric.split.as_ref(),
        colour.mixed(scene.look.paper, 0.62),
        0.6 * unit,
    );
    let mut lines = Vec::new();
    for values in repeats {
        lines.push(Line {
            name: None,
            x: curves[0].grid.x.clone(),
            values,
            band: None,
            stroke: faint,
        });
    }
    lines.push(Line {
        name: Some(metric.title.clone()),
        x: curves[0].grid.x.clone(),
        values: mean,
        band: Some(band),
        stroke: stroke(metric.split.as_ref(), colour, 1.5 * unit),
    });
    lines
}

/// The mean of some values, and their standard deviation (that of the sample, n − 1).
fn mean_and_deviation(values: &[f64]) -> [f64; 2] {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    [mean, (squares / (count - 1.0).max(1.0)).sqrt()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_is_that_of_the_sample() {
        assert_eq!(mean_and_deviation(&[1.0, 3.0]), [2.0, 2f64.sqrt()]);
        assert_eq!(mean_and_deviation(&[5.0]), [5.0, 0.0]);
    }
}
