//! A heat map in the terminal, for a look on a login node: two points of the picture in a character, in true colour.

use anyhow::Context;
use colour::{Colour, ColourMap};

use crate::{
    args::Args,
    field::Field,
    input::Input,
    levels,
    scale::{self, Scale},
};

/// Characters per line where nothing says how many there are, and the most that are used.
const COLUMNS: usize = 80;
const MOST: usize = 120;
/// Most lines of a picture.
const LINES: usize = 45;

/// Prints each surface.
pub(crate) fn print(args: &Args, input: &Input) -> anyhow::Result<()> {
    for (surface, title) in input.surfaces.iter().zip(&input.titles) {
        let title = if input.surfaces.len() > 1 {
            title
        } else {
            &args.title
        };
        let picture = Field::new(args, surface).and_then(|field| picture(args, &field, title));
        let picture = picture.with_context(|| surface.header.path.display().to_string())?;
        stage::print(picture)?;
    }
    Ok(())
}

fn picture(args: &Args, field: &Field, title: &str) -> anyhow::Result<String> {
    let extent = field.extent();
    let log = levels::is_log(args, true, extent);
    let (low, high) = extent.ends(log)?;
    let (low, high) = (args.vmin.unwrap_or(low), args.vmax.unwrap_or(high));
    anyhow::ensure!(
        low <= high && (!log || low > 0.0),
        "no scale goes from {low} to {high}"
    );
    let scale = if log {
        Scale::logarithmic(low, high)
    } else {
        Scale::linear(low, high)
    };
    let map = args.cmap.unwrap_or(ColourMap::Viridis);

    let room = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let room =
        room.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)));
    let (ny, nx) = field.z.dim();
    let tall = ny as f64 / nx as f64;
    let width = room
        .unwrap_or(COLUMNS)
        .clamp(10, MOST)
        .min((2.0 * LINES as f64 / tall) as usize)
        .max(2);
    let height = ((width as f64 * tall) as usize).clamp(2, 2 * LINES);
    let colour = |line: usize, column: usize| {
        let (row, column) = (
            (height - 1 - line.min(height - 1)) * ny / height,
            column * nx / width,
        );
        let value = field.z[[row, column]];
        if value.is_nan() {
            args.look().hole(map)
        } else {
            map.at(scale.at(value.clamp(scale.low, scale.high)))
        }
    };
    let mut text = format!(
        "{title}{}{}\n",
        if title.is_empty() { "" } else { ": " },
        field.title()
    );
    for line in (0..height).step_by(2) {
        for column in 0..width {
            text += &halves(colour(line, column), colour(line + 1, column));
        }
        text += "\x1b[0m\n";
    }
    let end = |value: f64| {
        let text = scale::number(value);
        // no superscripts here
        if text.contains('^') {
            format!("{value:.2e}")
        } else {
            text
        }
    };
    let ends = (end(scale.low), end(scale.high));
    let bar = width
        .saturating_sub(ends.0.chars().count() + ends.1.chars().count() + 2)
        .max(4);
    let colours = (0..bar).map(|k| map.at(k as f64 / (bar - 1) as f64));
    let bar: String = colours.map(|colour| halves(colour, colour)).collect();
    Ok(format!(
        "{text}{} {bar}\x1b[0m {}{}",
        ends.0,
        ends.1,
        if log { " (logarithmic)" } else { "" }
    ))
}

/// A character whose upper and lower halves have two colours.
fn halves(Colour([r, g, b]): Colour, Colour([r2, g2, b2]): Colour) -> String {
    format!("\x1b[38;2;{r};{g};{b};48;2;{r2};{g2};{b2}m▀")
}
