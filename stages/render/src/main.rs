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

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use files::{Contents, Surface, Trajectory};

use args::{Args, Plot};
use output::Form;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    args.check()?;
    let form = Form::of(&args.output.output)?;
    let surface = Surface::read(&args.surface)?;
    let trajectory = args.trajectory.as_ref().map(|path| Trajectory::read(path)).transpose()?;
    if let (Some(trajectory), Some(measured)) = (&trajectory, &surface.measurement)
        && let Some(directions) = &trajectory.directions
    {
        // both were made with directions: the same, or the path does not lie on this surface
        measured.check_directions(&surface.header, directions, &trajectory.header)?;
    }

    let path = trajectory.as_ref().map(|trajectory| &trajectory.contents);
    let draw = match args.plot {
        Plot::Curve => plot::curve(&args, &surface),
        Plot::Contour => plot::contour(&args, &surface, path),
        Plot::Contourf => plot::filled(&args, &surface, path),
        Plot::Heat => plot::heat(&args, &surface, path),
        Plot::Surface3d => plot::surface3d(&args, &surface, path),
    };
    let canvas = draw.with_context(|| args.surface.display().to_string())?;

    let picture = output::picture(&canvas, form, args.dpi)?;
    files::replace(&args.output.output, |temporary| {
        std::fs::write(temporary, picture)
            .with_context(|| format!("{} cannot be written", args.output.output.display()))
    })
}
