//! A chart: shapes over one horizontal axis and one or two vertical ones, and a legend where none
//! of them is.

use colour::Colour;

use crate::{
    figure::{
        axes::{self, Axes, Side},
        canvas::Canvas,
        legend::{self, Entry, Sample},
        obstacles::Obstacles,
        rect::{Point, Rect},
        scale::Scale,
        scene::{Drawing, Scene},
        stroke::Stroke,
        ticks::Tick,
    },
    options::Options,
};

/// Length of a mark at the top, from one row of them to the next, and half the width of the ends of
/// an error bar, in units of the look.
const MARK: f64 = 5.0;
pub(super) const ROW: f64 = 6.5;
const CAP: f64 = 2.2;

/// What a chart shows.
pub(super) struct Chart {
    pub(super) x: Scale,
    /// The label of the horizontal axis.
    pub(super) name: String,
    /// Ticks of the horizontal axis, the first of which whose numbers stand apart are drawn; none:
    /// those of its scale.
    pub(super) ticks: Vec<Vec<Tick>>,
    pub(super) left: Vertical,
    pub(super) right: Option<Vertical>,
    /// In the order in which they are drawn.
    pub(super) shapes: Vec<Shape>,
    pub(super) entries: Vec<Entry>,
}

/// A vertical axis.
pub(super) struct Vertical {
    pub(super) scale: Scale,
    pub(super) name: String,
    pub(super) ink: Colour,
}

/// Something that is drawn beside one of the vertical axes. Points are numbers of the data.
pub(super) enum Shape {
    Line(Side, Vec<[f64; 2]>, Stroke),
    /// Between an upper and a lower line.
    Band(Side, Vec<[f64; 2]>, Vec<[f64; 2]>, Colour),
    Discs(Side, Vec<[f64; 2]>, f64, Colour),
    /// Error bars: x, and both ends.
    Bars(Side, Vec<[f64; 3]>, Stroke),
    /// Marks at the top, in a row of them counted from above.
    Marks(Vec<f64>, usize, Stroke),
}

/// A line of a legend.
pub(super) fn entry(name: impl Into<String>, stroke: Stroke) -> Entry {
    Entry {
        name: name.into(),
        sample: Sample::Line(stroke),
    }
}

/// The ends of a vertical axis, of which some may have been asked for.
pub(super) fn ends(options: &Options, log: bool, usual: [f64; 2]) -> anyhow::Result<Scale> {
    let low = options.vmin.unwrap_or(usual[0]);
    let high = options.vmax.unwrap_or(usual[1]);
    anyhow::ensure!(
        !log || low > 0.0,
        "a logarithmic scale needs a positive --vmin, not {low}: --linear draws another one"
    );
    let chosen = options.vmin.is_some() || options.vmax.is_some();
    anyhow::ensure!(
        low < high || !chosen,
        "--vmin {low} is not below --vmax {high}"
    );
    Ok(Scale::new(log, low, high))
}

impl Chart {
    pub(super) fn draw(&self, scene: &Scene) -> anyhow::Result<Drawing> {
        let mut canvas = scene.canvas();
        let mut area = self.area(&canvas, scene);
        let mut place = legend::inside(area, &self.entries, &self.drawn(area, scene), scene.look);
        if !place.free {
            let (above, taken) = legend::above(area, &self.entries, scene.look);
            place = above;
            area.y += taken;
            area.height -= taken;
        }
        let [left, right] = self.axes(area);
        let ticks = self.ticks(area.width, scene);
        if self.ticks.is_empty() {
            left.grid(&mut canvas);
        } else {
            left.rows(&mut canvas);
        }
        canvas.clipped(area, |canvas| {
            for shape in &self.shapes {
                shape.draw(canvas, [&left, &right]);
            }
            Ok(())
        })?;
        left.title(&mut canvas, &scene.title);
        left.frame(&mut canvas);
        left.horizontal_with(&mut canvas, &self.name, &ticks);
        left.vertical(&mut canvas, &self.left.name, Side::Left, self.left.ink);
        if let Some(vertical) = &self.right {
            right.vertical(&mut canvas, &vertical.name, Side::Right, vertical.ink);
        }
        if !self.entries.is_empty() {
            legend::draw(&mut canvas, place, &self.entries);
        }
        Ok(Drawing { canvas, bar: None })
    }

    /// The frame inside the titles and the axes.
    fn area(&self, canvas: &Canvas, scene: &Scene) -> Rect {
        let look = scene.look;
        let top = axes::title_space(&scene.title, look);
        let height = canvas.height - top - axes::horizontal_space(look);
        let before = axes::vertical_space(&self.left.scale, height, look);
        let after = match &self.right {
            Some(right) => axes::vertical_space(&right.scale, height, look),
            None => axes::margin(look),
        };
        Rect {
            x: before,
            y: top,
            width: canvas.width - before - after,
            height,
        }
    }

    fn axes(&self, area: Rect) -> [Axes; 2] {
        let left = self.left.scale;
        let right = self.right.as_ref().map_or(left, |right| right.scale);
        [left, right].map(|y| Axes { area, x: self.x, y })
    }

    fn ticks(&self, width: f64, scene: &Scene) -> Vec<Tick> {
        for ticks in &self.ticks {
            if axes::stand_apart(ticks, &self.x, width, scene.look) {
                return ticks.clone();
            }
        }
        match self.ticks.last() {
            Some(last) => last.clone(),
            None => axes::horizontal_ticks(&self.x, width, scene.look),
        }
    }

    /// What a legend must not cover.
    fn drawn(&self, area: Rect, scene: &Scene) -> Obstacles {
        let [left, right] = self.axes(area);
        let mut drawn = Obstacles::within(area);
        for shape in &self.shapes {
            for line in shape.lines([&left, &right], scene.look.unit()) {
                drawn.add(&line);
            }
        }
        drawn
    }
}

impl Shape {
    fn draw(&self, canvas: &mut Canvas, sides: [&Axes; 2]) {
        let unit = canvas.look.unit();
        match self {
            Self::Line(_, _, stroke) | Self::Bars(_, _, stroke) | Self::Marks(_, _, stroke) => {
                for line in self.lines(sides, unit) {
                    canvas.line(&line, *stroke);
                }
            }
            Self::Band(_, _, _, colour) => {
                for ring in self.lines(sides, unit) {
                    canvas.shade(&[ring], *colour, 0.2);
                }
            }
            Self::Discs(side, points, radius, colour) => {
                for place in on(*side, sides).places(points) {
                    canvas.disc(place, *radius, *colour);
                }
            }
        }
    }

    /// Its lines on the canvas.
    fn lines(&self, sides: [&Axes; 2], unit: f64) -> Vec<Vec<Point>> {
        match self {
            Self::Line(side, points, _) => vec![on(*side, sides).places(points)],
            Self::Band(side, upper, lower, _) => {
                let axes = on(*side, sides);
                let mut ring = axes.places(upper);
                ring.extend(axes.places(lower).iter().rev());
                vec![ring]
            }
            // a line of one point is an obstacle too
            Self::Discs(side, points, ..) => {
                let places = on(*side, sides).places(points);
                places.into_iter().map(|place| vec![place]).collect()
            }
            Self::Bars(side, bars, _) => {
                let axes = on(*side, sides);
                let mut lines = Vec::new();
                for [x, low, high] in bars {
                    let [low, high] = [axes.place([*x, *low]), axes.place([*x, *high])];
                    lines.push(vec![low, high]);
                    for [x, y] in [low, high] {
                        lines.push(vec![[x - CAP * unit, y], [x + CAP * unit, y]]);
                    }
                }
                lines
            }
            Self::Marks(places, row, _) => {
                let axes = sides[0];
                let top = axes.area.y + (*row as f64 * ROW + ROW - MARK) * unit;
                let mut lines = Vec::new();
                for place in places {
                    let [x, _] = axes.place([*place, axes.y.low]);
                    lines.push(vec![[x, top], [x, top + MARK * unit]]);
                }
                lines
            }
        }
    }
}

/// The axes of a side.
fn on(side: Side, [left, right]: [&Axes; 2]) -> &Axes {
    match side {
        Side::Left => left,
        Side::Right => right,
    }
}
