use colour::{Colour, ColourMap};

use crate::{
    data::number::number,
    figure::{
        axes::{self, Side},
        canvas::{Canvas, Pixels},
        look::Look,
        rect::Rect,
        scale::Scale,
        stroke::Stroke,
        text::{self, Anchor},
        ticks::Tick,
    },
};

/// Width of the bar, and its distance from the picture, in [`Look::unit`]s.
const WIDTH: f64 = 13.0;
const APART: f64 = 14.0;
/// Pixels of a continuous bar.
const ROWS: u32 = 512;

/// What tells which colour stands for which value.
#[derive(Debug, Clone)]
pub(crate) struct ColourBar {
    pub(crate) scale: Scale,
    pub(crate) map: ColourMap,
    /// Borders of the bands, where it is not continuous.
    pub(crate) borders: Option<Vec<f64>>,
    /// What stands beside it; empty where an axis says it.
    pub(crate) name: String,
    /// Where the values were cut off: the end then has a hatched arrow.
    pub(crate) limit: Option<f64>,
}

impl ColourBar {
    /// The space that it takes at the right of a picture, when it has this height.
    pub(crate) fn space(&self, height: f64, look: Look) -> f64 {
        let label = if self.name.is_empty() {
            0.0
        } else {
            axes::label_space(look)
        };
        let mut ticks = self.ticks(height, look);
        ticks.extend(self.limit.map(|limit| Tick {
            value: limit,
            label: beyond(limit),
        }));
        (APART + WIDTH) * look.unit() + axes::ticks_space(&ticks, look) + label
    }

    /// The colour of a value.
    pub(crate) fn colour(&self, value: f64) -> Colour {
        self.map.at(self.scale.at(value))
    }

    /// The colour of a band, that of its middle.
    pub(crate) fn band(&self, band: &[f64]) -> Colour {
        self.map
            .at((self.scale.at(band[0]) + self.scale.at(band[1])) / 2.0)
    }

    /// Draws it at the right of an area.
    pub(crate) fn draw(&self, canvas: &mut Canvas, area: Rect) -> anyhow::Result<()> {
        let (look, unit) = (canvas.look, canvas.look.unit());
        let arrow = self.arrow(look);
        let bar = Rect {
            x: area.right() + APART * unit,
            y: area.y + arrow,
            width: WIDTH * unit,
            height: area.height - arrow,
        };
        match &self.borders {
            Some(borders) => {
                for band in borders.windows(2) {
                    let (low, high) = (self.scale.at(band[0]), self.scale.at(band[1]));
                    let y = bar.bottom() - high * bar.height;
                    canvas.fill_rect(
                        Rect {
                            y,
                            height: (high - low) * bar.height,
                            ..bar
                        },
                        self.band(band),
                    );
                }
            }
            None => {
                canvas.image(bar, &self.gradient())?;
            }
        }
        canvas.outline(bar, Stroke::solid(look.ink, 0.8 * unit));
        let mut ticks = self.ticks(bar.height, look);
        if let Some(limit) = self.limit {
            let room = 1.25 * look.numbers() - arrow / 2.0;
            for tick in &mut ticks {
                if (1.0 - self.scale.at(tick.value)) * bar.height < room {
                    tick.label.clear();
                }
            }
            self.draw_arrow(canvas, bar, limit);
        }
        axes::vertical(
            canvas,
            bar,
            (&self.scale, &ticks),
            &self.name,
            Side::Right,
            look.ink,
        );
        Ok(())
    }

    /// A column of pixels with all colours, the largest value on top.
    fn gradient(&self) -> Pixels {
        let mut rgba = Vec::new();
        for row in (0..ROWS).rev() {
            let Colour([red, green, blue]) = self.map.at(f64::from(row) / f64::from(ROWS - 1));
            rgba.extend([red, green, blue, 255]);
        }
        Pixels {
            width: 1,
            height: ROWS as usize,
            rgba,
        }
    }

    /// Height of the arrow at the end.
    fn arrow(&self, look: Look) -> f64 {
        if self.limit.is_some() {
            WIDTH * look.unit()
        } else {
            0.0
        }
    }

    fn draw_arrow(&self, canvas: &mut Canvas, bar: Rect, limit: f64) {
        let (look, unit, arrow) = (canvas.look, canvas.look.unit(), self.arrow(canvas.look));
        let tip = [bar.centre()[0], bar.y - arrow];
        let ring = [vec![[bar.x, bar.y], [bar.right(), bar.y], tip]];
        let top = self.top();
        canvas.fill(&ring, top);
        canvas.hatch(&ring, hatching(top, unit));
        let frame = Stroke::solid(look.ink, 0.8 * unit);
        canvas.line(&[ring[0][0], tip, ring[0][1]], frame);
        let down = text::CAPITAL * look.numbers() / 2.0;
        let at = [
            bar.right() + axes::NUMBERS * unit,
            bar.y - arrow / 2.0 + down,
        ];
        let label = beyond(limit);
        axes::label(canvas, at, &label, look.numbers(), Anchor::Start, look.ink);
    }

    /// The colour at the upper end.
    pub(crate) fn top(&self) -> Colour {
        match &self.borders {
            Some(borders) => self.band(&borders[borders.len() - 2..]),
            None => self.map.at(1.0),
        }
    }

    /// Ticks: of bands, the borders between them, as far as there is room.
    fn ticks(&self, height: f64, look: Look) -> Vec<Tick> {
        let Some(borders) = &self.borders else {
            return axes::vertical_ticks(&self.scale, height, look);
        };
        let between = borders.get(1..borders.len() - 1).unwrap_or_default();
        if between.is_empty() {
            return axes::vertical_ticks(&self.scale, height, look);
        }
        let room = 1.25 * look.numbers();
        let every =
            (1..=between.len()).find(|every| self.stand_apart(between, *every, height, room));
        let every = every.unwrap_or(1);
        let mut ticks = Vec::new();
        for (k, &value) in between.iter().enumerate() {
            let label = if k.is_multiple_of(every) {
                number(value)
            } else {
                String::new()
            };
            ticks.push(Tick { value, label });
        }
        ticks
    }

    /// Whether each of some values, in steps of `every`, has at least this room to the next one on
    /// a bar of this height.
    fn stand_apart(&self, values: &[f64], every: usize, height: f64, room: f64) -> bool {
        let kept: Vec<f64> = values.iter().step_by(every).copied().collect();
        kept.windows(2)
            .all(|pair| (self.scale.at(pair[1]) - self.scale.at(pair[0])) * height >= room)
    }
}

/// The lines on a colour where values were cut off.
pub(crate) fn hatching(colour: Colour, unit: f64) -> Stroke {
    Stroke::solid(colour.seen_on(colour), 0.8 * unit)
}

/// What stands at the arrow.
fn beyond(limit: f64) -> String {
    format!("≥ {}", number(limit))
}
