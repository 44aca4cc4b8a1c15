//! Eigenvalues over the checkpoints of a run.

use anyhow::ensure;
use files::Estimates;

use super::{
    chart::{Chart, Shape, Vertical, ends, entry},
    stems,
};
use crate::{
    data::{
        extent::LARGEST,
        spectra::{Course, NamedSpectrum, axis},
    },
    figure::{
        axes::Side,
        legend::Entry,
        scale::Scale,
        scene::{Drawing, Scene},
        stroke::{Dash, Stroke},
    },
};

/// Share of an axis beyond its last value.
const SPARE: f64 = 0.06;
/// Checkpoints that have a disc each.
const MOST_DISCS: usize = 40;

/// What is drawn so far, and the values on both axes.
#[derive(Default)]
struct Drawn {
    shapes: Vec<Shape>,
    entries: Vec<Entry>,
    left: Vec<f64>,
    right: Vec<f64>,
}

/// Eigenvalues on the left axis; of one run all of them, with the trace on the right axis, of
/// several the largest and the smallest. Models that are no run are drawn by rank.
pub(crate) fn eigenvalues(scene: &Scene, spectra: &[NamedSpectrum]) -> anyhow::Result<Drawing> {
    for named in spectra {
        check(named)?;
    }
    if spectra
        .iter()
        .all(|it| it.spectrum.eigenvalues.nrows() == 1)
    {
        return stems::stems(scene, spectra);
    }
    let courses: Vec<Course> = spectra.iter().map(NamedSpectrum::course).collect();
    let mut drawn = Drawn::default();
    match (spectra, &courses[..]) {
        ([named], [course]) => drawn.run(scene, named, course),
        _ => drawn.runs(scene, spectra, &courses),
    }
    if let Some(rate) = scene.options.learning_rate {
        drawn.edge(scene, 2.0 / rate, &courses);
    }

    let options = scene.options;
    let are_epochs = courses.iter().all(|course| course.are_epochs);
    let along = if are_epochs { "epoch" } else { "checkpoint" };
    let mut left = range(&drawn.left);
    let mut right = range(&drawn.right);
    if !options.log && options.vmin.is_none() && options.vmax.is_none() && !drawn.right.is_empty() {
        [left, right] = aligned([left, right]);
    }
    if options.log {
        left = logarithmic(&drawn.left)?;
    }
    let trace = Vertical {
        scale: Scale::linear(right[0], right[1]),
        name: "trace".into(),
        ink: scene.look.accuracy,
    };
    Chart {
        x: along_scale(&courses),
        name: options.xlabel.clone().unwrap_or(along.into()),
        ticks: Vec::new(),
        left: Vertical {
            scale: ends(options, options.log, left)?,
            name: options.ylabel.clone().unwrap_or_else(|| axis(spectra)),
            ink: scene.look.ink,
        },
        right: (!drawn.right.is_empty()).then_some(trace),
        shapes: drawn.shapes,
        entries: drawn.entries,
    }
    .draw(scene)
}

/// Checks that there is something to draw.
fn check(named: &NamedSpectrum) -> anyhow::Result<()> {
    let values = &named.spectrum.eigenvalues;
    let file = named.file();
    ensure!(
        values.ncols() > 0,
        "{file}: it has no eigenvalues: hessian --top measures them, --plot density draws the \
         density"
    );
    ensure!(
        values.iter().any(|value| value.is_finite()),
        "{file}: none of its eigenvalues is finite: the loss or its derivatives were none"
    );
    for value in values.iter().filter(|value| value.is_finite()) {
        ensure!(
            value.abs() <= LARGEST,
            "{file}: it has the eigenvalue {value:e}: a picture shows what is within \
             ±{LARGEST:e}"
        );
    }
    Ok(())
}

impl Drawn {
    /// All eigenvalues of a run, and its trace.
    fn run(&mut self, scene: &Scene, named: &NamedSpectrum, course: &Course) {
        let (look, unit) = (scene.look, scene.look.unit());
        let spectrum = &named.spectrum;
        // behind the eigenvalues, and named after them
        let trace = spectrum
            .trace
            .as_ref()
            .and_then(|trace| self.trace(scene, trace, course));
        let (pairs, bottom) = (spectrum.eigenvalues.ncols(), spectrum.bottom);
        let (largest, smallest) = (look.loss, look.run(3, 2));
        let ends = [
            ("largest", pairs - bottom, largest),
            ("smallest", bottom, smallest),
        ];
        for (name, count, colour) in ends {
            if count == 0 {
                continue;
            }
            let thin = Stroke::solid(colour.mixed(look.paper, 0.35), 0.8 * unit);
            for rank in (1..count).rev() {
                let column = if name == "largest" {
                    pairs - 1 - rank
                } else {
                    rank
                };
                self.line(named, course, column, thin);
            }
            let stroke = Stroke::solid(colour, 1.5 * unit);
            let column = if name == "largest" { pairs - 1 } else { 0 };
            self.line(named, course, column, stroke);
            self.entries.push(entry(name, stroke));
            if count > 1 {
                self.entries.push(entry(format!("next {name}"), thin));
            }
        }
        self.entries.extend(trace);
    }

    /// The largest and the smallest eigenvalue of several runs.
    fn runs(&mut self, scene: &Scene, spectra: &[NamedSpectrum], courses: &[Course]) {
        let width = 1.5 * scene.look.unit();
        for (number, (named, course)) in spectra.iter().zip(courses).enumerate() {
            let spectrum = &named.spectrum;
            let stroke = Stroke::solid(scene.look.run(number, spectra.len()), width);
            let pairs = spectrum.eigenvalues.ncols();
            if spectrum.bottom > 0 {
                let dash = Dash::Dashed;
                self.line(named, course, 0, Stroke { dash, ..stroke });
            }
            if pairs > spectrum.bottom {
                self.line(named, course, pairs - 1, stroke);
            }
            self.entries.push(entry(named.name.clone(), stroke));
        }
        let stroke = Stroke::solid(scene.look.ink, width);
        let dashed = Stroke {
            dash: Dash::Dashed,
            ..stroke
        };
        self.entries.push(entry("largest", stroke));
        self.entries.push(entry("smallest", dashed));
    }

    /// One eigenvalue at all checkpoints, with error bars where it is not known to the tolerance.
    fn line(&mut self, named: &NamedSpectrum, course: &Course, column: usize, stroke: Stroke) {
        let spectrum = &named.spectrum;
        let (mut points, mut bars) = (Vec::new(), Vec::new());
        for (row, x) in course.rows.iter().zip(&course.along) {
            let value = spectrum.eigenvalues[[*row, column]];
            let bound = spectrum.bounds[[*row, column]];
            points.push([*x, value]);
            self.left.push(value);
            let known = spectrum.converged[*row] != 0;
            if !known && value.is_finite() && bound.is_finite() {
                bars.push([*x, value - bound, value + bound]);
                self.left.extend([value - bound, value + bound]);
            }
        }
        self.points(Side::Left, points, stroke);
        let width = 0.5 * stroke.width;
        self.shapes.push(Shape::Bars(
            Side::Left,
            bars,
            Stroke::solid(stroke.colour, width),
        ));
    }

    /// A line with gaps where a value is not finite, and a disc at each checkpoint.
    fn points(&mut self, side: Side, points: Vec<[f64; 2]>, stroke: Stroke) {
        let radius = 1.3 * stroke.width;
        let few = points.len() <= MOST_DISCS;
        for piece in points.split(|[_, value]| !value.is_finite()) {
            // a line of one point would not be seen
            if few || piece.len() == 1 {
                let discs = Shape::Discs(side, piece.to_vec(), radius, stroke.colour);
                self.shapes.push(discs);
            }
            self.shapes.push(Shape::Line(side, piece.to_vec(), stroke));
        }
    }

    /// The trace with a band of one standard error, and its line of the legend.
    fn trace(&mut self, scene: &Scene, trace: &Estimates, course: &Course) -> Option<Entry> {
        let colour = scene.look.accuracy;
        let mut points = Vec::new();
        for (row, x) in course.rows.iter().zip(&course.along) {
            points.push([*x, trace.values[*row], trace.stderr[*row]]);
        }
        for piece in points.split(|[_, value, _]| !value.is_finite()) {
            let (mut upper, mut lower) = (Vec::new(), Vec::new());
            for [x, value, error] in piece {
                let error = if error.is_finite() { *error } else { 0.0 };
                upper.push([*x, value + error]);
                lower.push([*x, value - error]);
                self.right.extend([value + error, value - error]);
            }
            self.shapes
                .push(Shape::Band(Side::Right, upper, lower, colour));
        }
        let stroke = Stroke {
            colour,
            width: 1.2 * scene.look.unit(),
            dash: Dash::Dashed,
        };
        let points = points.iter().map(|[x, value, _]| [*x, *value]).collect();
        if self.right.is_empty() {
            return None;
        }
        self.points(Side::Right, points, stroke);
        Some(entry("trace", stroke))
    }

    /// The edge of stability: gradient descent of this rate leaves a minimum that is sharper (Cohen
    /// et al., *Gradient Descent on Neural Networks Typically Occurs at the Edge of Stability*,
    /// 2021).
    fn edge(&mut self, scene: &Scene, edge: f64, courses: &[Course]) {
        let x = along_scale(courses);
        let stroke = Stroke {
            colour: scene.look.ink,
            width: 0.9 * scene.look.unit(),
            dash: Dash::Dotted,
        };
        let line = vec![[x.low, edge], [x.high, edge]];
        self.shapes.push(Shape::Line(Side::Left, line, stroke));
        self.entries.push(entry("2/η", stroke));
        self.left.push(edge);
    }
}

/// From the first checkpoint to the last one.
fn along_scale(courses: &[Course]) -> Scale {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for course in courses {
        for along in &course.along {
            (low, high) = (low.min(*along), high.max(*along));
        }
    }
    // the discs at both ends are whole
    let spare = 0.02 * (high - low);
    Scale::linear(low - spare, high + spare)
}

/// From the least value to the greatest one, and 0, with some space.
fn range(values: &[f64]) -> [f64; 2] {
    let (mut low, mut high) = (0.0f64, 0.0f64);
    for value in values.iter().filter(|value| value.is_finite()) {
        (low, high) = (low.min(*value), high.max(*value));
    }
    let spare = SPARE * (high - low);
    [
        if low < 0.0 { low - spare } else { 0.0 },
        if high > 0.0 { high + spare } else { 0.0 },
    ]
}

/// From the least value to the greatest one on a logarithmic axis.
fn logarithmic(values: &[f64]) -> anyhow::Result<[f64; 2]> {
    let (mut low, mut high) = (f64::INFINITY, 0.0f64);
    for value in values.iter().filter(|value| value.is_finite()) {
        (low, high) = (low.min(*value), high.max(*value));
    }
    ensure!(
        low > 0.0,
        "--log wants positive eigenvalues, the smallest is {low}: leave --log out"
    );
    Ok([low / 1.3, high * 1.3])
}

/// Two ranges that hold 0, widened so that it is at the same height in both.
fn aligned(ranges: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let mut below = 0.0f64;
    let mut reaches_above = false;
    for [low, high] in ranges {
        if high > low {
            below = below.max(-low / (high - low));
        }
        reaches_above |= high > 0.0;
    }
    if below == 1.0 && reaches_above {
        below = 0.5;
    }
    ranges.map(|[low, high]| {
        if below == 0.0 || below == 1.0 {
            return [low, high];
        }
        let whole = (-low / below).max(high / (1.0 - below));
        [-below * whole, (1.0 - below) * whole]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_at_the_same_height_on_both_axes() {
        assert_eq!(
            aligned([[-1.0, 3.0], [0.0, 30.0]]),
            [[-1.0, 3.0], [-10.0, 30.0]]
        );
        assert_eq!(
            aligned([[0.0, 3.0], [0.0, 30.0]]),
            [[0.0, 3.0], [0.0, 30.0]]
        );
        assert_eq!(
            aligned([[-2.0, 0.0], [0.0, 30.0]]),
            [[-2.0, 2.0], [-30.0, 30.0]]
        );
        assert_eq!(
            aligned([[-2.0, 0.0], [-5.0, 0.0]]),
            [[-2.0, 0.0], [-5.0, 0.0]]
        );
        assert_eq!(
            aligned([[0.0, 0.0], [-1.0, 1.0]]),
            [[0.0, 0.0], [-1.0, 1.0]]
        );
    }
}
