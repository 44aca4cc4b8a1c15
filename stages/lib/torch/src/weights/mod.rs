//! Weights on a plane: how they follow a point, and the network that is called with them.

mod bound;
mod fold;
mod landscape;
mod moving;
mod recalibration;
mod variances;

pub use landscape::{Landscape, Place};
pub use recalibration::{BatchStatistics, Recalibration, mean};
