//! Runs programs through libtorch's dispatcher; the only crate that links it.
//!
//! A [`Network`] is a program made ready to run; it takes the state as an argument, so one network serves every point
//! of a landscape. [`Batches`] feeds it, [`Loss`] measures what comes out, sample by sample, in f64.

mod batches;
mod bound;
mod comparison;
mod convert;
mod convolution;
mod criterion;
mod device;
mod dispatcher;
mod error;
mod folded;
mod landscape;
mod loss;
mod measure;
mod memory;
mod metric;
mod network;
mod number;
mod outcome;
mod plan;
mod plane;
mod precision;
mod samples;
mod schemas;
mod step;
mod trainer;
mod variances;

pub use batches::{Batch, Batches, Read};
pub use convert::{array, state, tensor};
pub use criterion::{ClassAxis, Criterion};
pub use device::{Device, DeviceChoice};
pub use dispatcher::{keep_memory, leave_at_once};
pub use error::Error;
pub use landscape::Landscape;
pub use loss::{IGNORED, Loss};
pub use memory::{bound_memory, guard_memory};
pub use metric::{ExampleMetric, METRICS, chosen_metrics, usual_metrics};
pub use network::{Mode, Network};
pub use outcome::Outcome;
pub use plan::{Plan, State};
pub use precision::Precision;
pub use samples::{Averages, Samples, Score, StopAbove};
pub use schemas::allowed_schemas;
pub use tch::{Kind, Tensor, manual_seed, no_grad};
pub use trainer::{Sgd, Trainer};

/// Lets libtorch use one thread in the calling thread: as many jobs as cores, each of one thread, are faster than one
/// job of many, and their bits do not depend on how many there are.
pub fn one_thread() {
    tch::set_num_threads(1);
}
