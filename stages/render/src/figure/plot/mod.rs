//! The kinds of picture, each a function from a scene and what it shows to a drawing.

mod along;
mod chart;
mod contours;
mod curve;
mod cutoff;
mod density;
mod eigenvalues;
mod frame;
mod heat;
mod lines;
mod marks;
mod paths;
mod plane;
mod repeats;
mod stems;
mod surface3d;
mod training;
mod trajectory;

pub(crate) use along::along;
pub(crate) use contours::{contour, filled};
pub(crate) use curve::{curve, losses};
pub(crate) use density::density;
pub(crate) use eigenvalues::eigenvalues;
pub(crate) use heat::heat;
pub(crate) use repeats::repeats;
pub(crate) use surface3d::surface3d;
pub(crate) use trajectory::trajectories;
