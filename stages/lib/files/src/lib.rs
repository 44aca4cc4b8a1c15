#![doc = include_str!("../README.md")]

mod contents;
mod dataset;
mod digest;
mod directions;
mod error;
mod header;
mod meaning;
mod measurement;
mod model;
mod names;
mod quantity;
mod reader;
mod replace;
mod shard;
mod surface;
mod tensor;
mod trajectory;
mod writer;

pub use contents::{Contents, Item, Stored};
pub use dataset::{Dataset, DatasetFile, Examples, Normalization, Split};
pub use directions::{DirType, Directions, Pca};
pub use error::{Error, Result};
pub use header::{Header, Note, Origin, Provenance};
pub use meaning::{AxisName, Meaning};
pub use measurement::Measurement;
pub use model::{Model, Role, StateTensor};
pub use names::Kind;
pub use quantity::{EIG_RATIO, EIG_RATIO_SIGNED, NoQuantity, STDERR};
pub use reader::Reader;
pub use replace::replace;
pub use shard::Shard;
pub use surface::{BeyondStop, Metric, Surface};
pub use tensor::Tensor;
pub use trajectory::Trajectory;
