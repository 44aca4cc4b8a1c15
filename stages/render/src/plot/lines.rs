//! Lines over one axis: losses on the left axis, accuracies on the right one.

use anyhow::ensure;
use colour::Colour;

use super::{Drawing, Scene};
use crate::{
    axes::{self, Axes, Side},
    canvas::{Canvas, Dash, Point, Rect, Stroke},
    field::Extent,
    legend::{self, Entry, Sample},
    obstacles::Obstacles,
    scale::Scale,
};

/// A metric over the x axis.
pub(super) struct Line {
    /// Its name in the legend; none where others stand for it.
    pub(super) name: Option<String>,
    /// A value at each coordinate; there is a gap where it is not finite.
    pub(super) values: Vec<f64>,
    /// Half the width of the band around it at each coordinate.
    pub(super) band: Option<Vec<f64>>,
    pub(super) stroke: Stroke,
}

/// What stands on the two axes.
pub(super) struct Sides {
    pub(super) losses: Vec<Line>,
    pub(super) accuracies: Vec<Line>,
    /// What the labels of the axes say beside: of how many curves these are the means.
    pub(super) of: String,
}

impl Line {
    /// Points between gaps: x, and the value with so many bands added.
    fn pieces(&self, x: &[f64], bands: f64) -> Vec<Vec<[f64; 2]>> {
        let band = |k: usize| {
            self.band
                .as_ref()
                .map_or(0.0, |band| if bands == 0.0 { 0.0 } else { bands * band[k] })
        };
        let points: Vec<[f64; 2]> = (0..x.len())
            .map(|k| [x[k], self.values[k] + band(k)])
            .collect();
        let pieces = points
            .split(|point| !point[1].is_finite())
            .filter(|piece| !piece.is_empty());
        pieces.map(<[_]>::to_vec).collect()
    }

    fn draw(&self, canvas: &mut Canvas, axes: &Axes, x: &[f64]) {
        for piece in self.pieces(x, 0.0) {
            let places = axes.places(&piece);
            // a line of one point would not be seen
            if let [only] = places[..] {
                canvas.disc(only, 0.8 * self.stroke.width, self.stroke.colour);
            }
            canvas.line(&places, self.stroke);
        }
    }

    fn shade(&self, canvas: &mut Canvas, axes: &Axes, x: &[f64]) {
        let (upper, lower) = (self.pieces(x, 1.0), self.pieces(x, -1.0));
        for (upper, lower) in upper.iter().zip(&lower).filter(|_| self.band.is_some()) {
            let ring: Vec<Point> = upper
                .iter()
                .chain(lower.iter().rev())
                .map(|place| axes.place(*place))
                .collect();
            canvas.shade(&[ring], self.stroke.colour, 0.13);
        }
    }
}

impl Sides {
    /// The picture; `x` are the coordinates of all values.
    pub(super) fn draw(&self, scene: &Scene, x: &[f64]) -> anyhow::Result<Drawing> {
        let Self {
            losses,
            accuracies,
            of,
        } = self;
        ensure!(
            !losses.is_empty() || !accuracies.is_empty(),
            "there is neither a loss nor an accuracy with a finite value"
        );
        let look = scene.look;
        let (left, right) = (self.loss_scale(scene)?, Scale::linear(0.0, 100.0));
        let mut canvas = scene.canvas();
        let top = axes::title_space(&scene.title, look);
        let height = canvas.height - top - axes::horizontal_space(look);
        let space = |lines: &[Line], scale| match lines {
            [] => axes::margin(look),
            _ => axes::vertical_space(scale, height, look),
        };
        let (before, after) = (space(losses, &left), space(accuracies, &right));
        let mut area = Rect {
            x: before,
            y: top,
            width: canvas.width - before - after,
            height,
        };
        let mut entries = Vec::new();
        for line in losses.iter().chain(accuracies) {
            let sample = Sample::Line(line.stroke);
            entries.extend(line.name.clone().map(|name| Entry { name, sample }));
        }
        let x_scale = Scale::linear(x[0], x[x.len() - 1]);
        let both = |area: Rect| {
            let on = |y: Scale| Axes {
                area,
                x: x_scale,
                y,
            };
            [(on(left), losses), (on(right), accuracies)]
        };
        let mut place = legend::inside(area, &entries, &drawn(area, &both(area), x), look);
        if !place.free || scene.among {
            let (above, taken) = legend::above(area, &entries, look);
            (place, area) = (
                above,
                Rect {
                    y: area.y + taken,
                    height: area.height - taken,
                    ..area
                },
            );
        }
        let both = both(area);

        let main = if losses.is_empty() {
            &both[1].0
        } else {
            &both[0].0
        };
        main.grid(&mut canvas);
        canvas.clipped(area, |canvas| {
            let lines = || {
                both.iter()
                    .flat_map(|(axes, lines)| lines.iter().map(move |line| (axes, line)))
            };
            lines().for_each(|(axes, line)| line.shade(canvas, axes, x));
            lines().for_each(|(axes, line)| line.draw(canvas, axes, x));
            Ok(())
        })?;
        main.title(&mut canvas, &scene.title);
        main.frame(&mut canvas);
        main.horizontal(&mut canvas, &scene.names[0]);
        let ink = |lines: &[Line]| {
            lines
                .iter()
                .find(|line| line.name.is_some())
                .map_or(look.ink, |line| line.stroke.colour)
        };
        if !losses.is_empty() {
            both[0]
                .0
                .vertical(&mut canvas, &format!("loss{of}"), Side::Left, ink(losses));
        }
        if !accuracies.is_empty() {
            both[1].0.vertical(
                &mut canvas,
                &format!("accuracy (%){of}"),
                Side::Right,
                ink(accuracies),
            );
        }
        legend::draw(&mut canvas, place, &entries);
        Ok(Drawing { canvas, bar: None })
    }

    /// From 0 to the largest loss, to 5 at most as in the paper: beyond that a curve is chaos. `--vmin` and `--vmax`
    /// change it.
    fn loss_scale(&self, scene: &Scene) -> anyhow::Result<Scale> {
        let (args, values) = (scene.args, finite(&self.losses));
        let extent = match scene.shared {
            Some(shared) => shared,
            None if values.is_empty() => Extent::over("loss", [0.1, 1.0].iter()),
            None => Extent::over("loss", values.iter()),
        };
        let (least, most) = extent.ends(args.log)?;
        let (low, high) = match args.log {
            true => (
                args.vmin.unwrap_or(least / 1.15),
                args.vmax.unwrap_or(most * 1.15),
            ),
            false => (
                args.vmin.unwrap_or(least.min(0.0) * 1.05),
                args.vmax.unwrap_or((most.max(0.0) * 1.05).min(5.0)),
            ),
        };
        let chosen = args.vmin.is_some() || args.vmax.is_some();
        if !chosen && low == high {
            // a loss of 0 everywhere
            return Ok(Scale::linear(low, high));
        }
        ensure!(
            !args.log || low > 0.0,
            "--log wants a positive --vmin, not {low}"
        );
        ensure!(low < high, "--vmin {low} is not below --vmax {high}");
        if !args.log && args.vmax.is_none() && most > 5.0 {
            scene.say(format!("losses up to {most:.3} are cut off at 5, as in the paper: --vmax or --log shows them"));
        }
        Ok(if args.log {
            Scale::logarithmic(low, high)
        } else {
            Scale::linear(low, high)
        })
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

/// Where all lines run.
fn drawn(area: Rect, both: &[(Axes, &Vec<Line>)], x: &[f64]) -> Obstacles {
    let mut drawn = Obstacles::within(area);
    for (axes, line) in both
        .iter()
        .flat_map(|(axes, lines)| lines.iter().map(move |line| (axes, line)))
    {
        for piece in line.pieces(x, 0.0) {
            drawn.add(&axes.places(&piece));
        }
    }
    drawn
}

/// The strokes of train (solid), test (dashed) and other splits (dotted).
pub(super) fn stroke(split: &str, colour: Colour, width: f64) -> Stroke {
    let dash = match split {
        "train" => Dash::Solid,
        "test" => Dash::Dashed,
        _ => Dash::Dotted,
    };
    Stroke {
        colour,
        width,
        dash,
    }
}
