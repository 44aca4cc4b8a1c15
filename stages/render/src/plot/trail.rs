//! Trajectories on a surface: lines at its height, dashed where it hides them.

use super::{
    Run, Scene,
    plane::{STEP, mark_ends, partial},
    raster::Raster,
    space::Space,
};
use crate::{
    canvas::{Canvas, Dash, Point, Stroke},
    field::Field,
};

/// Places along each step of a path.
const PIECES: usize = 100;
/// How far a path stands in front of the surface that it lies on, so that it does not hide itself.
const FRONT: f64 = 0.02;

/// A place of a path on the canvas.
#[derive(Clone, Copy)]
struct Place {
    at: Point,
    hidden: bool,
}

/// What a path lies on.
pub(super) struct Ground<'a> {
    pub(super) space: &'a Space,
    pub(super) field: &'a Field,
    pub(super) raster: &'a Raster,
}

impl Ground<'_> {
    /// Where a place of the plane appears; none beside a hole and beyond the grid.
    fn place(&self, [x, y]: [f64; 2]) -> Option<Place> {
        let z = self.field.at(x, y)?;
        let [x, y, near] = self.space.camera.project(self.space.place([x, y, z]));
        Some(Place {
            at: [x, y],
            hidden: self.raster.hides([x, y], near + FRONT),
        })
    }

    /// Draws as much of a run as the scene says: what is hidden dashed and pale below the rest.
    pub(super) fn draw(&self, canvas: &mut Canvas, scene: &Scene, run: &Run, stroke: Stroke) {
        let steps = partial(&run.path.steps(), scene.progress);
        let pieces = self.pieces(&steps);
        let pale = stroke.colour.mixed(scene.look.paper, 0.35);
        let dashed = Stroke {
            colour: pale,
            width: 0.9 * stroke.width,
            dash: Dash::Dashed,
        };
        for (_, line) in pieces.iter().filter(|(hidden, _)| *hidden) {
            canvas.line(line, dashed);
        }
        for (_, line) in pieces.iter().filter(|(hidden, _)| !*hidden) {
            canvas.line(line, Stroke::solid(scene.look.paper, 2.2 * stroke.width));
        }
        for (_, line) in pieces.iter().filter(|(hidden, _)| !*hidden) {
            canvas.line(line, stroke);
        }
        let marks: Vec<Option<Place>> = steps.iter().map(|step| self.place(*step)).collect();
        for mark in marks.iter().flatten().filter(|mark| !mark.hidden) {
            canvas.disc(mark.at, STEP * scene.look.unit(), stroke.colour);
        }
        let [start, end] = [marks.first(), marks.last()].map(|mark| mark.copied().flatten());
        mark_ends(
            canvas,
            [start, end].map(|mark| mark.map(|mark| mark.at)),
            stroke,
        );
    }

    /// The stretches of a path that are hidden (true) or seen, each from where the one before ends.
    fn pieces(&self, steps: &[[f64; 2]]) -> Vec<(bool, Vec<Point>)> {
        let mut pieces: Vec<(bool, Vec<Point>)> = Vec::new();
        let mut before: Option<Place> = None;
        for pair in steps.windows(2) {
            // none of the pieces is wasted on what lies beyond the grid
            let Some([from, to]) = self.field.within([pair[0], pair[1]]) else {
                before = None;
                continue;
            };
            if from != pair[0] {
                // it comes from beyond the grid: nothing leads to where it enters
                before = None;
            }
            for k in 0..=PIECES {
                let share = k as f64 / PIECES as f64;
                let between = |axis: usize| from[axis] + share * (to[axis] - from[axis]);
                let now = self.place([between(0), between(1)]);
                if let Some(place) = now {
                    match (before, pieces.last_mut()) {
                        (Some(last), Some((hidden, line))) if *hidden == place.hidden => {
                            if last.at != place.at {
                                line.push(place.at);
                            }
                        }
                        (Some(last), _) => pieces.push((place.hidden, vec![last.at, place.at])),
                        (None, _) => pieces.push((place.hidden, vec![place.at])),
                    }
                }
                before = now;
            }
        }
        pieces
    }
}
