//! Examples a batch: the size that the measurement names, on which the last bits may depend, and the size that is computed
//! at once, which is the fastest here of those that give the same bits.

use std::{ops::RangeInclusive, time::Instant};

use program::Program;
use torch::{Device, Error, Landscape, Tensor};

use crate::args::Args;

/// What the widest tensor of a batch may take: caches hold it, or it fills a GPU.
const BYTES: usize = 2 << 20;
const BYTES_ON_A_GPU: usize = 512 << 20;
/// Sizes that are named where nobody says.
const USUAL: RangeInclusive<usize> = 16..=128;
const USUAL_ON_A_GPU: RangeInclusive<usize> = 64..=2048;

/// What the network takes for the first batch of a size.
pub(crate) type Feed<'a> = &'a dyn Fn(usize) -> Result<Vec<Tensor>, Error>;

/// Another size must be so much faster; less is noise.
const GAIN: f64 = 0.95;
/// The largest and smallest sizes that are tried.
const SIZES: RangeInclusive<usize> = 4..=4096;
/// Measuring takes at most this share of the examples that a job computes.
const SHARE: usize = 50;

/// The size that the program was exported for, or the user wants.
pub(crate) fn asked_for(args: &Args, program: &Program) -> anyhow::Result<Option<usize>> {
    let asked = args.batch.map(usize::from);
    match (program.batch(), asked) {
        (Some(fixed), Some(asked)) if fixed != asked => anyhow::bail!(
            "{}: the program was exported for batches of {fixed}, --batch is {asked}: leave it out, or export again with \
             dynamic_shapes",
            args.model.display()
        ),
        (fixed, asked) => Ok(fixed.or(asked)),
    }
}

/// The size for a program whose largest tensor has so many elements for an example, of so many bytes: a power of two, the
/// same on every machine.
pub(crate) fn usual(widest: usize, element: usize, device: Device) -> usize {
    let (bytes, sizes) = if device == Device::Cpu {
        (BYTES, USUAL)
    } else {
        (BYTES_ON_A_GPU, USUAL_ON_A_GPU)
    };
    let fitting =
        (bytes / widest.saturating_mul(element).max(1)).clamp(*sizes.start(), *sizes.end());
    1 << fitting.ilog2()
}

/// The size for a job that computes a split of so many `examples` at so many `points`: found by halving and doubling
/// `named` as long as that is faster.
pub(crate) fn choose(
    landscape: &Landscape,
    feed: Feed,
    named: usize,
    examples: usize,
    points: usize,
) -> Result<usize, Error> {
    // three sizes, twice each
    let cost = 2 * (named + named / 2 + 2 * named);
    if examples * points < SHARE * cost {
        return Ok(named);
    }
    let reference = Timed::new(landscape, feed, named, examples)?;
    for factor in [Step::Half, Step::Double] {
        let mut best = reference;
        loop {
            let size = factor.of(best.size);
            if !SIZES.contains(&size) || size >= 2 * examples {
                break;
            }
            // one that fails, for want of memory say, is none
            let Ok(tried) = Timed::new(landscape, feed, size, examples) else {
                break;
            };
            if tried.seconds > GAIN * best.seconds
                || !same_bits(landscape, feed, named, size).unwrap_or(false)
            {
                break;
            }
            best = tried;
        }
        if best.size != named {
            return Ok(best.size);
        }
    }
    Ok(named)
}

enum Step {
    Half,
    Double,
}

impl Step {
    fn of(&self, size: usize) -> usize {
        match self {
            Self::Half => size / 2,
            Self::Double => 2 * size,
        }
    }
}

/// How long all examples take in batches of a size.
#[derive(Clone, Copy)]
struct Timed {
    size: usize,
    seconds: f64,
}

impl Timed {
    /// The second of two runs: in the first one kernels are made and memory is taken.
    fn new(landscape: &Landscape, feed: Feed, size: usize, examples: usize) -> Result<Self, Error> {
        let inputs = feed(size)?;
        landscape.outputs(&inputs)?;
        let start = Instant::now();
        let outputs = landscape.outputs(&inputs)?;
        // a GPU is done when its results are here
        outputs
            .iter()
            .for_each(|output| drop(output.to_device(Device::Cpu)));
        Ok(Self {
            size,
            seconds: start.elapsed().as_secs_f64() * examples.div_ceil(size) as f64,
        })
    }
}

/// Whether batches of two sizes give the same bits, one of them a power of two times the other: in every place of the larger.
fn same_bits(landscape: &Landscape, feed: Feed, one: usize, other: usize) -> Result<bool, Error> {
    let (small, large) = (one.min(other), one.max(other));
    let inputs = feed(large)?;
    let whole = landscape.outputs(&inputs)?;
    if !whole.iter().all(|tensor| has_examples(tensor, large)) {
        return Ok(false);
    }
    for start in (0..large).step_by(small) {
        let part = |tensor: &Tensor| tensor.narrow(0, start as i64, small as i64);
        let found = landscape.outputs(&inputs.iter().map(part).collect::<Vec<_>>())?;
        let same = |(found, whole): (&Tensor, &Tensor)| {
            has_examples(found, small) && found.equal(&part(whole))
        };
        if !found.iter().zip(&whole).all(same) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a result has a place for each of so many examples.
fn has_examples(tensor: &Tensor, examples: usize) -> bool {
    tensor.size().first() == Some(&(examples as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_networks_have_larger_batches() {
        // ResNet-56, VGG-9 and DenseNet-121 for images of 32×32 pixels
        for (channels, size, in_half) in [(16, 32, 64), (64, 16, 16), (256, 16, 16)] {
            assert_eq!(usual(channels * 32 * 32, 4, Device::Cpu), size);
            assert_eq!(usual(channels * 32 * 32, 2, Device::Cpu), in_half);
        }
        assert_eq!(usual(1, 4, Device::Cpu), 128);
        assert_eq!(usual(usize::MAX, 4, Device::Cuda(0)), 64);
    }
}
