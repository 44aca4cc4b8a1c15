//! Pictures of the plane seen from above: contours, filled contours, heat maps.

use files::{Surface, Trajectory};

use crate::{
    args::Args,
    axes::{self, Axes, Side},
    canvas::{Canvas, Label, Pixels, Point, Rect, Stroke},
    colour::{Colour, ColourMap},
    colourbar,
    contour::Tracer,
    field::{Field, title},
    label::{Labeller, dense},
    levels::{Levels, spans_decades},
    scale::{self, Scale},
    text::{self, Anchor},
};

/// Size of the labels on contour lines.
const LEVELS: f64 = 7.5;

/// Labelled contour lines.
pub(crate) fn contour(args: &Args, surface: &Surface, path: Option<&Trajectory>) -> anyhow::Result<Canvas> {
    let field = Field::new(surface, args.quantity(surface))?;
    let levels = chosen(args, &field)?;
    let map = args.cmap.unwrap_or(ColourMap::Summer);
    let (mut canvas, axes) = framed(args, &field, 0.0, None);
    let path = path.map(|path| steps(path, &axes));
    canvas.clipped(axes.area, |canvas| {
        lines(canvas, &axes, &field, &levels, map, path.as_deref().unwrap_or_default());
        draw_path(canvas, path.as_deref(), Colour::RED);
        Ok(())
    })?;
    finish(&mut canvas, &axes, args);
    Ok(canvas)
}

/// Bands between the levels, with thin lines between them.
pub(crate) fn filled(args: &Args, surface: &Surface, path: Option<&Trajectory>) -> anyhow::Result<Canvas> {
    let field = Field::new(surface, args.quantity(surface))?;
    let levels = chosen(args, &field)?;
    let bands = levels.bands(field.range());
    let scale = match levels.log {
        true => Scale::logarithmic(bands[0], bands[bands.len() - 1]),
        false => Scale::linear(bands[0], bands[bands.len() - 1]),
    };
    let map = args.cmap.unwrap_or(ColourMap::Summer);
    let (mut canvas, axes) = framed(args, &field, 0.0, Some(&scale));
    let path = path.map(|path| steps(path, &axes));
    canvas.fill_rect(axes.area, Colour::HOLE);
    canvas.clipped(axes.area, |canvas| {
        let tracer = Tracer::new(&field, levels.log);
        let placed = |lines: Vec<Vec<[f64; 2]>>| lines.iter().map(|line| axes.places(line)).collect::<Vec<_>>();
        // each region over the one before: bands that only meet would show a seam
        for (k, band) in bands.windows(2).enumerate() {
            let from = if k == 0 { field.range().0.min(band[0]) } else { band[0] };
            canvas.fill(&placed(tracer.rings(from)), map.at(colourbar::middle(&scale, band)));
        }
        for level in &bands[1..bands.len() - 1] {
            for line in placed(tracer.lines(*level)) {
                canvas.line(&line, Stroke::solid(Colour([60, 60, 60]), 0.35));
            }
        }
        draw_path(canvas, path.as_deref(), Colour::RED);
        Ok(())
    })?;
    colourbar::draw(&mut canvas, axes.area, &scale, Some(&bands), map, &title(args.quantity(surface)))?;
    finish(&mut canvas, &axes, args);
    Ok(canvas)
}

/// A cell of colour around each point.
pub(crate) fn heat(args: &Args, surface: &Surface, path: Option<&Trajectory>) -> anyhow::Result<Canvas> {
    let field = Field::new(surface, args.quantity(surface))?;
    let (scale, map) = (value_scale(args, &field)?, args.cmap.unwrap_or(ColourMap::Viridis));
    let (mut canvas, axes) = framed(args, &field, 0.5, Some(&scale));
    let path = path.map(|path| steps(path, &axes));
    canvas.clipped(axes.area, |canvas| {
        canvas.image(axes.area, &cells(&field, &scale, map))?;
        draw_path(canvas, path.as_deref(), Colour::WHITE);
        Ok(())
    })?;
    colourbar::draw(&mut canvas, axes.area, &scale, None, map, &title(args.quantity(surface)))?;
    finish(&mut canvas, &axes, args);
    Ok(canvas)
}

/// The levels, which are told where they were chosen here.
fn chosen(args: &Args, field: &Field) -> anyhow::Result<Levels> {
    let levels = Levels::new(args, field.range())?;
    if !args.chooses_levels() {
        let scale = if levels.log { "logarithmic" } else { "linear" };
        args.output.say(format!(
            "levels ({scale}): {}; --levels or --vmin, --vmax and --vlevel set others",
            levels.describe()
        ));
    }
    Ok(levels)
}

/// The scale of the colours of single values: logarithmic where the values span decades.
pub(super) fn value_scale(args: &Args, field: &Field) -> anyhow::Result<Scale> {
    let (low, high) = field.range();
    let (low, high) = (args.vmin.unwrap_or(low), args.vmax.unwrap_or(high));
    anyhow::ensure!(low <= high, "the lower end {low} is not below the upper end {high}: change --vmin or --vmax");
    let log = args.log || (!args.linear && spans_decades((low, high)));
    anyhow::ensure!(!log || low > 0.0, "--log wants positive numbers, the least here is {low}: give a --vmin");
    if log && !args.log {
        args.output.say("the scale is logarithmic, --linear makes it linear");
    }
    Ok(if log { Scale::logarithmic(low, high) } else { Scale::linear(low, high) })
}

/// A canvas with axes around the field, `beyond` so many cells, and room for a colour bar.
fn framed(args: &Args, field: &Field, beyond: f64, bar: Option<&Scale>) -> (Canvas, Axes) {
    let canvas = Canvas::new(args.size());
    let extent = |axis: &[f64]| {
        let (first, last) = (axis[0], axis[axis.len() - 1]);
        let cell = beyond * (last - first) / (axis.len() - 1) as f64;
        Scale::linear(first - cell, last + cell)
    };
    let (x, y) = (extent(&field.x), extent(&field.y));
    let top = axes::title_space(&args.title);
    let height = canvas.height - top - axes::HORIZONTAL_SPACE;
    let before = axes::vertical_space(&y, height);
    let after = bar.map_or(16.0, |scale| colourbar::space(scale, height));
    let area = Rect { x: before, y: top, width: canvas.width - before - after, height };
    (canvas, Axes { area, x, y })
}

fn finish(canvas: &mut Canvas, axes: &Axes, args: &Args) {
    axes.frame(canvas, &args.title);
    axes.horizontal(canvas, &args.xlabel);
    axes.vertical(canvas, &args.ylabel, Side::Left, Colour::BLACK);
}

/// Contour lines, each labelled once where there is room.
fn lines(canvas: &mut Canvas, axes: &Axes, field: &Field, levels: &Levels, map: ColourMap, path: &[Point]) {
    let tracer = Tracer::new(field, levels.log);
    let scale = levels.scale(field.range());
    let of_level = |level: &f64| tracer.lines(*level).iter().map(|line| axes.places(line)).collect::<Vec<_>>();
    let all: Vec<Vec<Vec<Point>>> = levels.values.iter().map(of_level).collect();
    let mut labeller = Labeller::new(axes.area, LEVELS, dense(path, 2.0));
    let mut labels = Vec::new();
    for (k, level) in levels.values.iter().enumerate() {
        let colour = map.line_at(scale.at(*level));
        let (name, others) = (scale::number(*level), others(&all, k));
        for line in &all[k] {
            let (pieces, label) = labeller.place(line, text::width(&name, LEVELS), &others);
            for piece in pieces {
                canvas.line(&piece, Stroke::solid(colour, 1.1));
            }
            labels.extend(label.map(|label| (label, name.clone(), colour)));
        }
    }
    for (label, name, colour) in labels {
        let (sin, cos) = label.angle.to_radians().sin_cos();
        let down = text::CAPITAL * LEVELS / 2.0;
        let at = [label.centre[0] - sin * down, label.centre[1] + cos * down];
        canvas.label(&Label { at, text: &name, size: LEVELS, anchor: Anchor::Middle, angle: label.angle, colour });
    }
}

/// Points of the lines of all levels but one.
fn others(all: &[Vec<Vec<Point>>], level: usize) -> Vec<Point> {
    let lines = all.iter().enumerate().filter(|(k, _)| *k != level).flat_map(|(_, lines)| lines);
    lines.flat_map(|line| dense(line, 2.0)).collect()
}

/// The steps of a trajectory on the canvas.
fn steps(path: &Trajectory, axes: &Axes) -> Vec<Point> {
    let y = path.y.iter().flatten().copied().chain(std::iter::repeat(0.0));
    path.x.iter().zip(y).map(|(x, y)| axes.place([*x, y])).collect()
}

fn draw_path(canvas: &mut Canvas, path: Option<&[Point]>, colour: Colour) {
    let Some(path) = path else { return };
    canvas.line(path, Stroke::solid(colour, 1.2));
    path.iter().for_each(|point| canvas.disc(*point, 1.9, colour));
}

/// The field as a picture, magnified so that no viewer smooths it; holes are grey.
fn cells(field: &Field, scale: &Scale, map: ColourMap) -> Pixels {
    let (ny, nx) = field.z.dim();
    let zoom = (1600 / nx.max(ny)).max(1);
    let colour = |row: usize, column: usize| {
        let value = field.z[[row, column]];
        if value.is_nan() { Colour::HOLE } else { map.at(scale.at(value.clamp(scale.low, scale.high))) }
    };
    let mut rgba = Vec::with_capacity(nx * ny * zoom * zoom * 4);
    for row in (0..ny).rev() {
        let colours = (0..nx).flat_map(|column| std::iter::repeat_n(colour(row, column).0, zoom));
        let line: Vec<u8> = colours.flat_map(|[red, green, blue]| [red, green, blue, 255]).collect();
        (0..zoom).for_each(|_| rgba.extend(&line));
    }
    Pixels { width: nx * zoom, height: ny * zoom, rgba }
}
