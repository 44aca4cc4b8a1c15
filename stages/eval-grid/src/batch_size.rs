//! Examples per batch: the size that the measurement names, with which the last bits may vary, and
//! the size that is computed at once, which is the fastest here of those that give the same bits.

use std::{ops::RangeInclusive, time::Instant};

use program::Program;
use torch::{Device, Error, Landscape, Tensor};

use crate::settings::Settings;

/// What the widest tensor of a batch may take: caches hold it, or it fills a GPU.
const BYTES: usize = 2 << 20;
const BYTES_ON_A_GPU: usize = 512 << 20;
/// Sizes that are named where the user does not say.
const USUAL: RangeInclusive<usize> = 16..=128;
const USUAL_ON_A_GPU: RangeInclusive<usize> = 64..=2048;

/// Another size must take at most this share of the time; less gain is noise.
const GAIN: f64 = 0.95;
/// The smallest and largest sizes that are tried.
const SIZES: RangeInclusive<usize> = 4..=4096;
/// Trials take at most one of this many examples that a job computes.
const SHARE: usize = 50;

/// The size that the program was exported for, or that the user wants.
pub(crate) fn asked_for(settings: &Settings, program: &Program) -> anyhow::Result<Option<usize>> {
    match (program.batch(), settings.batch) {
        (Some(fixed), Some(asked)) if fixed != asked => anyhow::bail!(
            "{}: the program was exported for batches of {fixed}, --batch is {asked}: leave \
             it out, or export again with dynamic_shapes",
            settings.model.display()
        ),
        (fixed, asked) => Ok(fixed.or(asked)),
    }
}

/// The size for a program whose largest tensor has `widest` elements per example, of `element`
/// bytes each: a power of two, the same on every machine.
pub(crate) fn usual(widest: usize, element: usize, device: Device) -> usize {
    let (bytes, sizes) = if device == Device::Cpu {
        (BYTES, USUAL)
    } else {
        (BYTES_ON_A_GPU, USUAL_ON_A_GPU)
    };
    let most = bytes / widest.saturating_mul(element).max(1);
    1 << most.clamp(*sizes.start(), *sizes.end()).ilog2()
}

/// A network on which sizes are tried.
pub(crate) struct Trial<'a> {
    pub(crate) landscape: &'a Landscape,
    /// What the network takes for the first batch of a size.
    pub(crate) feed: &'a dyn Fn(usize) -> Result<Vec<Tensor>, Error>,
}

/// How long all examples take in batches of a size.
#[derive(Clone, Copy)]
struct Timed {
    size: usize,
    seconds: f64,
}

#[derive(Clone, Copy)]
enum Step {
    Half,
    Double,
}

impl Step {
    fn of(self, size: usize) -> usize {
        match self {
            Self::Half => size / 2,
            Self::Double => 2 * size,
        }
    }
}

impl Trial<'_> {
    /// The size for a job that computes a split of `examples` at `points`: found by halving and
    /// doubling `named` as long as that is faster.
    ///
    /// # Errors
    /// The network cannot compute batches of `named`.
    pub(crate) fn fastest(
        &self,
        named: usize,
        examples: usize,
        points: usize,
    ) -> Result<usize, Error> {
        // three sizes, twice each
        let cost = 2 * (named + named / 2 + 2 * named);
        if examples * points < SHARE * cost {
            return Ok(named);
        }
        let reference = self.time(named, examples)?;
        for step in [Step::Half, Step::Double] {
            let best = self.best_along(step, reference, named, examples);
            if best != named {
                return Ok(best);
            }
        }
        Ok(named)
    }

    /// The fastest size that steps from the named one lead to.
    fn best_along(&self, step: Step, named_time: Timed, named: usize, examples: usize) -> usize {
        let mut best = named_time;
        loop {
            let size = step.of(best.size);
            if !SIZES.contains(&size) || size >= 2 * examples {
                return best.size;
            }
            // a size that fails, for want of memory say, is left out
            let Ok(tried) = self.time(size, examples) else {
                return best.size;
            };
            let is_faster = tried.seconds <= GAIN * best.seconds;
            if !is_faster || !self.gives_same_bits(named, size).unwrap_or(false) {
                return best.size;
            }
            best = tried;
        }
    }

    /// The second of two runs: in the first one kernels are made and memory is taken.
    fn time(&self, size: usize, examples: usize) -> Result<Timed, Error> {
        let inputs = (self.feed)(size)?;
        self.landscape.outputs(&inputs)?;
        let start = Instant::now();
        for output in self.landscape.outputs(&inputs)? {
            // a GPU is done when its results are here
            drop(output.to_device(Device::Cpu));
        }
        let seconds = start.elapsed().as_secs_f64() * examples.div_ceil(size) as f64;
        Ok(Timed { size, seconds })
    }

    /// Whether batches of two sizes give the same bits in every place of the larger; one size is a
    /// power of two times the other.
    fn gives_same_bits(&self, one: usize, other: usize) -> Result<bool, Error> {
        let small = one.min(other);
        let large = one.max(other);
        let inputs = (self.feed)(large)?;
        let whole = self.landscape.outputs(&inputs)?;
        if !whole.iter().all(|output| has_examples(output, large)) {
            return Ok(false);
        }
        for start in (0..large).step_by(small) {
            let part = examples_of(&inputs, start, small);
            let found = self.landscape.outputs(&part)?;
            let wanted = examples_of(&whole, start, small);
            for (found, wanted) in found.iter().zip(&wanted) {
                if !has_examples(found, small) || !found.equal(wanted) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

fn examples_of(tensors: &[Tensor], start: usize, count: usize) -> Vec<Tensor> {
    let mut parts = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        parts.push(tensor.narrow(0, start as i64, count as i64));
    }
    parts
}

/// Whether a result has a place for each of `examples`.
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
