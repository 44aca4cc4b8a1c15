//! The kinds of picture, each a function from what was read to a canvas.

mod camera;
mod curve;
mod plane;
mod raster;
mod surface3d;

pub(crate) use curve::curve;
pub(crate) use plane::{contour, filled, heat};
pub(crate) use surface3d::surface3d;
