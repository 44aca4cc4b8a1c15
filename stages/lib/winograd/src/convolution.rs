use crate::{PANEL, Tile};

/// Numbers of a transformed kernel that caches do not hold.
const LARGE: usize = 3 << 20;
/// Numbers of a transformed tile and its products, of which caches hold twelve but not twenty-four.
const WIDE: usize = 5000;
/// A convolution of images whose channels lie last, `[images, height, width, channels]`, and what
/// comes after it.
#[derive(Debug, Clone, Copy)]
pub struct Convolution {
    /// How many there are.
    pub images: usize,
    /// Height and width of the input.
    pub size: [usize; 2],
    /// Input channels.
    pub inputs: usize,
    /// Output channels.
    pub outputs: usize,
    /// Rows of zeros above and below, columns of zeros left and right.
    pub padding: [usize; 2],
    /// Whether the result is added to what the output holds.
    pub add: bool,
    /// Whether negative results become 0.
    pub relu: bool,
    /// How much is computed at once.
    pub tile: Tile,
}

impl Convolution {
    /// Height and width of the output; `None` where the kernel is larger than the padded input.
    pub fn output_size(&self) -> Option<[usize; 2]> {
        let [height, width] =
            [0, 1].map(|axis| (self.size[axis] + 2 * self.padding[axis]).checked_sub(2));
        height
            .zip(width)
            .filter(|(height, width)| height * width > 0)
            .map(<[usize; 2]>::from)
    }

    /// Tiles that are transformed at once: as caches hold them, and many where the kernel is large,
    /// which is read once for all of them. In sixes and twelves, which are multiplied at once.
    pub(crate) fn block(&self) -> usize {
        let frequencies = self.tile.frequencies();
        match (
            frequencies * self.inputs * self.outputs,
            frequencies * (self.inputs + self.outputs),
        ) {
            (LARGE.., _) => 96,
            (_, WIDE..) => 12,
            _ => 24,
        }
    }

    /// Numbers from one frequency to the next in memory; not a power of two, which caches would
    /// hold in few places.
    pub(crate) fn frequency(&self, channels: usize) -> usize {
        self.block() * channels + PANEL
    }
}
