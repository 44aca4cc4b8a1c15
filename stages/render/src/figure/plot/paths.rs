//! Trajectories on pictures of the plane: lines, checkpoints and where their legend stands.

use colour::{Colour, ColourMap};
use files::Trajectory;

use crate::figure::{
    axes::Axes,
    canvas::Canvas,
    legend::{self, Entry, Sample},
    obstacles::Obstacles,
    rect::{Point, Rect},
    scale::Scale,
    scene::Scene,
    stroke::Stroke,
};

use super::marks::{self, Placed};

/// Trajectories on the canvas, and where their legend stands.
pub(super) struct Paths {
    /// Whole, whatever part of them is drawn: a growing path pushes nothing aside.
    lines: Vec<Vec<Point>>,
    pub(super) legend: Option<(legend::Place, Vec<Entry>)>,
    strokes: Vec<Stroke>,
    /// The colour of each checkpoint.
    colours: Vec<Vec<Colour>>,
    marks: Vec<Placed>,
}

impl Paths {
    /// The runs of a scene; a single one is not in the legend.
    pub(super) fn new(
        scene: &Scene,
        axes: &Axes,
        beyond: Option<&Entry>,
        own: Option<&Own>,
    ) -> Self {
        let (look, count) = (scene.look, scene.runs.len());
        let (mut lines, mut strokes, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        let mut colours = Vec::new();
        let mut drawn = Obstacles::within(axes.area);
        for (k, run) in scene.runs.iter().enumerate() {
            let stroke = Stroke::solid(look.run(k, count), 1.2 * look.unit());
            let line = axes.places(&run.path.steps());
            drawn.add(&line);
            if count > 1 {
                entries.push(Entry {
                    name: run.name.clone(),
                    sample: Sample::Line(stroke),
                });
            }
            colours.push(match own {
                Some(own) => own.colours(&run.path, stroke.colour),
                None => vec![stroke.colour; line.len()],
            });
            strokes.push(stroke);
            lines.push(line);
        }
        let marks = marks::placed(scene, axes.area, |mark| Some(axes.place(mark.at)));
        for mark in &marks {
            drawn.add(&mark.obstacle());
        }
        entries.extend(beyond.cloned());
        let place = legend::inside(axes.area, &entries, &drawn, look);
        let legend = (!entries.is_empty()).then_some((place, entries));
        Self {
            lines,
            legend,
            strokes,
            colours,
            marks,
        }
    }

    /// Where a legend stands above the area that it would cover something of, and the height that
    /// it takes there; `None` where there is room inside.
    pub(super) fn legend_above(&self, scene: &Scene, area: Rect) -> Option<(legend::Place, f64)> {
        let (place, entries) = self.legend.as_ref()?;
        // frames of panels stand in line
        if place.free || scene.among {
            return None;
        }
        Some(legend::above(area, entries, scene.look))
    }

    /// Moves the legend.
    pub(super) fn place_legend(&mut self, place: legend::Place) {
        if let Some((old, _)) = &mut self.legend {
            *old = place;
        }
    }

    /// What labels must not cover.
    pub(super) fn obstacles(&self) -> Vec<Vec<Point>> {
        let mut obstacles = self.lines.clone();
        for mark in &self.marks {
            obstacles.push(mark.obstacle());
        }
        obstacles
    }

    /// The place of the legend.
    pub(super) fn taken(&self) -> Option<Rect> {
        self.legend.as_ref().map(|(place, _)| place.rect)
    }

    /// Draws as much of the paths as the scene says: a halo of paper, a line, a disc at each
    /// checkpoint, a ring at the first one, a larger disc at the end.
    pub(super) fn draw(&self, canvas: &mut Canvas, scene: &Scene) {
        for (number, (line, stroke)) in self.lines.iter().zip(&self.strokes).enumerate() {
            let line = partial(line, scene.progress);
            canvas.line(&line, Stroke::solid(scene.look.paper, 2.2 * stroke.width));
            canvas.line(&line, *stroke);
            let whole = if scene.progress < 1.0 {
                line.len().saturating_sub(1)
            } else {
                line.len()
            };
            let ends = [line.first().copied(), line.last().copied()];
            let colours = &self.colours[number];
            // checkpoints of the colour of the path lie below its ends, others above them
            let has_own = colours.iter().any(|colour| *colour != stroke.colour);
            if has_own {
                mark_ends(canvas, ends, *stroke);
            }
            // of a curve between networks the points are no checkpoints
            let is_curve = scene.runs[number].path.parameter.is_some();
            let points = if is_curve { &[][..] } else { &line[..whole] };
            for (point, colour) in points.iter().zip(colours) {
                checkpoint(canvas, *point, stroke.colour, *colour);
            }
            if !has_own {
                mark_ends(canvas, ends, *stroke);
            }
        }
        for mark in &self.marks {
            mark.draw(canvas);
        }
    }
}

/// Radii of the marks of a path, in [`crate::figure::look::Look::unit`]s: a checkpoint, the start,
/// the end.
pub(super) const STEP: f64 = 1.7;
/// A checkpoint that has a colour of its own, and the rim around it.
const OWN: f64 = 3.3;
const RIM: f64 = 0.9;
const START: f64 = 3.1;
const END: f64 = 3.2;

/// How the checkpoints of measured trajectories are coloured: by their own value of what the
/// picture shows.
pub(super) struct Own<'a> {
    /// The quantity.
    pub(super) name: &'a str,
    pub(super) scale: Scale,
    pub(super) map: ColourMap,
}

impl Own<'_> {
    /// A colour for each checkpoint that has a place; `plain` where it has no value of its own.
    pub(super) fn colours(&self, path: &Trajectory, plain: Colour) -> Vec<Colour> {
        let values = path.metric(self.name).map(|metric| &metric.values);
        let mut colours = Vec::new();
        for number in path.placed() {
            let value = values.map(|values| values[[number]]);
            colours.push(match value.filter(|value| value.is_finite()) {
                Some(value) => {
                    let shown = value.clamp(self.scale.low, self.scale.high);
                    self.map.at(self.scale.at(shown))
                }
                None => plain,
            });
        }
        colours
    }
}

/// A checkpoint: a small disc of the colour of the path, or a larger one of its own colour.
pub(super) fn checkpoint(canvas: &mut Canvas, at: Point, path: Colour, own: Colour) {
    let unit = canvas.look.unit();
    if own == path {
        canvas.disc(at, STEP * unit, path);
    } else {
        canvas.disc(at, OWN * unit, path);
        canvas.disc(at, (OWN - RIM) * unit, own);
    }
}

/// Marks where a path starts (a ring) and where it ends (a disc).
pub(super) fn mark_ends(canvas: &mut Canvas, [start, end]: [Option<Point>; 2], stroke: Stroke) {
    let unit = canvas.look.unit();
    if let Some(start) = start {
        canvas.ring(
            start,
            START * unit,
            Stroke::solid(stroke.colour, 1.4 * unit),
        );
    }
    if let Some(end) = end {
        canvas.disc(end, END * unit, stroke.colour);
    }
}

/// The first part of a path, in steps.
pub(super) fn partial<const N: usize>(path: &[[f64; N]], share: f64) -> Vec<[f64; N]> {
    let end = share * (path.len().max(1) - 1) as f64;
    let whole = (end as usize).min(path.len().saturating_sub(1));
    let mut part: Vec<[f64; N]> = path.iter().take(whole + 1).copied().collect();
    if let (Some(from), Some(to)) = (path.get(whole), path.get(whole + 1))
        && end > whole as f64
    {
        part.push(std::array::from_fn(|k| {
            from[k] + (end - whole as f64) * (to[k] - from[k])
        }));
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_grows_between_its_steps() {
        let path = [[0.0, 0.0], [1.0, 0.0], [1.0, 2.0]];
        assert_eq!(partial(&path, 0.0), [[0.0, 0.0]]);
        assert_eq!(partial(&path, 0.75), [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]);
        assert_eq!(partial(&path, 1.0), path);
        assert_eq!(partial::<2>(&[], 1.0), [[0.0; 2]; 0]);
    }
}
