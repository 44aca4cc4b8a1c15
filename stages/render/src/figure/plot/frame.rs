//! The frame of lines over one axis: what is drawn between its axes, and their names.

use colour::Colour;

use crate::figure::{
    axes::{Axes, Side},
    canvas::Canvas,
    look::Look,
    obstacles::Obstacles,
    scene::Scene,
};

use super::{
    lines::{Line, Sides},
    marks,
};

/// A frame with the lines of both vertical axes.
pub(super) struct Frame<'a> {
    pub(super) sides: &'a Sides,
    pub(super) left: Axes,
    pub(super) right: Axes,
}

impl Frame<'_> {
    /// The axes on which the grid and the frame are drawn.
    fn main(&self) -> &Axes {
        if self.sides.losses.is_empty() {
            &self.right
        } else {
            &self.left
        }
    }

    /// All lines, each with its axes.
    fn lines(&self) -> impl Iterator<Item = (&Axes, &Line)> {
        let losses = self.sides.losses.iter().map(|line| (&self.left, line));
        let accuracies = self.sides.accuracies.iter().map(|line| (&self.right, line));
        losses.chain(accuracies)
    }

    /// Where all lines run.
    pub(super) fn drawn(&self) -> Obstacles {
        let mut drawn = Obstacles::within(self.left.area);
        for (axes, line) in self.lines() {
            for piece in line.pieces(0.0) {
                drawn.add(&axes.places(&piece));
            }
        }
        drawn
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, scene: &Scene) -> anyhow::Result<()> {
        self.main().grid(canvas);
        canvas.clipped(self.left.area, |canvas| {
            for (axes, line) in self.lines() {
                line.shade(canvas, axes);
            }
            for (axes, line) in self.lines() {
                line.draw(canvas, axes);
            }
            for mark in marks::on_axis(scene, self.main()) {
                mark.draw(canvas);
            }
            Ok(())
        })?;
        self.main().title(canvas, &scene.title);
        self.main().frame(canvas);
        self.main().horizontal(canvas, &scene.names[0]);
        let Sides {
            losses,
            accuracies,
            of,
            other,
        } = self.sides;
        if !losses.is_empty() {
            let name = other.clone().unwrap_or_else(|| format!("loss{of}"));
            let ink = ink(losses, scene.look);
            self.left.vertical(canvas, &name, Side::Left, ink);
        }
        if !accuracies.is_empty() {
            let name = format!("accuracy (%){of}");
            let ink = ink(accuracies, scene.look);
            self.right.vertical(canvas, &name, Side::Right, ink);
        }
        Ok(())
    }
}

/// The colour of an axis: that of its lines that have a name, if they have one in common.
fn ink(lines: &[Line], look: Look) -> Colour {
    let mut named = lines.iter().filter(|line| line.name.is_some());
    let Some(first) = named.next() else {
        return look.ink;
    };
    let colour = first.stroke.colour;
    match named.all(|line| line.stroke.colour == colour) {
        true => colour,
        false => look.ink,
    }
}
