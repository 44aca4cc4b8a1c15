use anyhow::bail;
use colour::Colour;
use files::Surface;

use super::lines::{Line, Sides, finite, stroke};
use crate::{
    data::{
        field::check_axis,
        metric::{Kind, short_title, standard_error},
    },
    figure::scene::{Drawing, Scene},
};

/// Losses in blue on the left axis, accuracies in red on the right one; train solid, test dashed,
/// others dotted.
pub(crate) fn curve(scene: &Scene, surface: &Surface) -> anyhow::Result<Drawing> {
    check(surface)?;
    let (look, width) = (scene.look, 1.5 * scene.look.unit());
    Sides {
        losses: lines(surface, Kind::Loss, look.loss, width),
        accuracies: lines(surface, Kind::Accuracy, look.accuracy, width),
        of: String::new(),
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
    finite(&lines(surface, Kind::Loss, Colour::BLACK, 1.0))
}

/// The lines of all splits that have a value, with a band of one standard error where it is known.
fn lines(surface: &Surface, kind: Kind, colour: Colour, width: f64) -> Vec<Line> {
    let mut lines = Vec::new();
    for split in kind.splits(surface) {
        let metric = kind.metric(split);
        let Some(values) = self::values(surface, &metric) else {
            continue;
        };
        if values.iter().any(|value| value.is_finite()) {
            lines.push(Line {
                name: Some(short_title(&metric)),
                values,
                band: self::values(surface, &standard_error(&metric)),
                stroke: stroke(split, colour, width),
            });
        }
    }
    lines
}

/// The values of a metric along the curve.
fn values(surface: &Surface, metric: &str) -> Option<Vec<f64>> {
    let values = surface.metric(metric)?;
    Some(values.iter().copied().collect())
}
