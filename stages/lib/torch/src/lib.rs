//! Runs programs through libtorch's dispatcher; the only crate that links it.
//!
//! A [`Network`] is a program made ready to run; it takes the state as an argument, so one network
//! serves every point of a landscape. A [`Plan`] says how a program is run fastest, a [`Landscape`]
//! moves its weights, [`Batches`] feeds it, and [`Loss`] measures what it returns, example by
//! example, in f64.

mod convert;
mod criterion;
mod curvature;
mod curve;
mod data;
mod device;
mod error;
mod fastest;
mod forward;
mod gradient;
mod layout;
mod leaves;
mod loss;
mod measure;
mod metric;
mod optimizer;
mod outcome;
mod plan;
mod precision;
mod returned;
mod run;
mod samples;
mod statistics;
mod trainer;
mod weights;
mod winograd;

pub use convert::{array, state, tensor};
pub use criterion::{ClassAxis, Criterion};
pub use curvature::{Curvature, Operator, ProductSum};
pub use curve::Path;
pub use data::{Batch, Batches, Read};
pub use device::{Device, DeviceChoice, device_name};
pub use error::Error;
pub use fastest::State;
pub use gradient::Gradient;
pub use grid::Curve;
pub use loss::{IGNORED, Loss};
pub use metric::{ExampleMetric, METRICS, chosen_metrics, usual_metrics};
pub use optimizer::{Adam, Rule, Sgd};
pub use outcome::Outcome;
pub use plan::Plan;
pub use precision::Precision;
pub use run::{
    Mode, Network, allowed_schemas, bound_memory, guard_memory, keep_memory, leave_at_once,
};
pub use samples::{Averages, Samples, Score, StopAbove};
pub use statistics::Statistics;
pub use tch::{Kind, Tensor, manual_seed, no_grad};
pub use trainer::{Kept, Step, Trainer};
pub use weights::{BatchStatistics, Landscape, Place, Recalibration, mean as mean_statistics};

/// Lets libtorch use one thread in the calling thread. As many jobs as cores, each of one thread,
/// are faster than one job of many threads, and their bits do not depend on the number of jobs.
pub fn one_thread() {
    tch::set_num_threads(1);
}
