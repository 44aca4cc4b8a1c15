//! Draws surfaces, curves and trajectories: `render surface.h5 --plot contour --output contour.pdf`.

mod animation;
mod args;
mod axes;
mod canvas;
mod check;
mod clip;
mod colourbar;
mod contour;
mod dither;
mod field;
mod input;
mod label;
mod legend;
mod levels;
mod look;
mod names;
mod obstacles;
mod output;
mod page;
mod plot;
mod rect;
mod scale;
mod sheet;
mod smooth;
mod stroke;
mod terminal;
mod text;
mod titles;

use std::process::ExitCode;

use clap::Parser;

use args::Args;
use input::Input;
use output::Target;
use sheet::Moment;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let output = &args.output.output;
    let target = Target::of(output)?;
    let plot = check::check(&args, target)?;
    if let Some(font) = &args.font {
        text::add_font_for_all(font)?;
    }
    let input = Input::read(&args)?;

    let picture = match target {
        Target::Terminal => return terminal::print(&args, &input),
        Target::Page => page::document(&args, &input)?,
        Target::Gif | Target::Apng => animation::animation(&args, plot, &input, target)?,
        Target::Png | Target::Svg | Target::Pdf => {
            let canvas = sheet::sheet(&args, plot, &input, Moment::STILL)?;
            output::figure(&canvas, target, args.dpi(), input.record.as_ref())?
        }
    };
    Ok(args.output.target().publish(&picture)?)
}
