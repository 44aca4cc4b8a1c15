//! What a point yields: each measure is a file that says its columns, its passes over the data and
//! how they become values.

pub(crate) mod loss;
pub(crate) mod recalibrated;
