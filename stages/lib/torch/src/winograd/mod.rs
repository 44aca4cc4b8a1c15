//! 3×3 convolutions by Winograd's minimal filtering, see the crate of that name. A cargo feature
//! (`winograd`); without it libtorch computes all convolutions.

#[cfg(feature = "winograd")]
mod enabled;
#[cfg(feature = "winograd")]
pub(crate) use enabled::{Convolution, Tile, empty, fastest_tile, fits, transform};

#[cfg(not(feature = "winograd"))]
mod disabled;
#[cfg(not(feature = "winograd"))]
pub(crate) use disabled::{Convolution, Tile, empty, fastest_tile, fits, transform};

/// The arguments of a call that are tensors, in this order.
pub(crate) const TENSORS: [&str; 4] = ["input", "weight", "bias", "other"];
