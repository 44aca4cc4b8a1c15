use anyhow::bail;
use colour::Colour;
use files::{MetricMeaning, Surface};

use super::lines::{Line, Sides, finite, stroke};
use crate::{
    data::field::check_axis,
    figure::scene::{Drawing, Scene},
};

/// Losses in blue on the left axis, accuracies in red on the right one; train solid, test dashed,
/// others dotted.
pub(crate) fn curve(scene: &Scene, surface: &Surface) -> anyhow::Result<Drawing> {
    check(surface)?;
    let (look, width) = (scene.look, 1.5 * scene.look.unit());
    Sides {
        losses: lines(surface, MetricMeaning::Loss, look.loss, width),
        accuracies: lines(surface, MetricMeaning::Accuracy, look.accuracy, width),
        of: String::new(),
        other: None,
    }
    .draw(scene)
}

/// Checks that a file holds a curve.
pub(super) fn check(surface: &Surface) -> anyhow::Result<()> {
    if surface.grid.y.is_some() {
        bail!(
            "it is a surface, not a curve: draw it with --plot contour, contourf, heat or surface3d"
        );
    }
    check_axis("x", &surface.grid.x)
}

/// All losses of a curve.
pub(crate) fn losses(surface: &Surface) -> Vec<f64> {
    finite(&lines(surface, MetricMeaning::Loss, Colour::BLACK, 1.0))
}

/// The lines of all splits that have a value, with a band of one standard error where it is known.
fn lines(surface: &Surface, meaning: MetricMeaning, colour: Colour, width: f64) -> Vec<Line> {
    let mut lines = Vec::new();
    for metric in &surface.metrics {
        let is_drawn = metric.values.iter().any(|value| value.is_finite());
        if metric.meaning != meaning || !is_drawn {
            continue;
        }
        let band = metric.stderr.as_ref();
        lines.push(Line {
            name: Some(metric.title.clone()),
            x: surface.grid.x.clone(),
            values: metric.values.iter().copied().collect(),
            band: band.map(|errors| errors.iter().copied().collect()),
            stroke: stroke(metric.split.as_ref(), colour, width),
        });
    }
    lines
}
