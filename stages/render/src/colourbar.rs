use crate::{
    axes::{self, Side},
    canvas::{Canvas, Pixels, Rect, Stroke},
    colour::{Colour, ColourMap},
    scale::Scale,
};

/// Width of the bar, and its distance from the picture.
const WIDTH: f64 = 13.0;
const APART: f64 = 14.0;

/// The space that a colour bar of a height takes at the right.
pub(crate) fn space(scale: &Scale, height: f64) -> f64 {
    APART + WIDTH + axes::vertical_space(scale, height)
}

/// A colour bar at the right of an area: continuous, or in the bands between `borders`.
pub(crate) fn draw(
    canvas: &mut Canvas,
    area: Rect,
    scale: &Scale,
    borders: Option<&[f64]>,
    map: ColourMap,
    name: &str,
) -> anyhow::Result<()> {
    let bar = Rect { x: area.right() + APART, width: WIDTH, ..area };
    match borders {
        Some(borders) => {
            for band in borders.windows(2) {
                let (low, high) = (scale.at(band[0]), scale.at(band[1]));
                let y = bar.bottom() - high * bar.height;
                canvas.fill_rect(Rect { y, height: (high - low) * bar.height, ..bar }, map.at(middle(scale, band)));
            }
        }
        None => {
            let rows = 512;
            let colours = (0..rows).rev().map(|row| map.at(f64::from(row) / f64::from(rows - 1)).0);
            let rgba = colours.flat_map(|[red, green, blue]| [red, green, blue, 255]).collect();
            canvas.image(bar, &Pixels { width: 1, height: rows as usize, rgba })?;
        }
    }
    canvas.outline(bar, Stroke::solid(Colour::BLACK, 0.8));
    axes::vertical(canvas, bar, scale, name, Side::Right, Colour::BLACK);
    Ok(())
}

/// Where the middle of a band is on its scale.
pub(crate) fn middle(scale: &Scale, band: &[f64]) -> f64 {
    (scale.at(band[0]) + scale.at(band[1])) / 2.0
}
