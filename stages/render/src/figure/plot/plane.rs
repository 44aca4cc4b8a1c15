//! What pictures of the plane have in common: a frame, and trajectories on top.

use colour::Colour;

use crate::{
    data::{extent::Extent, field::Field},
    figure::{
        axes::{self, Axes, Side},
        canvas::Canvas,
        colourbar::ColourBar,
        legend::{self, Entry},
        levels,
        rect::Rect,
        scale::Scale,
        scene::{Drawing, Scene},
    },
    options::Aspect,
};

use super::paths::{Own, Paths};

/// The numbers that the scale of a field is made for.
pub(super) fn extent(scene: &Scene, field: &Field) -> Extent {
    scene.shared.unwrap_or_else(|| field.extent())
}

/// The scale of the colours of single values: logarithmic where the values span decades.
pub(super) fn value_scale(scene: &Scene, field: &Field) -> anyhow::Result<Scale> {
    let (options, extent) = (scene.options, extent(scene, field));
    let log = levels::is_log(options, true, extent);
    let (low, high) = extent.ends(log)?;
    let (low, high) = (options.vmin.unwrap_or(low), options.vmax.unwrap_or(high));
    anyhow::ensure!(
        low <= high,
        "the lower end {low} is not below the upper end {high}: change --vmin or --vmax"
    );
    anyhow::ensure!(
        !log || low > 0.0,
        "--log wants a positive --vmin, not {low}"
    );
    if log && !options.log {
        scene.say("the scale is logarithmic, --linear makes it linear");
    }
    Ok(Scale::new(log, low, high))
}

/// The extent of the axis of a field, and `beyond` so many cells.
pub(super) fn axis(places: &[f64], beyond: f64) -> Scale {
    let (first, last) = (places[0], places[places.len() - 1]);
    let cell = beyond * (last - first) / (places.len() - 1) as f64;
    Scale::linear(first - cell, last + cell)
}

/// A canvas with axes, room for a colour bar of its own, and some for a legend above.
fn framed(
    scene: &Scene,
    [x, y]: [Scale; 2],
    bar: Option<&ColourBar>,
    above: f64,
) -> (Canvas, Axes) {
    let (canvas, look) = (scene.canvas(), scene.look);
    let top = axes::title_space(&scene.title, look) + above;
    let bare = 0.8 * look.labels;
    let below = if scene.options.has_axes() {
        axes::horizontal_space(look)
    } else {
        bare
    };
    let height = canvas.height - top - below;
    let [before, beside] = match scene.options.has_axes() {
        true => [axes::vertical_space(&y, height, look), axes::margin(look)],
        false => [bare, bare],
    };
    let bar = bar.filter(|_| scene.has_own_bar());
    let after = bar.map_or(beside, |bar| bar.space(height, look));
    let mut area = Rect {
        x: before,
        y: top,
        width: canvas.width - before - after,
        height,
    };
    if let Aspect::Ratio(ratio) = scene.options.aspect {
        // what is left over goes to both sides
        let wanted = ratio * (y.high - y.low) / (x.high - x.low);
        let (width, height) = (
            area.width.min(area.height / wanted),
            area.height.min(area.width * wanted),
        );
        area = Rect {
            x: area.x + (area.width - width) / 2.0,
            y: area.y + (area.height - height) / 2.0,
            width,
            height,
        };
    }
    (canvas, Axes { area, x, y })
}

/// Frame, axes and the colour bar, unless it is shared.
fn finish(
    canvas: &mut Canvas,
    scene: &Scene,
    axes: &Axes,
    bar: Option<&ColourBar>,
) -> anyhow::Result<()> {
    axes.title(canvas, &scene.title);
    if scene.options.has_axes() {
        axes.frame(canvas);
        axes.horizontal(canvas, &scene.names[0]);
        axes.vertical(canvas, &scene.names[1], Side::Left, scene.look.ink);
    }
    match bar.filter(|_| scene.has_own_bar()) {
        Some(bar) => bar.draw(canvas, axes.area),
        None => Ok(()),
    }
}

/// A picture of the plane: `draw` draws what lies below the trajectories; `beyond` stands in the
/// legend.
pub(super) fn picture(
    scene: &Scene,
    [x, y]: [Scale; 2],
    bar: Option<ColourBar>,
    beyond: Option<Entry>,
    own: Option<Own>,
    draw: impl FnOnce(&mut Canvas, &Axes, &Paths) -> anyhow::Result<()>,
) -> anyhow::Result<Drawing> {
    let (beyond, own) = (beyond.as_ref(), own.as_ref());
    let (mut canvas, mut axes) = framed(scene, [x, y], bar.as_ref(), 0.0);
    let mut paths = Paths::new(scene, &axes, beyond, own);
    if let Some((place, taken)) = paths.legend_above(scene, axes.area) {
        (canvas, axes) = framed(scene, [x, y], bar.as_ref(), taken);
        paths = Paths::new(scene, &axes, beyond, own);
        paths.place_legend(place);
    }
    canvas.clipped(axes.area, |canvas| {
        draw(canvas, &axes, &paths)?;
        paths.draw(canvas, scene);
        Ok(())
    })?;
    if let Some((place, entries)) = &paths.legend {
        legend::draw(&mut canvas, *place, entries);
    }
    finish(&mut canvas, scene, &axes, bar.as_ref())?;
    Ok(Drawing { canvas, bar })
}

/// The colour of a path on a picture that is coloured all over.
pub(super) fn thin_lines(scene: &Scene) -> Colour {
    scene.look.ink.mixed(scene.look.paper, 0.25)
}
