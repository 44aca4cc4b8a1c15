//! How many examples are computed at once: what is fastest here, and gives the same bits as the size that the
//! measurement names.

use std::time::Instant;

use torch::{Error, Landscape, Tensor};

/// What the network takes for the first batch of a size.
pub(crate) type Feed<'a> = &'a dyn Fn(usize) -> Result<Vec<Tensor>, Error>;

/// Another size must be so much faster; less is noise.
const GAIN: f64 = 0.95;
/// The largest and smallest sizes that are tried.
const SIZES: std::ops::RangeInclusive<usize> = 4..=2048;
/// Measuring takes at most this share of the examples that a job computes.
const SHARE: usize = 50;

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
    let reference = Timed::new(landscape, feed, named)?;
    for factor in [Step::Half, Step::Double] {
        let mut best = Timed { outputs: Vec::new(), ..reference };
        loop {
            let size = factor.of(best.size);
            if !SIZES.contains(&size) || size >= 2 * examples {
                break;
            }
            let tried = Timed::new(landscape, feed, size)?;
            if tried.seconds > GAIN * best.seconds || !same_bits(&tried.outputs, &reference.outputs) {
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

/// What a batch of a size gives, and how long an example takes.
struct Timed {
    size: usize,
    seconds: f64,
    outputs: Vec<Tensor>,
}

impl Timed {
    /// The second of two runs: in the first one kernels are made and memory is taken.
    fn new(landscape: &Landscape, feed: Feed, size: usize) -> Result<Self, Error> {
        let inputs = feed(size)?;
        landscape.outputs(&inputs)?;
        let start = Instant::now();
        let outputs = landscape.outputs(&inputs)?;
        let outputs = outputs.iter().map(|output| output.to_device(torch::Device::Cpu)).collect();
        Ok(Self { size, seconds: start.elapsed().as_secs_f64() / size as f64, outputs })
    }
}

/// Whether outputs of batches of two sizes agree to the bit in the examples that both have.
fn same_bits(one: &[Tensor], other: &[Tensor]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(a, b)| {
            let both = a.size()[0].min(b.size()[0]);
            a.size()[1..] == b.size()[1..] && a.narrow(0, 0, both).equal(&b.narrow(0, 0, both))
        })
}
