//! The architectures of *Visualizing the Loss Landscape of Neural Nets* (Li et al., NIPS 2018) as
//! programs, with the names, keys and shapes of its checkpoints.
//!
//! The number of input channels and of classes is free; pooling adapts to the size of the images.

mod densenet;
mod family;
mod layers;
mod resnet;
mod vgg;

use program::Program;

pub use family::names;
use family::{Family, family};

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
    /// The bias of such a layer.
    Bias {
        /// Inputs per unit: in · h · w.
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
    #[error(
        "\"{0}\" is not an architecture of the zoo: {list}",
        list = names().collect::<Vec<_>>().join(", ")
    )]
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

impl EntryKind {
    /// Whether it is trained.
    pub fn is_parameter(self) -> bool {
        !matches!(
            self,
            Self::RunningMean | Self::RunningVar | Self::BatchCount
        )
    }
}

/// The network of this name for images of `channels` channels and `classes` classes.
///
/// # Errors
/// [`Error::Unknown`].
pub fn build(name: &str, channels: usize, classes: usize) -> Result<Architecture, Error> {
    let (program, state) = match family(name)? {
        Family::Cifar {
            blocks,
            width,
            shortcuts,
        } => resnet::cifar(blocks, width, shortcuts, channels, classes),
        Family::ImageNet {
            blocks,
            bottleneck,
            shortcuts,
        } => resnet::image_net(blocks, bottleneck, shortcuts, channels, classes),
        Family::Vgg { stacks } => vgg::vgg(stacks, channels, classes),
        Family::DenseNet { blocks, growth } => {
            densenet::densenet(blocks, growth, channels, classes)
        }
    };
    Ok(Architecture {
        name: name.into(),
        program,
        state,
    })
}

/// The network of this name with the channels and classes of a checkpoint, given the shapes of its
/// entries.
///
/// # Errors
/// [`Error::Unknown`], or [`Error::Lacks`] where the first or the last layer is missing.
pub fn for_checkpoint(
    name: &str,
    shape: impl Fn(&str) -> Option<Vec<usize>>,
) -> Result<Architecture, Error> {
    let (first, last) = match family(name)? {
        Family::Vgg { .. } => ("features.0.weight", "classifier.weight"),
        _ => ("conv1.weight", "linear.weight"),
    };
    let channels = match shape(first).as_deref() {
        Some([_, channels, _, _]) => *channels,
        _ => return Err(lacks(name, first, 4)),
    };
    let classes = match shape(last).as_deref() {
        Some([classes, _]) => *classes,
        _ => return Err(lacks(name, last, 2)),
    };
    build(name, channels, classes)
}

/// A checkpoint without a layer that has a weight of `dims` dimensions.
fn lacks(name: &str, key: &'static str, dims: usize) -> Error {
    Error::Lacks {
        name: name.into(),
        key,
        dims,
    }
}
