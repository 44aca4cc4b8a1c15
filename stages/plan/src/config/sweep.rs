//! What a sweep varies.

use std::num::NonZeroUsize;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_yaml::Spanned;

use super::words::{DirType, Ignore, Loss, Norm, Precision};
use crate::values::{Axis, Name, Reference};

/// The settings that a sweep varies, each with a comment and its type.
macro_rules! settings {
    ($($(#[doc = $doc:literal])* $key:ident: $type:ty,)*) => {
        impl Sweep {
            /// The names of the settings, in the order in which they vary: the last one fastest.
            pub(crate) const KEYS: &[&str] = &[$(stringify!($key)),*];
        }

        /// What varies: a surface for each combination of the values
        #[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct Sweep {
            $($(#[doc = $doc])* pub(crate) $key: Option<Vec<$type>>,)*
            /// Combinations to leave out: those that have all of these settings
            #[serde(skip_serializing)]
            #[schemars(with = "Vec<Choice>")]
            pub(crate) exclude: Vec<Spanned<Choice>>,
            /// Surfaces to add, of these settings
            #[serde(skip_serializing)]
            #[schemars(with = "Vec<Choice>")]
            pub(crate) include: Vec<Spanned<Choice>>,
        }

        /// Settings of one surface
        #[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct Choice {
            $($(#[doc = $doc])* pub(crate) $key: Option<$type>,)*
        }
    };
}

settings! {
    /// A network, by its name in models
    model: Reference,
    /// A data set, by its name in data
    data: Reference,
    /// What the directions move
    dir_type: DirType,
    /// Seed of the directions
    seed: u64,
    /// Norm of the x direction
    xnorm: Norm,
    /// What the x direction leaves alone
    xignore: Ignore,
    /// Norm of the y direction
    ynorm: Norm,
    /// What the y direction leaves alone
    yignore: Ignore,
    /// First axis
    x: Axis,
    /// Second axis
    y: Axis,
    /// Splits to measure
    split: Vec<Name>,
    /// The loss
    loss: Loss,
    /// Examples per batch
    batch: NonZeroUsize,
    /// Use only the first examples of each split, up to this number
    limit: NonZeroUsize,
    /// What weights and activations are rounded to
    precision: Precision,
    /// Stop a point once its mean loss is certain to reach this value
    stop_above: f64,
    /// Estimate running statistics anew at each point, from this many examples
    recalibrate_bn: NonZeroUsize,
    /// Examples per batch of that estimate
    recalibrate_batch: NonZeroUsize,
}
