use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// What random vectors are drawn for: vectors of one seed for different purposes differ.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// The first vector of a run of Lanczos, or one that goes on where a run ended in a subspace.
    Start,
    /// A probe of the trace.
    Trace,
}

/// Independent normal numbers: the same for the same seed and number on every machine.
pub(crate) fn normal(dimension: usize, seed: u64, number: u64) -> Vec<f64> {
    let mut random = generator(seed, Purpose::Start, number);
    let mut values = Vec::with_capacity(dimension);
    for _ in 0..dimension {
        values.push(StandardNormal.sample(&mut random));
    }
    values
}

/// Independent signs, 1 or -1 (Rademacher).
pub(crate) fn signs(dimension: usize, seed: u64, number: u64) -> Vec<f64> {
    let mut random = generator(seed, Purpose::Trace, number);
    let mut values = Vec::with_capacity(dimension);
    while values.len() < dimension {
        let mut bits = random.next_u64();
        for _ in 0..64.min(dimension - values.len()) {
            values.push(if bits & 1 == 0 { 1.0 } else { -1.0 });
            bits >>= 1;
        }
    }
    values
}

fn generator(seed: u64, purpose: Purpose, number: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let purpose = match purpose {
        Purpose::Start => 0,
        Purpose::Trace => 1,
    };
    random.set_stream(2 * number + purpose);
    random
}
