//! Lines over one axis: losses on the left axis, accuracies on the right one.

use anyhow::ensure;
use colour::Colour;
use files::{MetricMeaning, Split};

use crate::{
    data::extent::Extent,
    figure::{
        axes::{self, Axes},
        canvas::Canvas,
        legend::{self, Entry, Sample},
        look::Look,
        rect::Rect,
        scale::Scale,
        scene::{Drawing, Scene},
        stroke::{Dash, Stroke},
    },
};

use super::frame::Frame;

/// The scale of accuracies.
const PERCENT: Scale = Scale {
    low: 0.0,
    high: 100.0,
    log: false,
};
/// The largest loss on a linear axis, as in the paper: beyond that a curve is chaos.
const MOST: f64 = 5.0;

/// A metric over the x axis.
pub(super) struct Line {
    /// Its name in the legend; none of the single curves whose mean is there.
    pub(super) name: Option<String>,
    /// The coordinates of its values, ascending.
    pub(super) x: Vec<f64>,
    /// A value at each coordinate; there is a gap where it is not finite.
    pub(super) values: Vec<f64>,
    /// Half the width of the band around it at each coordinate.
    pub(super) band: Option<Vec<f64>>,
    pub(super) stroke: Stroke,
}

/// The lines of the two vertical axes.
pub(super) struct Sides {
    pub(super) losses: Vec<Line>,
    pub(super) accuracies: Vec<Line>,
    /// What the labels of the axes add: of how many curves these are the means.
    pub(super) of: String,
    /// What the left axis shows, where it is no loss.
    pub(super) other: Option<String>,
}

impl Line {
    /// Points between gaps: x, and the value with this number of bands added.
    pub(super) fn pieces(&self, bands: f64) -> Vec<Vec<[f64; 2]>> {
        let (mut pieces, mut piece) = (Vec::new(), Vec::new());
        for (k, x) in self.x.iter().enumerate() {
            let beside = match &self.band {
                Some(band) if bands != 0.0 => bands * band[k],
                Some(_) | None => 0.0,
            };
            let value = self.values[k] + beside;
            if value.is_finite() {
                piece.push([*x, value]);
            } else {
                pieces.push(std::mem::take(&mut piece));
            }
        }
        pieces.push(piece);
        pieces.retain(|piece: &Vec<[f64; 2]>| !piece.is_empty());
        pieces
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, axes: &Axes) {
        for piece in self.pieces(0.0) {
            let places = axes.places(&piece);
            // a line of one point would not be seen
            if let [only] = places[..] {
                canvas.disc(only, 0.8 * self.stroke.width, self.stroke.colour);
            }
            canvas.line(&places, self.stroke);
        }
    }

    pub(super) fn shade(&self, canvas: &mut Canvas, axes: &Axes) {
        if self.band.is_none() {
            return;
        }
        let (upper, lower) = (self.pieces(1.0), self.pieces(-1.0));
        for (upper, lower) in upper.iter().zip(&lower) {
            let mut ring = axes.places(upper);
            ring.extend(axes.places(lower).iter().rev());
            canvas.shade(&[ring], self.stroke.colour, 0.13);
        }
    }
}

impl Sides {
    /// The picture.
    pub(super) fn draw(&self, scene: &Scene) -> anyhow::Result<Drawing> {
        ensure!(
            !self.losses.is_empty() || !self.accuracies.is_empty(),
            "there is neither a loss nor an accuracy with a finite value"
        );
        let loss = self.loss_scale(scene)?;
        let mut canvas = scene.canvas();
        let mut area = self.area(&canvas, scene, loss);
        let entries = self.entries();
        let drawn = self.frame(area, loss).drawn();
        let mut place = legend::inside(area, &entries, &drawn, scene.look);
        if !place.free || scene.among {
            let (above, taken) = legend::above(area, &entries, scene.look);
            place = above;
            area.y += taken;
            area.height -= taken;
        }
        self.frame(area, loss).draw(&mut canvas, scene)?;
        legend::draw(&mut canvas, place, &entries);
        Ok(Drawing { canvas, bar: None })
    }

    /// The frame inside the titles and the axes.
    fn area(&self, canvas: &Canvas, scene: &Scene, loss: Scale) -> Rect {
        let look = scene.look;
        let top = axes::title_space(&scene.title, look);
        let height = canvas.height - top - axes::horizontal_space(look);
        let before = space(&self.losses, &loss, height, look);
        let after = space(&self.accuracies, &PERCENT, height, look);
        Rect {
            x: before,
            y: top,
            width: canvas.width - before - after,
            height,
        }
    }

    fn frame(&self, area: Rect, loss: Scale) -> Frame<'_> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for line in self.losses.iter().chain(&self.accuracies) {
            for x in &line.x {
                (low, high) = (low.min(*x), high.max(*x));
            }
        }
        let along = Scale::linear(low, high);
        Frame {
            sides: self,
            left: Axes {
                area,
                x: along,
                y: loss,
            },
            right: Axes {
                area,
                x: along,
                y: PERCENT,
            },
        }
    }

    /// What the legend says.
    fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for line in self.losses.iter().chain(&self.accuracies) {
            if let Some(name) = line.name.clone() {
                let sample = Sample::Line(line.stroke);
                entries.push(Entry { name, sample });
            }
        }
        entries
    }

    /// From 0 to the largest loss, to [`MOST`] at most; `--vmin` and `--vmax` change it.
    fn loss_scale(&self, scene: &Scene) -> anyhow::Result<Scale> {
        let (options, values) = (scene.options, finite(&self.losses));
        let extent = match scene.shared {
            Some(shared) => shared,
            None if values.is_empty() => Extent::over(MetricMeaning::Loss, [0.1, 1.0].iter()),
            None => Extent::over(MetricMeaning::Loss, values.iter()),
        };
        let (least, most) = extent.ends(options.log)?;
        // what is no loss has no chaos
        let cut = match self.other {
            Some(_) => f64::INFINITY,
            None => MOST,
        };
        let (least_shown, most_shown) = if options.log {
            (least / 1.15, most * 1.15)
        } else {
            (least.min(0.0) * 1.05, (most.max(0.0) * 1.05).min(cut))
        };
        let low = options.vmin.unwrap_or(least_shown);
        let high = options.vmax.unwrap_or(most_shown);
        let chosen = options.vmin.is_some() || options.vmax.is_some();
        if !chosen && low == high {
            // a loss of 0 everywhere
            return Ok(Scale::linear(low, high));
        }
        ensure!(
            !options.log || low > 0.0,
            "--log needs a positive --vmin, not {low}"
        );
        ensure!(low < high, "--vmin {low} is not below --vmax {high}");
        if !options.log && options.vmax.is_none() && most > cut {
            scene.say(format!(
                "losses up to {most:.3} are cut off at {MOST}, as in the paper: --vmax or --log \
                 shows them"
            ));
        }
        Ok(Scale::new(options.log, low, high))
    }
}

/// All finite values.
pub(super) fn finite(lines: &[Line]) -> Vec<f64> {
    lines
        .iter()
        .flat_map(|line| &line.values)
        .copied()
        .filter(|value| value.is_finite())
        .collect()
}

/// The space that the axis of some lines takes beside the frame.
fn space(lines: &[Line], scale: &Scale, height: f64, look: Look) -> f64 {
    if lines.is_empty() {
        axes::margin(look)
    } else {
        axes::vertical_space(scale, height, look)
    }
}

/// The strokes of train (solid), test (dashed) and other splits (dotted).
pub(super) fn stroke(split: Option<&Split>, colour: Colour, width: f64) -> Stroke {
    let dash = match split {
        Some(Split::Train) => Dash::Solid,
        Some(Split::Test) => Dash::Dashed,
        Some(Split::Other(_)) | None => Dash::Dotted,
    };
    Stroke {
        colour,
        width,
        dash,
    }
}
