//! Weights as vectors: which tensors of a model a direction moves, whether directions and models
//! fit each other, differences, products and lengths.
//!
//! A point of weight space has a tensor for each entry of the `state_dict` that moves. Products are
//! summed in f64, one number after the other, so that they are the same on every machine.

mod checkpoints;
mod error;
mod fit;
mod moved;
mod product;

pub use checkpoints::Checkpoints;
pub use error::{Error, Result};
pub use fit::{check_directions, check_models};
pub use moved::{difference, moved, moves};
pub use product::{cosine, dot, length};
