//! Weights as vectors: which tensors of a model a direction moves, whether directions and models
//! fit each other, differences, products and lengths, random directions and their normalisation.
//!
//! A point of weight space has a tensor for each entry of the `state_dict` that moves. Products are
//! summed in f64, one number after the other, so that they are the same on every machine.

mod checkpoints;
mod components;
mod curve;
mod error;
mod fit;
mod moved;
mod normalize;
mod product;
mod projection;
mod random;
mod run;
mod selection;

pub use checkpoints::Checkpoints;
pub use components::{Components, principal_components};
pub use curve::Controls;
pub use error::{Error, Result};
pub use fit::{check_directions, check_models};
pub use moved::{difference, moved, moves};
pub use normalize::{Weight, normalize};
pub use product::{cosine, dot, length};
pub use projection::{Axes, Method, Place, orthonormal};
pub use random::random_direction;
pub use run::files_of_run;
pub use selection::Selection;
