//! From what was read to one canvas: a picture, or panels of them.

use anyhow::Context;
use files::{Mark, MetricMeaning, Stored, Surface};

use crate::{
    data::{extent::Extent, field::Field, input::Input},
    figure::{
        axes,
        canvas::Canvas,
        colourbar::ColourBar,
        levels,
        look::Look,
        moment::Moment,
        names::{axis_names, oblique},
        plot,
        rect::Rect,
        scene::{Drawing, Scene},
        text::Anchor,
    },
    options::{Options, Plot},
};

/// Points along an axis of a lit surface by default: its cells are a few pixels large at most.
const LIT: usize = 401;

/// Draws everything at a moment.
pub(crate) fn sheet(options: &Options, input: &Input, moment: Moment) -> anyhow::Result<Canvas> {
    let scene = Scene {
        options,
        look: Look::of(options),
        title: options.title.clone(),
        names: axis_names(options, &input.notes),
        runs: &input.runs,
        marks: Mark::all(&input.notes),
        shared: None,
        among: false,
        speaks: moment.speaks,
        progress: moment.progress,
        turned: moment.turned,
    };
    match (options.plot, &input.surfaces[..]) {
        (Plot::Trajectory, _) => Ok(plot::trajectories(&scene)?.canvas),
        (Plot::Along, _) => Ok(plot::along(&scene)?.canvas),
        (Plot::Density, _) => Ok(plot::density(&scene, &input.spectra)?.canvas),
        (Plot::Eigenvalues, _) => Ok(plot::eigenvalues(&scene, &input.spectra)?.canvas),
        (Plot::Repeats, curves) => {
            let drawing = plot::repeats(&scene, curves).with_context(|| names_of(curves))?;
            Ok(drawing.canvas)
        }
        (_, [surface]) => Ok(draw(&scene, surface)?.canvas),
        (_, surfaces) => panels(scene, surfaces, &input.titles),
    }
}

/// Several surfaces, each in a panel with its title.
fn panels(
    mut scene: Scene,
    surfaces: &[Stored<Surface>],
    titles: &[String],
) -> anyhow::Result<Canvas> {
    scene.among = true;
    if scene.options.share_range {
        scene.shared = Some(extent(scene.options, surfaces)?);
    }
    let mut panels = Vec::new();
    for (surface, title) in surfaces.iter().zip(titles) {
        let panel = Scene {
            title: title.clone(),
            // panels that share a scale say it once
            speaks: scene.speaks && (panels.is_empty() || scene.shared.is_none()),
            ..scene.clone()
        };
        panels.push(draw(&panel, surface)?);
    }
    arranged(&scene, &panels)
}

/// Draws a surface; errors name its file.
fn draw(scene: &Scene, surface: &Stored<Surface>) -> anyhow::Result<Drawing> {
    let names = axis_names(scene.options, &surface.notes);
    if let Some(degrees) = oblique(&surface.notes) {
        scene.say(format!(
            "the axes are at {degrees:.0}° to each other, and are drawn at a right angle: \
             make-dirs --orthonormal makes axes that keep lengths and angles"
        ));
    }
    let scene = &Scene {
        names,
        marks: Mark::all(&surface.notes),
        ..scene.clone()
    };
    drawing_of(scene, surface).with_context(|| surface.header.path.display().to_string())
}

fn drawing_of(scene: &Scene, surface: &Stored<Surface>) -> anyhow::Result<Drawing> {
    match scene.options.plot {
        Plot::Contour => plot::contour(scene, &field(scene, surface)?),
        Plot::Contourf => plot::filled(scene, &field(scene, surface)?),
        Plot::Surface3d => plot::surface3d(scene, &field(scene, surface)?),
        Plot::Heat | Plot::EigRatio | Plot::Stderr => plot::heat(scene, &field(scene, surface)?),
        Plot::Curve
        | Plot::Repeats
        | Plot::Trajectory
        | Plot::Along
        | Plot::Density
        | Plot::Eigenvalues => plot::curve(scene, surface),
    }
}

/// The files of surfaces, for errors about all of them.
fn names_of(surfaces: &[Stored<Surface>]) -> String {
    let mut names = Vec::new();
    for surface in surfaces {
        names.push(surface.header.path.display().to_string());
    }
    names.join(", ")
}

/// What is drawn of a surface, resampled where that was asked for.
fn field(scene: &Scene, surface: &Stored<Surface>) -> anyhow::Result<Field> {
    let options = scene.options;
    let field = Field::new(options, surface)?;
    if let Some(beyond) = field.beyond() {
        scene.say(format!("hatched: {beyond}"));
    }
    let measured = field.x.len().max(field.y.len());
    let count = match options.smooth {
        Some(count) => count,
        None if options.lit() && measured < LIT => LIT,
        None => return Ok(field),
    };
    let by_levels = options.plot.has_levels() && options.chooses_levels();
    let extent = scene.shared.unwrap_or_else(|| field.extent());
    let log = levels::is_log(options, !by_levels, extent);
    // what has no place on the scale is told before it is smoothed
    extent.ends(log)?;
    let smoothed = field.smoothed(count, log)?;
    scene.say(format!(
        "smoothed to {count}x{count} points by cubic splines"
    ));
    Ok(smoothed)
}

/// The numbers of all panels.
fn extent(options: &Options, surfaces: &[Stored<Surface>]) -> anyhow::Result<Extent> {
    let (mut values, mut meaning) = (Vec::new(), MetricMeaning::Loss);
    for surface in surfaces {
        if options.plot == Plot::Curve {
            values.extend(plot::losses(surface));
        } else {
            let field = Field::new(options, surface)?;
            meaning = field.quantity.meaning;
            values.extend(field.z);
        }
    }
    anyhow::ensure!(
        values.iter().any(|value| value.is_finite()),
        "{}: there is no finite value to share a range",
        names_of(surfaces)
    );
    Ok(Extent::over(meaning, values.iter()))
}

/// The colour bar of all panels: one that says where values were cut off, where a panel has one.
fn shared_bar<'a>(scene: &Scene, panels: &'a [Drawing]) -> Option<&'a ColourBar> {
    if scene.shared.is_none() || !scene.options.has_colour_bar() {
        return None;
    }
    let bars: Vec<&ColourBar> = panels.iter().flat_map(|panel| &panel.bar).collect();
    let cut_off = bars.iter().find(|bar| bar.limit.is_some());
    cut_off.or(bars.first()).copied()
}

/// Panels row by row, the title of all above them, the colour bar of all at their right.
fn arranged(scene: &Scene, panels: &[Drawing]) -> anyhow::Result<Canvas> {
    let look = scene.look;
    let [width, height] = scene.options.size();
    let columns = match scene.options.panel {
        Some(panel) => panel.columns.min(panels.len()),
        None => (panels.len() as f64).sqrt().ceil() as usize,
    };
    let rows = panels.len().div_ceil(columns);
    let top = if scene.options.title.is_empty() {
        0.0
    } else {
        axes::title_space(&scene.options.title, look)
    };
    let all = Rect {
        x: 0.0,
        y: top,
        width: width * columns as f64,
        height: height * rows as f64,
    };
    let bar = shared_bar(scene, panels);
    let bar_height = (0.8 * all.height).min(4.0 * height);
    let after = bar.map_or(0.0, |bar| bar.space(bar_height, look));

    let mut canvas = Canvas::new([all.width + after, all.bottom()], look);
    for (k, panel) in panels.iter().enumerate() {
        canvas.place(
            &panel.canvas,
            [
                (k % columns) as f64 * width,
                top + (k / columns) as f64 * height,
            ],
        );
    }
    let at = [all.centre()[0], 0.5 * look.labels + look.title()];
    axes::label(
        &mut canvas,
        at,
        &scene.options.title,
        look.title(),
        Anchor::Middle,
        look.ink,
    );
    if let Some(bar) = bar {
        let y = all.centre()[1] - bar_height / 2.0;
        bar.draw(
            &mut canvas,
            Rect {
                x: 0.0,
                y,
                width: all.width - 0.8 * look.labels,
                height: bar_height,
            },
        )?;
    }
    Ok(canvas)
}
