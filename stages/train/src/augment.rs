use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use torch::Tensor;

/// Black pixels on each side, from which a crop of the old size is cut.
const PADDING: i64 = 4;

/// What is done to training images at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Augment {
    /// Nothing
    None,
    /// Shift by up to 4 pixels
    Crop,
    /// Mirror left to right, every other time
    Flip,
    /// Both
    CropFlip,
}

/// A batch of images `[N, C, H, W]`, each changed at random; other inputs are left alone.
pub(crate) fn augmented(images: Tensor, augment: Augment, random: &mut ChaCha8Rng) -> Tensor {
    if augment == Augment::None || images.dim() != 4 {
        return images;
    }
    let (count, height, width) = (images.size()[0], images.size()[2], images.size()[3]);
    let crop = matches!(augment, Augment::Crop | Augment::CropFlip);
    let padded = if crop {
        images.constant_pad_nd([PADDING; 4])
    } else {
        images
    };
    let one = |index: i64| {
        let mut image = padded.get(index);
        if crop {
            let (top, left) = (
                random.random_range(0..=2 * PADDING),
                random.random_range(0..=2 * PADDING),
            );
            image = image.narrow(1, top, height).narrow(2, left, width);
        }
        if augment != Augment::Crop && random.random_bool(0.5) {
            image.flip([2])
        } else {
            image
        }
    };
    Tensor::stack(&(0..count).map(one).collect::<Vec<_>>(), 0)
}
