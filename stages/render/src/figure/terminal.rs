//! A heat map in the terminal, for a look on a login node: two rows of the picture in a line, in
//! true colour.

use anyhow::Context;
use colour::{Colour, ColourMap};
use files::{Stored, Surface};

use crate::{
    data::{field::Field, input::Input, number::number},
    figure::{levels, look::Look, scale::Scale},
    options::Options,
};

/// Characters per line where the terminal does not say its width, and the most that are used.
const COLUMNS: usize = 80;
const MOST: usize = 120;
/// Most lines of a picture.
const LINES: usize = 45;

/// Prints each surface.
pub(crate) fn print(options: &Options, input: &Input) -> anyhow::Result<()> {
    for (surface, title) in input.surfaces.iter().zip(&input.titles) {
        let title = if input.surfaces.len() > 1 {
            title
        } else {
            &options.title
        };
        let picture = read_and_draw(options, surface, title)
            .with_context(|| surface.header.path.display().to_string())?;
        stage::print(picture)?;
    }
    Ok(())
}

fn read_and_draw(
    options: &Options,
    surface: &Stored<Surface>,
    title: &str,
) -> anyhow::Result<String> {
    let field = Field::new(options, surface)?;
    let [width, height] = size(&field, room());
    let map = options.cmap.unwrap_or(ColourMap::Viridis);
    let picture = Picture {
        field: &field,
        scale: scale(options, &field)?,
        map,
        hole: Look::of(options).hole(map),
        width,
        height,
    };
    Ok(picture.text(title))
}

/// The scale of the colours.
fn scale(options: &Options, field: &Field) -> anyhow::Result<Scale> {
    let extent = field.extent();
    let log = levels::is_log(options, true, extent);
    let (low, high) = extent.ends(log)?;
    let (low, high) = (options.vmin.unwrap_or(low), options.vmax.unwrap_or(high));
    anyhow::ensure!(
        low <= high && (!log || low > 0.0),
        "no scale goes from {low} to {high}"
    );
    Ok(Scale::new(log, low, high))
}

/// Characters per line that there is room for.
fn room() -> usize {
    if let Ok(columns) = std::env::var("COLUMNS")
        && let Ok(columns) = columns.parse()
    {
        return columns;
    }
    match terminal_size::terminal_size() {
        Some((width, _)) => usize::from(width.0),
        None => COLUMNS,
    }
}

/// Characters per line, and rows, of which there are two in a line.
fn size(field: &Field, room: usize) -> [usize; 2] {
    let (ny, nx) = field.z.dim();
    let tall = ny as f64 / nx as f64;
    let most = (2.0 * LINES as f64 / tall) as usize;
    let width = room.clamp(10, MOST).min(most).max(2);
    let height = ((width as f64 * tall) as usize).clamp(2, 2 * LINES);
    [width, height]
}

/// A heat map of characters.
struct Picture<'a> {
    field: &'a Field,
    scale: Scale,
    map: ColourMap,
    /// The colour where there is no value.
    hole: Colour,
    width: usize,
    height: usize,
}

impl Picture<'_> {
    fn text(&self, title: &str) -> String {
        let colon = if title.is_empty() { "" } else { ": " };
        let mut text = format!("{title}{colon}{}\n", self.field.title());
        for line in (0..self.height).step_by(2) {
            for column in 0..self.width {
                text += &halves(self.colour(line, column), self.colour(line + 1, column));
            }
            text += "\x1b[0m\n";
        }
        text + &self.bar()
    }

    /// The colour of a row, counted from the top, and a column; below the last row that of the
    /// last.
    fn colour(&self, row: usize, column: usize) -> Colour {
        let (ny, nx) = self.field.z.dim();
        let from_below = self.height - 1 - row.min(self.height - 1);
        let value = self.field.z[[from_below * ny / self.height, column * nx / self.width]];
        if value.is_nan() {
            self.hole
        } else {
            let value = value.clamp(self.scale.low, self.scale.high);
            self.map.at(self.scale.at(value))
        }
    }

    /// The colours between the ends of the scale.
    fn bar(&self) -> String {
        let (low, high) = (end(self.scale.low), end(self.scale.high));
        let texts = low.chars().count() + high.chars().count() + 2;
        let length = self.width.saturating_sub(texts).max(4);
        let mut bar = String::new();
        for k in 0..length {
            let colour = self.map.at(k as f64 / (length - 1) as f64);
            bar += &halves(colour, colour);
        }
        let log = if self.scale.log { " (logarithmic)" } else { "" };
        format!("{low} {bar}\x1b[0m {high}{log}")
    }
}

/// A number at an end of the bar; a terminal has no superscripts.
fn end(value: f64) -> String {
    let text = number(value);
    if text.contains('^') {
        format!("{value:.2e}")
    } else {
        text
    }
}

/// A character whose upper and lower halves have two colours.
fn halves(Colour([r, g, b]): Colour, Colour([r2, g2, b2]): Colour) -> String {
    format!("\x1b[38;2;{r};{g};{b};48;2;{r2};{g2};{b2}m▀")
}
