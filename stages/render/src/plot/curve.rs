use anyhow::bail;
use colour::Colour;
use files::Surface;

use super::{
    Drawing, Scene,
    lines::{Line, Sides, finite, stroke},
};
use crate::field::{check_axis, title};

/// The splits of which a file has a metric, in its order.
pub(super) fn splits<'a>(surface: &'a Surface, what: &str) -> Vec<&'a str> {
    let mut splits = Vec::new();
    for metric in &surface.metrics {
        let split = metric
            .name
            .strip_suffix(what)
            .and_then(|name| name.strip_suffix('_'));
        splits.extend(split);
    }
    splits
}

/// Losses in blue on the left axis, accuracies in red on the right one; train solid, test dashed, others dotted.
pub(crate) fn curve(scene: &Scene, surface: &Surface) -> anyhow::Result<Drawing> {
    check(surface)?;
    let look = scene.look;
    let lines = |what: &str, colour: Colour| lines(surface, what, colour, 1.5 * look.unit());
    let of = String::new();
    Sides {
        losses: lines("loss", look.loss),
        accuracies: lines("acc", look.accuracy),
        of,
    }
    .draw(scene, &surface.grid.x)
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
    finite(&lines(surface, "loss", Colour::BLACK, 1.0))
}

/// The lines of all splits that have a value, with a band of one standard error where it is known.
fn lines(surface: &Surface, what: &str, colour: Colour, width: f64) -> Vec<Line> {
    let line = |split: &str| {
        let metric = format!("{split}_{what}");
        let values = |name: &str| {
            surface
                .quantity(name)
                .ok()
                .map(|metric| metric.values.iter().copied().collect::<Vec<f64>>())
        };
        let found =
            values(&metric).filter(|values| values.iter().any(|value| value.is_finite()))?;
        Some(Line {
            name: Some(title(&metric).replace(" (%)", "")),
            values: found,
            band: values(&format!("{metric}_stderr")),
            stroke: stroke(split, colour, width),
        })
    };
    splits(surface, what).into_iter().filter_map(line).collect()
}
