//! Examples that are computed at once: the size that is fastest here of those that give the same
//! bits as the one that the measurement names.

use std::{ops::RangeInclusive, time::Instant};

use torch::{Device, Error, Landscape, Tensor};

/// Another size must take at most this share of the time; less gain is noise.
const GAIN: f64 = 0.95;
/// The smallest and largest sizes that are tried.
const SIZES: RangeInclusive<usize> = 4..=4096;
/// Trials take at most one of this many examples that a job computes.
const SHARE: usize = 50;

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
