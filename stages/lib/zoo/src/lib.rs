//! The architectures of *Visualizing the Loss Landscape of Neural Nets* (Li et al., NIPS 2018) as programs, with the
//! names, keys and shapes of its checkpoints.
//!
//! The number of input channels and of classes is free; pooling adapts to the size of the images.

mod layers;
mod resnet;
mod vgg;

use program::Program;

/// A network without its weights.
#[derive(Debug, Clone)]
pub struct Architecture {
    /// Its name in the zoo, such as `resnet56_noshort`.
    pub name: String,
    /// Its operator calls.
    pub program: Program,
    /// What its `state_dict` holds, in order.
    pub state: Vec<Entry>,
}

/// One entry of the `state_dict`.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its key.
    pub name: String,
    /// Its shape; empty for a counter.
    pub shape: Vec<usize>,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry of the `state_dict` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// The weight of a convolution `[out, in, h, w]` or of a linear layer `[out, in]`.
    Weight,
    /// The bias of such a layer, of so many inputs a unit.
    Bias {
        /// Inputs of a unit: in · h · w.
        fan_in: usize,
    },
    /// The scale of a batch normalisation.
    NormWeight,
    /// The shift of a batch normalisation.
    NormBias,
    /// Its running mean (a buffer).
    RunningMean,
    /// Its running variance (a buffer).
    RunningVar,
    /// Its count of batches (an integer buffer), which checkpoints before PyTorch 0.4.1 lack.
    BatchCount,
}

/// Why there is no such network.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such name.
    #[error("\"{0}\" is no architecture of the zoo: {list}", list = NAMES.join(", "))]
    Unknown(String),
    /// The checkpoint lacks the layer that tells the number of channels or classes.
    #[error("the checkpoint has no \"{key}\" of {dims} dimensions, which {name} has")]
    Lacks {
        /// The architecture.
        name: String,
        /// The key of the layer.
        key: &'static str,
        /// The number of dimensions of its weight.
        dims: usize,
    },
}

/// The names that [`build`] knows.
pub const NAMES: &[&str] = &[
    "resnet20",
    "resnet32",
    "resnet44",
    "resnet56",
    "resnet110",
    "resnet20_noshort",
    "resnet32_noshort",
    "resnet44_noshort",
    "resnet50_16_noshort",
    "resnet56_noshort",
    "resnet110_noshort",
    "vgg9",
];

impl EntryKind {
    /// Whether it is trained.
    pub fn is_parameter(self) -> bool {
        !matches!(self, Self::RunningMean | Self::RunningVar | Self::BatchCount)
    }
}

/// The network of this name for images of so many channels and classes.
///
/// # Errors
/// [`Error::Unknown`].
pub fn build(name: &str, channels: usize, classes: usize) -> Result<Architecture, Error> {
    if !NAMES.contains(&name) {
        return Err(Error::Unknown(name.into()));
    }
    let (program, state) =
        if name.starts_with("vgg") { vgg::vgg9(channels, classes) } else { resnet::cifar(name, channels, classes) };
    Ok(Architecture { name: name.into(), program, state })
}

/// The network of this name with the channels and classes of a checkpoint, given the shapes of its entries.
///
/// # Errors
/// [`Error::Unknown`], or [`Error::Lacks`] where the first or the last layer is missing.
pub fn for_checkpoint(name: &str, shape: impl Fn(&str) -> Option<Vec<usize>>) -> Result<Architecture, Error> {
    let (first, last) = if name.starts_with("vgg") {
        ("features.0.weight", "classifier.weight")
    } else {
        ("conv1.weight", "linear.weight")
    };
    let size = |key, dims, axis: usize| {
        let found = shape(key).filter(|shape| shape.len() == dims).map(|shape| shape[axis]);
        found.ok_or_else(|| Error::Lacks { name: name.into(), key, dims })
    };
    if !NAMES.contains(&name) {
        return Err(Error::Unknown(name.into()));
    }
    build(name, size(first, 4, 1)?, size(last, 2, 0)?)
}
