//! The lines of eigenvalues over the checkpoints of a run, its trace, and the edge of stability.

use files::Estimates;

use super::chart::{Shape, entry};
use crate::{
    data::spectra::{Course, NamedSpectrum},
    figure::{
        axes::Side,
        legend::Entry,
        scale::Scale,
        scene::Scene,
        stroke::{Dash, Stroke},
    },
};

/// Checkpoints that have a disc each.
const MOST_DISCS: usize = 40;

/// What is drawn so far, and the values on both axes.
#[derive(Default)]
pub(super) struct Drawn {
    pub(super) shapes: Vec<Shape>,
    pub(super) entries: Vec<Entry>,
    pub(super) left: Vec<f64>,
    pub(super) right: Vec<f64>,
}

impl Drawn {
    /// All eigenvalues of a run, and its trace.
    pub(super) fn run(&mut self, scene: &Scene, named: &NamedSpectrum, course: &Course) {
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
    pub(super) fn runs(&mut self, scene: &Scene, spectra: &[NamedSpectrum], courses: &[Course]) {
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
    pub(super) fn edge(&mut self, scene: &Scene, edge: f64, courses: &[Course]) {
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
pub(super) fn along_scale(courses: &[Course]) -> Scale {
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
