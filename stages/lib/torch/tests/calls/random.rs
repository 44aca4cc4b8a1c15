//! Random numbers from a seed, the same everywhere (Steele, Lea and Flood 2014: splitmix).

/// Integers that no operator was made for.
const HOSTILE: [i64; 14] = [
    i64::MIN,
    i64::MIN + 1,
    -(1 << 40),
    -2_147_483_649,
    -1000,
    1 << 20,
    100_000_000,
    2_147_483_647,
    2_147_483_648,
    4_294_967_295,
    1 << 40,
    1 << 62,
    i64::MAX - 1,
    i64::MAX,
];
/// Real numbers of the kind.
const HOSTILE_REALS: [f64; 8] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    -1.0,
    1e300,
    -1e300,
    1e-300,
    3.5e9,
];

pub(crate) struct Random(u64);

impl Random {
    /// Mixed, or seeds that follow one another would have almost the same numbers.
    pub(crate) fn new(seed: u64) -> Self {
        Self(mixed(seed))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    /// True in so many of 100 cases.
    pub(crate) fn percent(&mut self, of_100: usize) -> bool {
        self.below(100) < of_100
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Mostly a size, a place or a count that could be meant.
    pub(crate) fn integer(&mut self) -> i64 {
        if self.percent(75) {
            self.below(9) as i64 - 2
        } else {
            *self.pick(&HOSTILE)
        }
    }

    pub(crate) fn integers(&mut self) -> Vec<i64> {
        let count = self.below(6);
        let mut integers = Vec::new();
        for _ in 0..count {
            integers.push(self.integer());
        }
        integers
    }

    pub(crate) fn real(&mut self) -> f64 {
        if self.percent(70) {
            self.below(2001) as f64 / 1000.0 - 1.0
        } else {
            *self.pick(&HOSTILE_REALS)
        }
    }

    pub(crate) fn shape(&mut self) -> Vec<usize> {
        let dims = self.below(6);
        let mut shape = Vec::new();
        for _ in 0..dims {
            shape.push(*self.pick(&[0, 1, 1, 2, 2, 3, 3, 4, 5, 8]));
        }
        shape
    }
}

fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
