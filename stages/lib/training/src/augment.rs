use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use torch::Tensor;

/// Black pixels on each side, from which a crop of the old size is cut.
const PADDING: i64 = 4;

/// What is done to training images at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Augment {
    /// Nothing
    None,
    /// Shift by up to 4 pixels
    Crop,
    /// Mirror left to right, every other time
    Flip,
    /// Both
    CropFlip,
}

impl Augment {
    fn crops(self) -> bool {
        match self {
            Self::Crop | Self::CropFlip => true,
            Self::None | Self::Flip => false,
        }
    }

    fn flips(self) -> bool {
        match self {
            Self::Flip | Self::CropFlip => true,
            Self::None | Self::Crop => false,
        }
    }
}

/// A batch of images `[N, C, H, W]`, each changed at random; other inputs are left alone.
pub(crate) fn augmented(images: Tensor, augment: Augment, random: &mut ChaCha8Rng) -> Tensor {
    if augment == Augment::None || images.dim() != 4 {
        return images;
    }
    let padded = if augment.crops() {
        images.constant_pad_nd([PADDING; 4])
    } else {
        images.shallow_clone()
    };
    let size = images.size();
    let mut changed = Vec::new();
    for index in 0..size[0] {
        let mut image = padded.get(index);
        if augment.crops() {
            let top = random.random_range(0..=2 * PADDING);
            let left = random.random_range(0..=2 * PADDING);
            image = image.narrow(1, top, size[2]).narrow(2, left, size[3]);
        }
        if augment.flips() && random.random_bool(0.5) {
            image = image.flip([2]);
        }
        changed.push(image);
    }
    Tensor::stack(&changed, 0)
}
