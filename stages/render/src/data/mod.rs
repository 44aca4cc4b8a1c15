//! What is read from files, and what is computed of it. Nothing here knows how it is drawn.

pub(crate) mod contour;
pub(crate) mod density;
pub(crate) mod extent;
pub(crate) mod field;
pub(crate) mod input;
pub(crate) mod metric;
pub(crate) mod number;
pub(crate) mod progress;
mod smooth;
pub(crate) mod spectra;
pub(crate) mod stride;
mod titles;
