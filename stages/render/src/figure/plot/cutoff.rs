//! Where losses were cut off: hatched in every picture of the plane, and named in a legend.

use colour::Colour;

use crate::{
    data::{contour::Tracer, field::Field},
    figure::{
        axes::Axes,
        canvas::Canvas,
        colourbar::hatching,
        legend::{Entry, Sample},
        rect::Point,
        scene::Scene,
        stroke::Stroke,
    },
};

/// What the legend says of the part that was cut off, if there is one. `top` is the colour of the
/// largest values.
pub(super) fn entry(scene: &Scene, field: &Field, top: Colour) -> Option<Entry> {
    let sample = Sample::Hatched(lines(scene, top));
    field.beyond().map(|name| Entry { name, sample })
}

/// Lines of a hatching on paper.
pub(super) fn lines(scene: &Scene, top: Colour) -> Stroke {
    let colour = top.mixed(scene.look.paper, 0.35);
    Stroke {
        colour,
        ..hatching(colour, scene.look.unit())
    }
}

/// Fills the part that was cut off.
pub(super) fn tint(canvas: &mut Canvas, axes: &Axes, field: &Field, colour: Colour) {
    canvas.fill(&region(axes, field), colour);
}

/// Hatches the part that was cut off.
pub(super) fn hatch(canvas: &mut Canvas, axes: &Axes, field: &Field, stroke: Stroke) {
    canvas.hatch(&region(axes, field), stroke);
}

/// The rings around the part that was cut off. Its border runs through the outermost points that
/// lie there.
fn region(axes: &Axes, field: &Field) -> Vec<Vec<Point>> {
    let Some(limit) = field.limit else {
        return Vec::new();
    };
    axes.all_places(&Tracer::new(field, false).rings(limit))
}

/// Hatches the cells of a heat map whose points were cut off.
pub(super) fn hatch_cells(canvas: &mut Canvas, axes: &Axes, field: &Field, stroke: Stroke) {
    let Some(limit) = field.limit else { return };
    let (ny, nx) = field.z.dim();
    let (width, height) = (axes.area.width / nx as f64, axes.area.height / ny as f64);
    let mut rings = Vec::new();
    for row in 0..ny {
        let (top, mut column) = (axes.area.bottom() - (row + 1) as f64 * height, 0);
        while column < nx {
            let start = column;
            while column < nx && field.z[[row, column]] >= limit {
                column += 1;
            }
            if column > start {
                let left = axes.area.x + start as f64 * width;
                let right = axes.area.x + column as f64 * width;
                let bottom = top + height;
                rings.push(vec![
                    [left, top],
                    [right, top],
                    [right, bottom],
                    [left, bottom],
                ]);
            }
            column += 1;
        }
    }
    canvas.hatch(&rings, stroke);
}
