//! Options against each other: what a plot or an output does not use is refused, never ignored.

use std::path::PathBuf;

use anyhow::{bail, ensure};
use clap::ValueEnum;

use crate::{
    args::{Args, Aspect, Motion, Plot},
    field::LARGEST,
    look::Style,
    output::Target,
};

/// The most pictures of an animation.
const MOST_FRAMES: usize = 100_000;

/// Checks the options; returns the plot.
///
/// # Errors
/// An option that the plot does not use, or a value out of range.
pub(crate) fn check(args: &Args, target: Target) -> anyhow::Result<Plot> {
    if target != Target::Terminal {
        let inputs = args.files.iter().chain(&args.trajectory);
        args.output.check(inputs.map(PathBuf::as_path))?;
    }
    let plot = plot(args, target)?;
    ensure!(
        args.frames.is_none_or(|frames| frames.get() <= MOST_FRAMES),
        "--frames is more than {MOST_FRAMES}, a film of hours"
    );
    let contours = matches!(plot, Plot::Contour | Plot::Contourf);
    let curves = matches!(plot, Plot::Curve | Plot::Repeats);
    let lines = curves || plot == Plot::Trajectory;
    let solid = plot == Plot::Surface3d;
    let figure = !matches!(target, Target::Page | Target::Terminal);
    let lit = args.style == Style::Lit;
    let unused = [
        ("--vlevel", args.vlevel.is_some() && !(contours && figure)),
        ("--levels", args.levels.is_some() && !(contours && figure)),
        (
            "--surf-name",
            args.surf_name.is_some() && (lines || plot == Plot::EigRatio),
        ),
        ("--signed", args.signed && plot != Plot::EigRatio),
        ("--cmap", args.cmap.is_some() && lines),
        (
            "--trajectory",
            !args.trajectory.is_empty() && (lines || target == Target::Terminal),
        ),
        ("--elevation", args.elevation.is_some() && !solid),
        ("--azimuth", args.azimuth.is_some() && !solid),
        ("--floor", args.floor && !(solid && figure)),
        ("--log", args.log && plot == Plot::Trajectory),
        (
            "--vmin",
            args.vmin.is_some() && (plot == Plot::Trajectory || target == Target::Page),
        ),
        ("--vmax", args.vmax.is_some() && plot == Plot::Trajectory),
        ("--panel", args.panel.is_some() && one_picture(plot)),
        (
            "--panel-title",
            !args.panel_title.is_empty() && one_picture(plot),
        ),
        ("--smooth", args.smooth.is_some() && !smooths(plot)),
        ("--no-axes", args.no_axes && curves),
        ("--no-colorbar", args.no_colorbar && !has_colour_bar(plot)),
        ("--style lit", lit && !solid),
    ];
    let (name, by) = (plot.to_possible_value(), "does not use");
    let name = name.as_ref().map_or("", |plot| plot.get_name());
    if let Some((option, _)) = unused.iter().find(|(_, unused)| *unused) {
        bail!(
            "--plot {name} {by} {option}{}",
            if figure { "" } else { " in this form" }
        );
    }
    let only_figures = [
        ("--style", args.style != Style::Plain),
        ("--size", args.size.is_some()),
        ("--dpi", args.dpi.is_some()),
        ("--font-size", args.font_size.is_some()),
        ("--aspect", args.aspect != Aspect::Auto),
        ("--panel", args.panel.is_some()),
        ("--animate", args.animate.is_some()),
        ("--smooth", args.smooth.is_some()),
        ("--no-axes", args.no_axes),
        ("--no-colorbar", args.no_colorbar),
        ("--font", args.font.is_some()),
    ];
    if let Some((option, _)) = only_figures.iter().find(|(_, given)| *given && !figure) {
        bail!(
            "{} {by} {option}: pictures do",
            if target == Target::Page {
                "a page"
            } else {
                "the terminal"
            }
        );
    }
    animation(args, plot, target)?;
    without_axes(args)?;
    values(args)?;
    Ok(plot)
}

/// Whether several files make one picture, not panels.
fn one_picture(plot: Plot) -> bool {
    matches!(plot, Plot::Repeats | Plot::Trajectory)
}

/// Whether a plot draws a field that may be resampled.
fn smooths(plot: Plot) -> bool {
    matches!(
        plot,
        Plot::Contour | Plot::Contourf | Plot::Heat | Plot::Surface3d
    )
}

/// Whether a plot has a colour bar.
fn has_colour_bar(plot: Plot) -> bool {
    match plot {
        Plot::Contourf | Plot::Heat | Plot::Surface3d | Plot::EigRatio | Plot::Stderr => true,
        Plot::Curve | Plot::Repeats | Plot::Contour | Plot::Trajectory => false,
    }
}

/// Refuses options for axes that are not drawn.
fn without_axes(args: &Args) -> anyhow::Result<()> {
    if args.has_axes() {
        return Ok(());
    }
    let by = if args.lit() {
        "--style lit"
    } else {
        "--no-axes"
    };
    let given = [
        ("--xlabel", args.xlabel.is_some()),
        ("--ylabel", args.ylabel.is_some()),
        ("--floor", args.floor && args.lit()),
    ];
    for (option, given) in given {
        ensure!(
            !given,
            "{by} leaves no place for {option}: leave one of them out"
        );
    }
    Ok(())
}

/// What is drawn, where it may be left out.
fn plot(args: &Args, target: Target) -> anyhow::Result<Plot> {
    match (target, args.plot) {
        (Target::Page, None | Some(Plot::Surface3d)) => Ok(Plot::Surface3d),
        (Target::Page, Some(_)) => {
            bail!("a page has the surface and its contours: --plot surface3d, or none")
        }
        (Target::Terminal, None | Some(Plot::Heat)) => Ok(Plot::Heat),
        (Target::Terminal, Some(_)) => {
            bail!("a terminal shows --plot heat; --output FILE.png has the others")
        }
        (_, Some(plot)) => Ok(plot),
        (_, None) => bail!("--plot is missing: which picture? (--help lists them)"),
    }
}

fn animation(args: &Args, plot: Plot, target: Target) -> anyhow::Result<()> {
    let moving = matches!(target, Target::Gif | Target::Apng);
    ensure!(
        args.animate.is_none() || moving,
        "an animation is named .gif or .apng"
    );
    match args.animate {
        None => ensure!(
            !moving,
            "a .gif or .apng moves: --animate rotate or trajectory"
        ),
        Some(Motion::Rotate) => ensure!(
            plot == Plot::Surface3d,
            "--animate rotate turns --plot surface3d"
        ),
        Some(Motion::Trajectory) => {
            let drawn = plot == Plot::Trajectory || !args.trajectory.is_empty();
            ensure!(drawn, "--animate trajectory wants a --trajectory");
        }
    }
    Ok(())
}

fn values(args: &Args) -> anyhow::Result<()> {
    let within = |name: &str, value: f64, low: f64, high: f64| {
        ensure!(
            (low..=high).contains(&value),
            "{name} is {value}, it must be from {low} to {high}"
        );
        Ok(())
    };
    for (name, value) in [
        ("--vmin", args.vmin),
        ("--vmax", args.vmax),
        ("--vlevel", args.vlevel),
        ("--clip", args.clip),
        ("--azimuth", args.azimuth),
    ] {
        within(name, value.unwrap_or(0.0), -LARGEST, LARGEST)?;
    }
    within("--dpi", args.dpi(), 20.0, 2400.0)?;
    within("--font-size", args.font_size.unwrap_or(10.0), 3.0, 100.0)?;
    within("--elevation", args.elevation.unwrap_or(0.0), -5.0, 90.0)?;
    let levels = args.levels.iter().flatten();
    ensure!(
        levels.clone().all(|level| level.abs() <= LARGEST),
        "--levels holds something else than numbers up to {LARGEST:e}"
    );
    ensure!(
        levels.clone().is_sorted_by(|a, b| a < b),
        "--levels must ascend"
    );
    if let (Some([rows, columns]), count) = (args.panel, args.files.len()) {
        ensure!(
            rows == 0 || rows * columns >= count,
            "--panel {rows}x{columns} has no room for {count} files"
        );
    }
    let (titles, files) = (args.panel_title.len(), args.files.len());
    ensure!(
        titles == 0 || files > 1,
        "--panel-title names panels of several files: use --title"
    );
    ensure!(
        titles == 0 || titles == files,
        "--panel-title is given {titles} times for {files} files: give it once for each file, in their order"
    );
    Ok(())
}
