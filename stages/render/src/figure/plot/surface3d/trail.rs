//! Trajectories on a surface: lines at its height, dashed where it hides them.

use super::{raster::Raster, space::Space};
use crate::{
    data::{field::Field, input::Run},
    figure::{
        canvas::Canvas,
        plot::paths::{Own, checkpoint, mark_ends, partial},
        rect::Point,
        scene::Scene,
        stroke::{Dash, Stroke},
    },
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
    pub(super) own: Own<'a>,
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

    /// Where a place of the plane appears on the canvas.
    pub(super) fn at(&self, place: [f64; 2]) -> Option<Point> {
        Some(self.place(place)?.at)
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
        for piece in pieces.iter().filter(|piece| piece.hidden) {
            canvas.line(&piece.line, dashed);
        }
        let halo = Stroke::solid(scene.look.paper, 2.2 * stroke.width);
        for piece in pieces.iter().filter(|piece| !piece.hidden) {
            canvas.line(&piece.line, halo);
        }
        for piece in pieces.iter().filter(|piece| !piece.hidden) {
            canvas.line(&piece.line, stroke);
        }
        let marks: Vec<Option<Place>> = steps.iter().map(|step| self.place(*step)).collect();
        let ends = [marks.first(), marks.last()].map(|mark| match mark {
            Some(Some(place)) => Some(place.at),
            Some(None) | None => None,
        });
        let colours = self.own.colours(&run.path, stroke.colour);
        // checkpoints of the colour of the path lie below its ends, others above them
        let has_own = colours.iter().any(|colour| *colour != stroke.colour);
        if has_own {
            mark_ends(canvas, ends, stroke);
        }
        // of a curve between networks the points are no checkpoints
        let is_curve = run.path.parameter.is_some();
        let points = if is_curve { &[][..] } else { &marks[..] };
        for (mark, colour) in points.iter().zip(colours) {
            if let Some(mark) = mark.filter(|mark| !mark.hidden) {
                checkpoint(canvas, mark.at, stroke.colour, colour);
            }
        }
        if !has_own {
            mark_ends(canvas, ends, stroke);
        }
    }

    /// The stretches of a path that are hidden or seen, each from where the one before ends.
    fn pieces(&self, steps: &[[f64; 2]]) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut before: Option<Place> = None;
        for pair in steps.windows(2) {
            // only what lies over the grid is divided
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
                let now = self.place([
                    from[0] + share * (to[0] - from[0]),
                    from[1] + share * (to[1] - from[1]),
                ]);
                if let Some(place) = now {
                    extend(&mut pieces, before, place);
                }
                before = now;
            }
        }
        pieces
    }
}

/// A stretch of a path that is hidden or seen all along.
struct Piece {
    hidden: bool,
    line: Vec<Point>,
}

/// Leads a path on from the place before, if there is one, to the next.
fn extend(pieces: &mut Vec<Piece>, before: Option<Place>, place: Place) {
    let hidden = place.hidden;
    let Some(before) = before else {
        let line = vec![place.at];
        pieces.push(Piece { hidden, line });
        return;
    };
    match pieces.last_mut() {
        Some(piece) if piece.hidden == hidden => {
            if before.at != place.at {
                piece.line.push(place.at);
            }
        }
        Some(_) | None => {
            let line = vec![before.at, place.at];
            pieces.push(Piece { hidden, line });
        }
    }
}
