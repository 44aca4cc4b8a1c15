use std::{fmt, str::FromStr};

/// The largest number of parts of a grid.
const MOST: usize = 10_000_000;

/// Part `index` of `count` of a grid's points, counted from 1.
///
/// Shards interleave: shard i has the points i-1, i-1+n, i-1+2n, …, so that every shard costs the
/// same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    index: usize,
    count: usize,
}

/// Why a text or a pair of numbers is not a shard.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ShardError {
    /// Not two positive integers.
    #[error("\"{0}\" is not I/N, such as 3/10")]
    Form(String),
    /// More parts than make sense.
    #[error("{0} shards are too many: use at most {MOST}")]
    Count(usize),
    /// An index outside 1…n.
    #[error("shard {0}/{1} does not exist: shards count from 1/{1} to {1}/{1}")]
    Range(usize, usize),
}

impl Shard {
    /// The shard that is the whole grid, 1/1.
    pub const WHOLE: Self = Self { index: 1, count: 1 };

    /// Shard `index` of `count`.
    pub fn new(index: usize, count: usize) -> Result<Self, ShardError> {
        if index == 0 || index > count {
            return Err(ShardError::Range(index, count));
        }
        if count > MOST {
            return Err(ShardError::Count(count));
        }
        Ok(Self { index, count })
    }

    /// Which shard, from 1.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Of how many.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The indices of its points in a grid of `len` points, ascending.
    pub fn points(&self, len: usize) -> impl Iterator<Item = usize> + use<> {
        (self.index - 1..len).step_by(self.count)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, count) = text.split_once('/').unwrap_or((text, ""));
        match (index.parse(), count.parse()) {
            (Ok(index), Ok(count)) => Self::new(index, count),
            _ => Err(ShardError::Form(text.into())),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shards_count_from_one() {
        for text in ["0/4", "5/4", "1", "a/b", "1/0", "-1/4", "1/2/3"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!("3/10".parse::<Shard>().unwrap().to_string(), "3/10");
    }

    proptest! {
        #[test]
        fn shards_tile_the_grid(len in 0usize..500, count in 1usize..60) {
            let mut points: Vec<_> = (1..=count)
                .flat_map(|index| Shard::new(index, count).unwrap().points(len))
                .collect();
            points.sort_unstable();
            prop_assert_eq!(points, (0..len).collect::<Vec<_>>());
        }

        #[test]
        fn shards_cost_the_same(len in 0usize..500, count in 1usize..60) {
            let sizes: Vec<_> = (1..=count)
                .map(|index| Shard::new(index, count).unwrap().points(len).count())
                .collect();
            prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
        }
    }
}
