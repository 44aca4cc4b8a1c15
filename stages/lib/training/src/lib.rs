//! What the stages that train have in common: `train` and `connect`.
//!
//! [`StepOptions`] is how a training is typed, [`Settings`] the same, checked. A [`Network`] is
//! what is trained, and a [`Training`] does its steps and epochs, and goes on where an earlier run
//! of the same command was interrupted.

mod augment;
mod log;
mod network;
mod resume;
mod rule;
mod schedule;
mod score;
mod settings;
mod table;
mod training;

pub use augment::Augment;
pub use network::{Network, check_targets};
pub use resume::Resume;
pub use rule::RuleOptions;
pub use schedule::{Schedule, ScheduleOptions};
pub use score::Score;
pub use settings::{Run, Settings, StepOptions};
pub use table::Table;
pub use training::{Setup, Training};
