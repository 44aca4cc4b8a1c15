//! Measures the points of a grid: it hands them out, cuts passes over the data into chunks, and
//! keeps what is finished.
//!
//! What a point yields is the work of a [`Measure`]. [`measure_points`] owns points, passes, chunks
//! and threads; [`Ranks`] shares the points between processes; [`Points`] keeps finished values in
//! a [`Journal`] and what a point knows between two passes in [`States`]. None of them knows a
//! metric, and none needs libtorch.

mod columns;
mod exchange;
mod journal;
mod kept;
mod measure;
mod output;
mod passes;
mod points;
mod ranks;
mod record;
mod run;
mod states;

pub use columns::metrics;
pub use exchange::{Exchange, Start};
pub use journal::{Journal, Setting, value_of};
pub use kept::{Kept, State, Vectors};
pub use measure::{Chunk, Column, Cut, Measure, Next, Point, Stop};
pub use output::{check_output, publish};
pub use points::Points;
pub use ranks::Ranks;
pub use run::measure_points;
pub use states::States;
