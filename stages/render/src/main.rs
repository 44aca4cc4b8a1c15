//! Draws surfaces, curves and trajectories: `render surface.h5 --plot contour --output
//! contour.pdf`.
//!
//! `args` becomes `options`; `data` reads what is drawn, `figure` draws it, `output` makes bytes of
//! the drawing.

mod args;
mod data;
mod figure;
mod options;
mod output;

use std::process::ExitCode;

use clap::Parser;

use args::Args;
use data::input::Input;
use figure::{
    canvas::Canvas,
    moment::{Moment, moments},
    page::Page,
    sheet::sheet,
    terminal, text,
};
use options::{Form, Options};
use output::{animation, picture, picture::Frame};

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let file = args.output.target();
    let options = args.checked()?;
    if let Some(font) = &options.font {
        text::add_font_for_all(font)?;
    }
    let input = Input::read(&options)?;
    let record = input.record.as_ref();

    let bytes = match options.form {
        Form::Terminal => return terminal::print(&options, &input),
        Form::Page => output::page::document(&Page::new(&options, &input)?, record)?,
        Form::Gif => animation::gif(&frames(&options, &input)?, options.fps, record)?,
        Form::Apng => animation::apng(&frames(&options, &input)?, options.fps, record)?,
        Form::Png => picture::png(&still(&options, &input)?, options.dpi(), record)?,
        Form::Svg => picture::svg(&still(&options, &input)?, record)?,
        Form::Pdf => picture::pdf(&still(&options, &input)?, record)?,
    };
    Ok(file.publish(&bytes)?)
}

/// What does not move.
fn still(options: &Options, input: &Input) -> anyhow::Result<Canvas> {
    sheet(options, input, Moment::STILL)
}

/// The pictures of an animation.
fn frames(options: &Options, input: &Input) -> anyhow::Result<Vec<Frame>> {
    let mut frames = Vec::new();
    for moment in moments(options, input) {
        let canvas = sheet(options, input, moment)?;
        frames.push(picture::pixels(&canvas, options.dpi())?);
    }
    Ok(frames)
}
