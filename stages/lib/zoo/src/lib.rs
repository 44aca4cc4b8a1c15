//! The architectures of *Visualizing the Loss Landscape of Neural Nets* (Li et al., NIPS 2018) as programs, with the
//! names, keys and shapes of its checkpoints.
//!
//! The number of input channels and of classes is free; pooling adapts to the size of the images.

mod densenet;
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
    #[error("\"{0}\" is no architecture of the zoo: {list}", list = names().collect::<Vec<_>>().join(", "))]
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

/// What the names stand for.
const ZOO: &[(&str, Family)] = &[
    (
        "resnet20",
        Family::Cifar {
            blocks: 3,
            width: 1,
            shortcuts: true,
        },
    ),
    (
        "resnet32",
        Family::Cifar {
            blocks: 5,
            width: 1,
            shortcuts: true,
        },
    ),
    (
        "resnet44",
        Family::Cifar {
            blocks: 7,
            width: 1,
            shortcuts: true,
        },
    ),
    (
        "resnet56",
        Family::Cifar {
            blocks: 9,
            width: 1,
            shortcuts: true,
        },
    ),
    (
        "resnet110",
        Family::Cifar {
            blocks: 18,
            width: 1,
            shortcuts: true,
        },
    ),
    (
        "resnet20_noshort",
        Family::Cifar {
            blocks: 3,
            width: 1,
            shortcuts: false,
        },
    ),
    (
        "resnet32_noshort",
        Family::Cifar {
            blocks: 5,
            width: 1,
            shortcuts: false,
        },
    ),
    (
        "resnet44_noshort",
        Family::Cifar {
            blocks: 7,
            width: 1,
            shortcuts: false,
        },
    ),
    (
        "resnet50_16_noshort",
        Family::Cifar {
            blocks: 8,
            width: 1,
            shortcuts: false,
        },
    ),
    (
        "resnet56_noshort",
        Family::Cifar {
            blocks: 9,
            width: 1,
            shortcuts: false,
        },
    ),
    (
        "resnet110_noshort",
        Family::Cifar {
            blocks: 18,
            width: 1,
            shortcuts: false,
        },
    ),
    (
        "wrn56_2",
        Family::Cifar {
            blocks: 9,
            width: 2,
            shortcuts: true,
        },
    ),
    (
        "wrn56_4",
        Family::Cifar {
            blocks: 9,
            width: 4,
            shortcuts: true,
        },
    ),
    (
        "wrn56_8",
        Family::Cifar {
            blocks: 9,
            width: 8,
            shortcuts: true,
        },
    ),
    (
        "wrn56_2_noshort",
        Family::Cifar {
            blocks: 9,
            width: 2,
            shortcuts: false,
        },
    ),
    (
        "wrn56_4_noshort",
        Family::Cifar {
            blocks: 9,
            width: 4,
            shortcuts: false,
        },
    ),
    (
        "wrn56_8_noshort",
        Family::Cifar {
            blocks: 9,
            width: 8,
            shortcuts: false,
        },
    ),
    (
        "wrn110_2_noshort",
        Family::Cifar {
            blocks: 18,
            width: 2,
            shortcuts: false,
        },
    ),
    (
        "wrn110_4_noshort",
        Family::Cifar {
            blocks: 18,
            width: 4,
            shortcuts: false,
        },
    ),
    (
        "resnet18",
        Family::ImageNet {
            blocks: [2, 2, 2, 2],
            bottleneck: false,
            shortcuts: true,
        },
    ),
    (
        "resnet34",
        Family::ImageNet {
            blocks: [3, 4, 6, 3],
            bottleneck: false,
            shortcuts: true,
        },
    ),
    (
        "resnet50",
        Family::ImageNet {
            blocks: [3, 4, 6, 3],
            bottleneck: true,
            shortcuts: true,
        },
    ),
    (
        "resnet101",
        Family::ImageNet {
            blocks: [3, 4, 23, 3],
            bottleneck: true,
            shortcuts: true,
        },
    ),
    (
        "resnet152",
        Family::ImageNet {
            blocks: [3, 8, 36, 3],
            bottleneck: true,
            shortcuts: true,
        },
    ),
    (
        "resnet18_noshort",
        Family::ImageNet {
            blocks: [2, 2, 2, 2],
            bottleneck: false,
            shortcuts: false,
        },
    ),
    (
        "resnet34_noshort",
        Family::ImageNet {
            blocks: [3, 4, 6, 3],
            bottleneck: false,
            shortcuts: false,
        },
    ),
    (
        "resnet50_noshort",
        Family::ImageNet {
            blocks: [3, 4, 6, 3],
            bottleneck: true,
            shortcuts: false,
        },
    ),
    (
        "resnet101_noshort",
        Family::ImageNet {
            blocks: [3, 4, 23, 3],
            bottleneck: true,
            shortcuts: false,
        },
    ),
    (
        "resnet152_noshort",
        Family::ImageNet {
            blocks: [3, 8, 36, 3],
            bottleneck: true,
            shortcuts: false,
        },
    ),
    (
        "vgg9",
        Family::Vgg {
            stacks: &[&[64; 2], &[128; 2], &[256; 3]],
        },
    ),
    (
        "vgg16",
        Family::Vgg {
            stacks: &[&[64; 2], &[128; 2], &[256; 3], &[512; 3], &[512; 3]],
        },
    ),
    (
        "vgg19",
        Family::Vgg {
            stacks: &[&[64; 2], &[128; 2], &[256; 4], &[512; 4], &[512; 4]],
        },
    ),
    (
        "densenet121",
        Family::DenseNet {
            blocks: [6, 12, 24, 16],
            growth: 32,
        },
    ),
    (
        "densenet169",
        Family::DenseNet {
            blocks: [6, 12, 32, 32],
            growth: 32,
        },
    ),
    (
        "densenet201",
        Family::DenseNet {
            blocks: [6, 12, 48, 32],
            growth: 32,
        },
    ),
    (
        "densenet161",
        Family::DenseNet {
            blocks: [6, 12, 36, 24],
            growth: 48,
        },
    ),
    (
        "densenet_cifar",
        Family::DenseNet {
            blocks: [6, 12, 24, 16],
            growth: 12,
        },
    ),
];

/// A family of architectures, and which of them.
#[derive(Debug, Clone, Copy)]
enum Family {
    /// Three stages of so many blocks, 16, 32 and 64 times `width` wide.
    Cifar {
        blocks: usize,
        width: usize,
        shortcuts: bool,
    },
    /// Four stages, 64 to 512 wide.
    ImageNet {
        blocks: [usize; 4],
        bottleneck: bool,
        shortcuts: bool,
    },
    /// Widths of the convolutions, a pool after each stack.
    Vgg { stacks: &'static [&'static [usize]] },
    /// Four blocks of so many layers, each of which adds `growth` channels.
    DenseNet { blocks: [usize; 4], growth: usize },
}

/// The names that [`build`] knows.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    ZOO.iter().map(|(name, _)| *name)
}

fn family(name: &str) -> Result<Family, Error> {
    let found = ZOO
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, family)| *family);
    found.ok_or_else(|| Error::Unknown(name.into()))
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

/// The network of this name for images of so many channels and classes.
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

/// The network of this name with the channels and classes of a checkpoint, given the shapes of its entries.
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
    let size = |key, dims, axis: usize| {
        let found = shape(key)
            .filter(|shape| shape.len() == dims)
            .map(|shape| shape[axis]);
        found.ok_or_else(|| Error::Lacks {
            name: name.into(),
            key,
            dims,
        })
    };
    build(name, size(first, 4, 1)?, size(last, 2, 0)?)
}
