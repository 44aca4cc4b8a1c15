//! Runs a program: its calls are made ready once, and then called through libtorch's dispatcher.

mod lifetimes;
mod memory;
mod network;
mod number;
mod operator;
mod prepare;
mod schemas;
mod shim;
mod slots;
mod step;
mod update;
mod value;

pub use memory::{bound_memory, guard_memory};
pub use network::{Mode, Network};
pub use schemas::allowed_schemas;
pub(crate) use shim::load;
pub use shim::{keep_memory, leave_at_once};
pub(crate) use update::Update;
