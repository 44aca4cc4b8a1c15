//! From what was read to one canvas: a picture, or panels of them.

use anyhow::Context;
use files::{Stored, Surface};

use crate::{
    args::{Args, Plot},
    axes,
    canvas::{Canvas, Rect},
    colourbar::ColourBar,
    field::{Extent, Field},
    input::Input,
    levels,
    names::axis_names,
    plot::{self, Drawing, Scene},
    text::Anchor,
};

/// Points along an axis of a lit surface of which nothing is said: its cells are no larger than a
/// few pixels.
const LIT: usize = 401;

/// A moment of an animation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// How much of the trajectories is drawn, from 0 to 1.
    pub(crate) progress: f64,
    /// Degrees by which the eye has turned.
    pub(crate) turned: Option<f64>,
    /// Whether it is the first: what was chosen is said once.
    pub(crate) speaks: bool,
}

impl Moment {
    /// What does not move.
    pub(crate) const STILL: Self = Self {
        progress: 1.0,
        turned: None,
        speaks: true,
    };
}

/// Draws everything at a moment.
pub(crate) fn sheet(
    args: &Args,
    plot: Plot,
    input: &Input,
    moment: Moment,
) -> anyhow::Result<Canvas> {
    let mut scene = Scene {
        args,
        look: args.look(),
        title: args.title.clone(),
        names: axis_names(args, &input.notes),
        runs: &input.runs,
        shared: None,
        among: false,
        speaks: moment.speaks,
        progress: moment.progress,
        turned: moment.turned,
    };
    match (plot, &input.surfaces[..]) {
        (Plot::Trajectory, _) => return Ok(plot::trajectories(&scene)?.canvas),
        (Plot::Repeats, curves) => {
            let drawing = plot::repeats(&scene, curves).with_context(|| names_of(curves));
            return Ok(drawing?.canvas);
        }
        (plot, [surface]) => return Ok(draw(&scene, plot, surface)?.canvas),
        _ => {}
    }
    scene.among = true;
    if args.share_range {
        scene.shared = Some(extent(args, plot, &input.surfaces)?);
    }
    let panels =
        input
            .surfaces
            .iter()
            .zip(&input.titles)
            .enumerate()
            .map(|(k, (surface, title))| {
                let speaks = scene.speaks && (k == 0 || scene.shared.is_none());
                draw(
                    &Scene {
                        title: title.clone(),
                        speaks,
                        ..scene.clone()
                    },
                    plot,
                    surface,
                )
            });
    panels_of(&scene, &panels.collect::<anyhow::Result<Vec<_>>>()?)
}

/// Draws a surface; errors name its file.
fn draw(scene: &Scene, plot: Plot, surface: &Stored<Surface>) -> anyhow::Result<Drawing> {
    let names = axis_names(scene.args, &surface.notes);
    let scene = &Scene {
        names,
        ..scene.clone()
    };
    drawing_of(scene, plot, surface).with_context(|| surface.header.path.display().to_string())
}

fn drawing_of(scene: &Scene, plot: Plot, surface: &Stored<Surface>) -> anyhow::Result<Drawing> {
    match plot {
        Plot::Contour => plot::contour(scene, &field(scene, plot, surface)?),
        Plot::Contourf => plot::filled(scene, &field(scene, plot, surface)?),
        Plot::Surface3d => plot::surface3d(scene, &field(scene, plot, surface)?),
        Plot::Heat | Plot::EigRatio | Plot::Stderr => {
            plot::heat(scene, &field(scene, plot, surface)?)
        }
        Plot::Curve | Plot::Repeats | Plot::Trajectory => plot::curve(scene, surface),
    }
}

/// The files of surfaces, for errors about all of them.
fn names_of(surfaces: &[Stored<Surface>]) -> String {
    let paths = surfaces.iter().map(|surface| surface.header.path.display());
    paths
        .map(|path| path.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

/// What is drawn of a surface, resampled where that was asked for.
fn field(scene: &Scene, plot: Plot, surface: &Stored<Surface>) -> anyhow::Result<Field> {
    let args = scene.args;
    let field = Field::new(args, surface)?;
    if let Some(beyond) = field.beyond() {
        scene.say(format!("hatched: {beyond}"));
    }
    let measured = field.x.len().max(field.y.len());
    let count = match args.smooth {
        Some(count) => count as usize,
        None if args.lit() && measured < LIT => LIT,
        None => return Ok(field),
    };
    let by_levels = matches!(plot, Plot::Contour | Plot::Contourf) && args.chooses_levels();
    let extent = scene.shared.unwrap_or_else(|| field.extent());
    let log = levels::is_log(args, !by_levels, extent);
    // what has no place on the scale is told before it is smoothed
    extent.ends(log)?;
    let smoothed = field.smoothed(count, log)?;
    scene.say(format!(
        "smoothed to {count}x{count} points by cubic splines"
    ));
    Ok(smoothed)
}

/// The numbers of all panels.
fn extent(args: &Args, plot: Plot, surfaces: &[Stored<Surface>]) -> anyhow::Result<Extent> {
    let (mut values, mut name) = (Vec::new(), String::new());
    for surface in surfaces {
        if plot == Plot::Curve {
            values.extend(plot::losses(surface));
        } else {
            name = args.quantity(surface);
            values.extend(Field::new(args, surface)?.z);
        }
    }
    anyhow::ensure!(
        values.iter().any(|value| value.is_finite()),
        "{}: there is no finite value to share a range",
        names_of(surfaces)
    );
    Ok(Extent::over(&name, values.iter()))
}

/// The colour bar that stands for all panels: one that says where values were cut off, if there is
/// such.
fn shared_bar<'a>(scene: &Scene, panels: &'a [Drawing]) -> Option<&'a ColourBar> {
    if scene.shared.is_none() || !scene.args.has_colour_bar() {
        return None;
    }
    let bars = || panels.iter().filter_map(|panel| panel.bar.as_ref());
    bars()
        .find(|bar| bar.limit.is_some())
        .or_else(|| bars().next())
}

/// Panels row by row, the title of all above them, the colour bar of all at their right.
fn panels_of(scene: &Scene, panels: &[Drawing]) -> anyhow::Result<Canvas> {
    let look = scene.look;
    let [width, height] = scene.args.size();
    let columns = match scene.args.panel {
        Some([_, columns]) => columns.min(panels.len()),
        None => (panels.len() as f64).sqrt().ceil() as usize,
    };
    let rows = panels.len().div_ceil(columns);
    let top = if scene.args.title.is_empty() {
        0.0
    } else {
        axes::title_space(&scene.args.title, look)
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
        &scene.args.title,
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
