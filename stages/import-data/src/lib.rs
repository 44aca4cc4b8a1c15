//! Reads the data sets of others. A library beside the stage, so that fuzzing reaches it
//! (`tests/fuzz`).

mod archive;
pub mod cifar10;
pub mod folder;
pub mod idx;
pub mod npz;

use files::{Examples, Split};

/// What a source holds, before anything is done to it.
pub struct Raw {
    /// The examples of each split.
    pub splits: Vec<(Split, Examples)>,
    /// Names of the classes; none where they have no names.
    pub classes: Vec<String>,
}
