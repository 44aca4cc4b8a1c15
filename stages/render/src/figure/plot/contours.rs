use colour::ColourMap;

use super::{
    cutoff,
    paths::{Own, Paths},
    plane::{axis, extent, picture, thin_lines},
};
use crate::{
    data::{contour::Tracer, extent::range, field::Field, number::number},
    figure::{
        axes::Axes,
        canvas::{Canvas, Label},
        colourbar::{ColourBar, hatching},
        label::{Labeller, Placed},
        levels::Levels,
        obstacles::Obstacles,
        rect::Point,
        scene::{Drawing, Scene},
        stroke::Stroke,
        text::{self, Anchor},
    },
};

/// Labelled contour lines.
pub(crate) fn contour(scene: &Scene, field: &Field) -> anyhow::Result<Drawing> {
    let levels = chosen(scene, field)?;
    let area = [axis(&field.x, 0.0), axis(&field.y, 0.0)];
    let top = map(scene).line_at(1.0, scene.look.paper);
    let beyond = cutoff::entry(scene, field, top);
    let own = Own {
        name: &field.quantity.name,
        scale: levels.scale(extent(scene, field).ends(levels.log)?),
        map: map(scene),
    };
    picture(
        scene,
        area,
        None,
        beyond,
        Some(own),
        |canvas, axes, paths| {
            show_holes(canvas, scene, axes, field);
            cutoff::tint(canvas, axes, field, top.mixed(scene.look.paper, 0.85));
            cutoff::hatch(canvas, axes, field, cutoff::lines(scene, top));
            lines(canvas, scene, axes, field, &levels, paths)
        },
    )
}

/// Paper where there is a value, grey where there is none.
fn show_holes(canvas: &mut Canvas, scene: &Scene, axes: &Axes, field: &Field) {
    if field.z.iter().all(|value| !value.is_nan()) {
        return;
    }
    canvas.fill_rect(axes.area, scene.look.hole(map(scene)));
    let everything = Tracer::new(field, false).rings(f64::MIN);
    canvas.fill(&axes.all_places(&everything), scene.look.paper);
}

fn map(scene: &Scene) -> ColourMap {
    scene.options.cmap.unwrap_or(ColourMap::Summer)
}

/// Bands between the levels, with thin lines between them.
pub(crate) fn filled(scene: &Scene, field: &Field) -> anyhow::Result<Drawing> {
    let levels = chosen(scene, field)?;
    let range = extent(scene, field).ends(levels.log)?;
    let bands = levels.bands(range);
    let (low, high) = (bands[0], bands[bands.len() - 1]);
    let bar = ColourBar {
        scale: levels.around((low, high)),
        map: map(scene),
        borders: Some(bands.clone()),
        name: field.title(),
        limit: field.limit,
    };
    let area = [axis(&field.x, 0.0), axis(&field.y, 0.0)];
    // the bar says what is hatched, unless it is left out
    let beyond = cutoff::entry(scene, field, bar.top()).filter(|_| !scene.options.has_colour_bar());
    let own = Own {
        name: &field.quantity.name,
        scale: bar.scale,
        map: bar.map,
    };
    let shown = Some(bar.clone());
    picture(scene, area, shown, beyond, Some(own), |canvas, axes, _| {
        canvas.fill_rect(axes.area, scene.look.hole(bar.map));
        let tracer = Tracer::new(field, levels.log);
        // each region over the one before: bands that only meet would show a seam; the first has
        // all that is lower, too
        let everything = if levels.log {
            f64::MIN_POSITIVE
        } else {
            f64::MIN
        };
        for (k, band) in bands.windows(2).enumerate() {
            let from = if k == 0 { everything } else { band[0] };
            canvas.fill(&axes.all_places(&tracer.rings(from)), bar.band(band));
        }
        cutoff::hatch(canvas, axes, field, hatching(bar.top(), scene.look.unit()));
        for level in &bands[1..bands.len() - 1] {
            for line in axes.all_places(&tracer.lines(*level)) {
                canvas.line(
                    &line,
                    Stroke::solid(thin_lines(scene), 0.35 * scene.look.unit()),
                );
            }
        }
        Ok(())
    })
}

/// The levels, which are told where they were chosen here.
fn chosen(scene: &Scene, field: &Field) -> anyhow::Result<Levels> {
    let mut levels = Levels::new(scene.options, extent(scene, field))?;
    if !scene.options.chooses_levels() {
        levels.cut_off(field.limit);
        let scale = if levels.log { "logarithmic" } else { "linear" };
        if levels.values.is_empty() {
            let (low, high) = range(field.z.iter());
            let [low, high] = [low, high].map(number);
            scene.say(format!(
                "no level lies within the values, which go from {low} to {high}"
            ));
            return Ok(levels);
        }
        scene.say(format!(
            "levels ({scale}): {}; --levels or --vmin, --vmax and --vlevel set others",
            levels.describe()
        ));
    }
    Ok(levels)
}

/// Contour lines, each labelled once where there is room.
fn lines(
    canvas: &mut Canvas,
    scene: &Scene,
    axes: &Axes,
    field: &Field,
    levels: &Levels,
    paths: &Paths,
) -> anyhow::Result<()> {
    let (tracer, look) = (Tracer::new(field, levels.log), scene.look);
    let scale = levels.scale(extent(scene, field).ends(levels.log)?);
    let map = map(scene);
    let mut obstacles = Obstacles::within(axes.area);
    for path in paths.obstacles() {
        obstacles.add(&path);
    }
    let mut traced: Vec<(f64, usize, Vec<Point>)> = Vec::new();
    for level in &levels.values {
        for line in tracer.lines(*level) {
            let line = axes.places(&line);
            traced.push((*level, obstacles.add(&line), line));
        }
    }
    let size = look.levels();
    let mut labeller = Labeller::new(axes.area, size, &obstacles, paths.taken());
    for (level, index, line) in &traced {
        let colour = map.line_at(scale.at(*level), look.paper);
        let text = number(*level);
        let (pieces, label) = labeller.place(line, *index, text::width(&text, size));
        for piece in pieces {
            canvas.line(&piece, Stroke::solid(colour, 1.1 * look.unit()));
        }
        if let Some(Placed { centre, angle, .. }) = label {
            let (sin, cos) = angle.to_radians().sin_cos();
            let down = text::CAPITAL * size / 2.0;
            let at = [centre[0] - sin * down, centre[1] + cos * down];
            canvas.label(&Label {
                at,
                text: &text,
                size,
                anchor: Anchor::Middle,
                angle,
                colour,
            });
        }
    }
    Ok(())
}
