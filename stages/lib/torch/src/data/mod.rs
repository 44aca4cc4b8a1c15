//! What a network is fed with: examples in batches, from memory or read anew for every pass.

mod ahead;
mod batches;
mod chunk;
mod feed;

pub use ahead::Read;
pub use batches::{Batch, Batches};
