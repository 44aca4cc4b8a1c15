//! Draws a surface or a curve: `render surface.h5 --plot contour --output contour.pdf`.

mod args;
mod axes;
mod canvas;
mod colour;
mod colourbar;
mod contour;
mod field;
mod label;
mod legend;
mod levels;
mod output;
mod plot;
mod scale;
mod text;

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use files::{Contents, Stored, Surface, Trajectory};

use args::{Args, Plot};
use canvas::Canvas;
use output::Form;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    args.check()?;
    let form = Form::of(&args.output.output)?;
    let trajectory = args.trajectory.as_ref().map(|path| Trajectory::read(path)).transpose()?;

    let panels = args.surfaces.iter().map(|path| panel(&args, path, trajectory.as_ref()));
    let panels = panels.collect::<anyhow::Result<Vec<_>>>()?;
    let canvas = Canvas::panels(&panels, args.columns());

    let picture = output::picture(&canvas, form, args.dpi)?;
    files::replace(&args.output.output, |temporary| {
        std::fs::write(temporary, picture)
            .with_context(|| format!("{} cannot be written", args.output.output.display()))
    })
}

/// The picture of one surface.
fn panel(args: &Args, path: &Path, trajectory: Option<&Stored<Trajectory>>) -> anyhow::Result<Canvas> {
    let surface = Surface::read(path)?;
    if let (Some(trajectory), Some(measured)) = (trajectory, &surface.measurement)
        && let Some(directions) = &trajectory.directions
    {
        // both were made with directions: the same, or the path does not lie on this surface
        measured.check_directions(&surface.header, directions, &trajectory.header)?;
    }

    let mut args = args.clone();
    if args.surfaces.len() > 1 && args.title.is_empty() {
        args.title = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into());
    }
    let trajectory = trajectory.map(|trajectory| &trajectory.contents);
    let draw = match args.plot {
        Plot::Curve => plot::curve(&args, &surface),
        Plot::Contour => plot::contour(&args, &surface, trajectory),
        Plot::Contourf => plot::filled(&args, &surface, trajectory),
        Plot::Heat => plot::heat(&args, &surface, trajectory),
        Plot::Surface3d => plot::surface3d(&args, &surface, trajectory),
    };
    draw.with_context(|| path.display().to_string())
}
