//! What a plot is given, and what it returns.

use files::Mark;

use crate::{
    data::{extent::Extent, input::Run},
    figure::{canvas::Canvas, colourbar::ColourBar, look::Look},
    options::Options,
};

/// Where the eye of a surface stands by default, in degrees.
pub(crate) const ELEVATION: f64 = 32.0;
pub(crate) const AZIMUTH: f64 = -58.0;

/// What every plot is given.
#[derive(Clone)]
pub(crate) struct Scene<'a> {
    pub(crate) options: &'a Options,
    pub(crate) look: Look,
    pub(crate) title: String,
    /// Labels of the two axes.
    pub(crate) names: [String; 2],
    /// What is drawn on top.
    pub(crate) runs: &'a [Run],
    /// Networks whose places are known.
    pub(crate) marks: Vec<Mark>,
    /// The numbers of all panels, where they share a scale; the colour bar then stands beside them.
    pub(crate) shared: Option<Extent>,
    /// Whether it is one of several panels, whose frames stand in line.
    pub(crate) among: bool,
    /// Whether it says what was chosen: once for panels that share a scale, and once for an
    /// animation.
    pub(crate) speaks: bool,
    /// How much of the runs is drawn, from 0 to 1.
    pub(crate) progress: f64,
    /// Degrees by which the eye has turned in an animation.
    pub(crate) turned: Option<f64>,
}

/// A picture, and the colour bar that belongs to it.
pub(crate) struct Drawing {
    pub(crate) canvas: Canvas,
    pub(crate) bar: Option<ColourBar>,
}

impl Scene<'_> {
    /// An empty canvas of the size that was asked for.
    pub(crate) fn canvas(&self) -> Canvas {
        Canvas::new(self.options.size(), self.look)
    }

    /// Whether a colour bar stands beside the picture itself.
    pub(crate) fn has_own_bar(&self) -> bool {
        self.shared.is_none() && self.options.has_colour_bar()
    }

    /// Says something that was chosen.
    pub(crate) fn say(&self, text: impl AsRef<str>) {
        if self.speaks {
            self.options.say(text);
        }
    }
}
