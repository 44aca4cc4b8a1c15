//! A network with its data, read and checked to belong together, and how it is run: what the stages
//! that measure networks share.

mod batch;
mod bending;
mod checks;
mod cores;
mod feed;
mod memory;
mod models;
mod parameters;
mod plan;
mod plane;
mod rows;
mod signals;
mod split_options;
mod subject;

pub use batch::{asked_for, batch_of, usual_batch};
pub use bending::{Bending, Bent};
pub use cores::cores;
pub use feed::{batches, fed, first_call};
pub use memory::{Bytes, free_memory};
pub use models::Models;
pub use parameters::Parameters;
pub use plan::fastest_plan;
pub use plane::{Plane, real};
pub use rows::{Rows, settings_of};
pub use signals::Signals;
pub use split_options::SplitOptions;
pub use subject::{Part, Question, Subject};
