//! The kinds of picture, each a function from a scene and what it shows to a drawing.

mod camera;
mod contours;
mod curve;
mod cutoff;
mod heat;
mod lines;
mod lit;
mod mesh;
mod plane;
mod raster;
mod repeats;
mod space;
mod surface3d;
mod trail;
mod trajectory;

use files::Trajectory;

use crate::{args::Args, canvas::Canvas, colourbar::ColourBar, field::Extent, look::Look};

pub(crate) use contours::{contour, filled};
pub(crate) use curve::{curve, losses};
pub(crate) use heat::heat;
pub(crate) use repeats::repeats;
pub(crate) use surface3d::surface3d;
pub(crate) use trajectory::trajectories;

/// Where the eye stands when nothing is said, in degrees.
pub(crate) const ELEVATION: f64 = 32.0;
pub(crate) const AZIMUTH: f64 = -58.0;

/// What all plots are told.
#[derive(Clone)]
pub(crate) struct Scene<'a> {
    pub(crate) args: &'a Args,
    pub(crate) look: Look,
    pub(crate) title: String,
    /// Labels of the two axes.
    pub(crate) names: [String; 2],
    /// What is drawn on top.
    pub(crate) runs: &'a [Run],
    /// The numbers of all panels, where they share a scale; the colour bar then stands beside them.
    pub(crate) shared: Option<Extent>,
    /// Whether it is one of several panels, whose frames stand in line.
    pub(crate) among: bool,
    /// Whether it says what was chosen: not of each panel that shares a scale, nor of each picture of an animation.
    pub(crate) speaks: bool,
    /// How much of the runs is drawn, from 0 to 1.
    pub(crate) progress: f64,
    /// Degrees by which the eye has turned in an animation.
    pub(crate) turned: Option<f64>,
}

/// A trajectory with its name.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) name: String,
    pub(crate) path: Trajectory,
}

/// A picture, and the colour bar that belongs to it.
pub(crate) struct Drawing {
    pub(crate) canvas: Canvas,
    pub(crate) bar: Option<ColourBar>,
}

impl Scene<'_> {
    fn canvas(&self) -> Canvas {
        Canvas::new(self.args.size(), self.look)
    }

    /// Whether a colour bar stands beside the picture itself.
    fn has_own_bar(&self) -> bool {
        self.shared.is_none() && self.args.has_colour_bar()
    }

    /// Says something that was chosen.
    pub(crate) fn say(&self, text: impl AsRef<str>) {
        if self.speaks {
            self.args.output.say(text);
        }
    }
}
