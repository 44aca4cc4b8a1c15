//! The architectures by their names.

use crate::Error;

/// A family of architectures, and which of them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Family {
    /// Three stages of `blocks` blocks each, 16, 32 and 64 times `width` wide.
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
    /// Four blocks with these numbers of layers, each of which adds `growth` channels.
    DenseNet { blocks: [usize; 4], growth: usize },
}

impl Family {
    const fn cifar(blocks: usize, width: usize) -> Self {
        Self::Cifar {
            blocks,
            width,
            shortcuts: true,
        }
    }

    /// Blocks of two convolutions.
    const fn image_net(blocks: [usize; 4]) -> Self {
        Self::ImageNet {
            blocks,
            bottleneck: false,
            shortcuts: true,
        }
    }

    /// Blocks of three convolutions, the middle one narrower.
    const fn bottlenecks(blocks: [usize; 4]) -> Self {
        Self::ImageNet {
            blocks,
            bottleneck: true,
            shortcuts: true,
        }
    }

    const fn densenet(blocks: [usize; 4], growth: usize) -> Self {
        Self::DenseNet { blocks, growth }
    }

    /// The same layers without the shortcuts around the blocks; other families have none.
    const fn without_shortcuts(self) -> Self {
        match self {
            Self::Cifar { blocks, width, .. } => Self::Cifar {
                blocks,
                width,
                shortcuts: false,
            },
            Self::ImageNet {
                blocks, bottleneck, ..
            } => Self::ImageNet {
                blocks,
                bottleneck,
                shortcuts: false,
            },
            Self::Vgg { .. } | Self::DenseNet { .. } => self,
        }
    }
}

/// The names, and which network each is.
const ZOO: &[(&str, Family)] = &[
    ("resnet20", Family::cifar(3, 1)),
    ("resnet32", Family::cifar(5, 1)),
    ("resnet44", Family::cifar(7, 1)),
    ("resnet56", Family::cifar(9, 1)),
    ("resnet110", Family::cifar(18, 1)),
    ("resnet20_noshort", Family::cifar(3, 1).without_shortcuts()),
    ("resnet32_noshort", Family::cifar(5, 1).without_shortcuts()),
    ("resnet44_noshort", Family::cifar(7, 1).without_shortcuts()),
    (
        "resnet50_16_noshort",
        Family::cifar(8, 1).without_shortcuts(),
    ),
    ("resnet56_noshort", Family::cifar(9, 1).without_shortcuts()),
    (
        "resnet110_noshort",
        Family::cifar(18, 1).without_shortcuts(),
    ),
    ("wrn56_2", Family::cifar(9, 2)),
    ("wrn56_4", Family::cifar(9, 4)),
    ("wrn56_8", Family::cifar(9, 8)),
    ("wrn56_2_noshort", Family::cifar(9, 2).without_shortcuts()),
    ("wrn56_4_noshort", Family::cifar(9, 4).without_shortcuts()),
    ("wrn56_8_noshort", Family::cifar(9, 8).without_shortcuts()),
    ("wrn110_2_noshort", Family::cifar(18, 2).without_shortcuts()),
    ("wrn110_4_noshort", Family::cifar(18, 4).without_shortcuts()),
    ("resnet18", Family::image_net([2, 2, 2, 2])),
    ("resnet34", Family::image_net([3, 4, 6, 3])),
    ("resnet50", Family::bottlenecks([3, 4, 6, 3])),
    ("resnet101", Family::bottlenecks([3, 4, 23, 3])),
    ("resnet152", Family::bottlenecks([3, 8, 36, 3])),
    (
        "resnet18_noshort",
        Family::image_net([2, 2, 2, 2]).without_shortcuts(),
    ),
    (
        "resnet34_noshort",
        Family::image_net([3, 4, 6, 3]).without_shortcuts(),
    ),
    (
        "resnet50_noshort",
        Family::bottlenecks([3, 4, 6, 3]).without_shortcuts(),
    ),
    (
        "resnet101_noshort",
        Family::bottlenecks([3, 4, 23, 3]).without_shortcuts(),
    ),
    (
        "resnet152_noshort",
        Family::bottlenecks([3, 8, 36, 3]).without_shortcuts(),
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
    ("densenet121", Family::densenet([6, 12, 24, 16], 32)),
    ("densenet169", Family::densenet([6, 12, 32, 32], 32)),
    ("densenet201", Family::densenet([6, 12, 48, 32], 32)),
    ("densenet161", Family::densenet([6, 12, 36, 24], 48)),
    ("densenet_cifar", Family::densenet([6, 12, 24, 16], 12)),
];

/// The names that [`build`](crate::build) knows.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    ZOO.iter().map(|(name, _)| *name)
}

/// The architecture of this name.
pub(crate) fn family(name: &str) -> Result<Family, Error> {
    for (known, family) in ZOO {
        if *known == name {
            return Ok(*family);
        }
    }
    Err(Error::Unknown(name.into()))
}
