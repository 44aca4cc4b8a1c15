//! What a config says of a training.

use std::num::NonZeroUsize;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::Loss;
use crate::values::{Arch, Reference, SaveEvery};

/// A network that the study trains: options of train
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Training {
    /// An architecture of the zoo (import-model --list)
    pub(crate) arch: Option<Arch>,
    /// Train this model instead, from the weights that it has: its name in models
    #[serde(skip_serializing)]
    pub(crate) program: Option<Reference>,
    /// The data set, by its name in data (default: the only one)
    #[serde(skip_serializing)]
    pub(crate) data: Option<Reference>,
    /// Passes over the training set
    pub(crate) epochs: NonZeroUsize,
    /// Keep a checkpoint every so many epochs, such as 5 or 0.25 (default 1)
    pub(crate) save_every: Option<SaveEvery>,
    /// Threads of the CPU (default 1); the last bits of the weights depend on it
    #[serde(skip_serializing)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// The loss, of which the mean over a batch is made smaller
    pub(crate) loss: Option<Loss>,
    /// Examples per step (default 128)
    pub(crate) batch: Option<NonZeroUsize>,
    /// How gradients become steps (default sgd)
    pub(crate) optimizer: Option<Optimizer>,
    /// Learning rate at the start (default 0.1 for sgd, 0.001 for adam and adamw)
    pub(crate) lr: Option<f64>,
    /// sgd: share of the last step that is kept (default 0.9)
    pub(crate) momentum: Option<f64>,
    /// sgd: use plain momentum, not Nesterov's
    pub(crate) no_nesterov: Option<bool>,
    /// adam, adamw: share of the mean gradient that is kept at each step (default 0.9)
    pub(crate) beta1: Option<f64>,
    /// adam, adamw: share of the mean square of the gradient that is kept (default 0.999)
    pub(crate) beta2: Option<f64>,
    /// adam, adamw: added to the root of the mean square (default 1e-8)
    pub(crate) eps: Option<f64>,
    /// L2 penalty on every parameter; decay of its own with adamw (default 0.0005, adamw 0.01)
    pub(crate) weight_decay: Option<f64>,
    /// How the learning rate falls (default step)
    pub(crate) schedule: Option<Schedule>,
    /// step: multiply the rate by this at each decay (default 0.1)
    pub(crate) lr_decay: Option<f64>,
    /// step: decay after these epochs (default 1/2, 3/4 and 11/12 of all)
    pub(crate) decay_at: Option<Vec<usize>>,
    /// Let the rate rise from 0 in a line over so many epochs, such as 0.5
    pub(crate) warmup: Option<f64>,
    /// What is done to training images at random (default crop-flip)
    pub(crate) augment: Option<Augment>,
    /// Seed of the initial weights, the order, the augmentation and dropout (default 0)
    pub(crate) seed: Option<u64>,
    /// Use only the first examples of each split, up to this number
    pub(crate) limit: Option<NonZeroUsize>,
    /// What weights and activations are rounded to in the forward pass (default f32)
    pub(crate) precision: Option<Rounding>,
    /// Where to compute: auto, cpu, cuda or cuda:K (default auto)
    pub(crate) device: Option<String>,
}

/// Optimisers of train
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Optimizer {
    Sgd,
    Adam,
    Adamw,
}

/// Schedules of train
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Schedule {
    Step,
    Cosine,
    Constant,
}

/// Precisions of train
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Rounding {
    F32,
    Bf16,
}

/// Augmentations of train
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Augment {
    None,
    Crop,
    Flip,
    CropFlip,
}
