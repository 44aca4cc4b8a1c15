//! Which levels a contour plot has, and whether it is logarithmic.

use crate::{
    data::{extent::Extent, number::number},
    figure::{
        scale::Scale,
        ticks::{multiples, nice_step},
    },
    options::Options,
};

/// More lines than this cannot be told apart.
const MOST: usize = 200;

/// Levels as they were asked for or chosen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Levels {
    /// Ascending.
    pub(crate) values: Vec<f64>,
    pub(crate) log: bool,
}

impl Levels {
    /// The levels for a quantity of this extent.
    ///
    /// # Errors
    /// A logarithm of numbers that are not positive, or too many levels.
    pub(crate) fn new(options: &Options, extent: Extent) -> anyhow::Result<Self> {
        let log = is_log(options, !options.chooses_levels(), extent);
        let range = extent.ends(log)?;
        let values = if let Some(levels) = &options.levels {
            levels.clone()
        } else if options.chooses_levels() {
            stepped(options)?
        } else {
            automatic(range, log)
        };
        anyhow::ensure!(
            values.len() <= MOST,
            "{} levels are more than a picture can show ({MOST}): use a larger --vlevel",
            values.len()
        );
        Ok(Self { values, log })
    }

    /// Leaves out the levels from where losses were cut off: the border of what is hatched is not a
    /// level.
    pub(crate) fn cut_off(&mut self, limit: Option<f64>) {
        if let Some(limit) = limit {
            self.values.retain(|level| *level < limit);
        }
    }

    /// The levels as borders of filled bands: they reach at least over the range.
    pub(crate) fn bands(&self, range: (f64, f64)) -> Vec<f64> {
        // what is the same everywhere has a band around it
        let wide = self.around(range);
        let range = (wide.low, wide.high);
        let first = self.values.partition_point(|level| *level <= range.0);
        let end = self
            .values
            .partition_point(|level| *level < range.1)
            .max(first);
        let mut borders = self.values[first..end].to_vec();
        let below = first.checked_sub(1).map(|below| self.values[below]);
        borders.insert(0, below.unwrap_or(range.0));
        borders.push(self.values.get(end).copied().unwrap_or(range.1));
        borders
    }

    /// The scale that colours the levels.
    pub(crate) fn scale(&self, range: (f64, f64)) -> Scale {
        let (low, high) = match (self.values.first(), self.values.last()) {
            (Some(low), Some(high)) if low < high => (*low, *high),
            _ => range,
        };
        self.around((low, high))
    }

    /// A scale of some extent over a range.
    pub(crate) fn around(&self, (low, high): (f64, f64)) -> Scale {
        Scale::new(self.log, low, high)
    }

    /// The levels in words.
    pub(crate) fn describe(&self) -> String {
        let values: Vec<String> = self.values.iter().map(|level| number(*level)).collect();
        values.join(", ")
    }
}

/// Whether a scale is logarithmic: as asked for, or, where nothing else is `free` to decide, by
/// what the values span.
pub(crate) fn is_log(options: &Options, free: bool, extent: Extent) -> bool {
    let positive = options.vmin.is_none_or(|vmin| vmin > 0.0);
    options.log || (!options.linear && free && positive && extent.spans_decades())
}

/// `vmin`, `vmin + vlevel`, … below `vmax`, with the defaults of the paper's tool.
fn stepped(options: &Options) -> anyhow::Result<Vec<f64>> {
    let min = options.vmin.unwrap_or(0.1);
    let max = options.vmax.unwrap_or(10.0);
    let step = options.vlevel.unwrap_or(0.5);
    anyhow::ensure!(step > 0.0, "--vlevel is {step}, it must be above 0");
    anyhow::ensure!(min < max, "--vmin {min} is not below --vmax {max}");
    let count = ((max - min) / step).ceil();
    anyhow::ensure!(
        count <= MOST as f64,
        "{count} levels are more than a picture can show ({MOST}): use a larger --vlevel"
    );
    Ok((0..count as usize).map(|k| min + k as f64 * step).collect())
}

/// Levels that suit a range when none were asked for.
fn automatic((low, high): (f64, f64), log: bool) -> Vec<f64> {
    if low == high {
        // what is the same everywhere lies on no line
        return Vec::new();
    }
    if log {
        return decades((low, high));
    }
    let wide = Scale::linear(low, high);
    let step = nice_step((wide.high - wide.low) / 11.0);
    multiples(step, low, high, 0.0).collect()
}

/// Some ten powers of ten, or 3 times them, or tenths and fifths of them, within the range.
fn decades((low, high): (f64, f64)) -> Vec<f64> {
    let span = high.log10() - low.log10();
    // a picture shows some thirty lines, whatever the values span
    let every = (span / 30.0).ceil().max(1.0) as i32;
    let mantissas: &[f64] = match span {
        span if span > 8.0 => &[1.0],
        span if span > 3.5 => &[1.0, 3.0],
        span if span > 2.0 => &[1.0, 2.0, 5.0],
        _ => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
    };
    let mut levels = Vec::new();
    let exponents = low.log10().floor() as i32..=high.log10().ceil() as i32;
    for exponent in exponents.filter(|exponent| exponent.rem_euclid(every) == 0) {
        for mantissa in mantissas {
            // divided, 0.7 is the number that is written so; multiplied, it is not
            let power = 10f64.powi(exponent.abs());
            let level = if exponent < 0 {
                mantissa / power
            } else {
                mantissa * power
            };
            if (low..=high).contains(&level) {
                levels.push(level);
            }
        }
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_are_some_ten_round_numbers() {
        assert_eq!(
            decades((0.05, 12.0)),
            [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
        );
        assert_eq!(
            decades((0.45, 11.0)),
            [0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0]
        );
        assert_eq!(
            decades((0.4, 9e3)),
            [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0]
        );
    }

    #[test]
    fn about_ten_round_levels_are_chosen_for_a_range() {
        assert_eq!(
            automatic((0.01, 60.01), false),
            [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
        );
        assert_eq!(automatic((0.0, 1.0), false).len(), 11);
        assert_eq!(automatic((0.6, 2.4), true), [0.7, 1.0, 1.5, 2.0]);
        assert_eq!(automatic((2.0, 2.0), false), [0.0; 0]);
    }

    #[test]
    fn levels_end_below_what_was_cut_off() {
        let mut levels = Levels {
            values: vec![1.0, 2.0, 3.0],
            log: false,
        };
        levels.cut_off(None);
        assert_eq!(levels.values, [1.0, 2.0, 3.0]);
        levels.cut_off(Some(2.0));
        assert_eq!(levels.values, [1.0]);
    }

    #[test]
    fn bands_reach_over_the_range() {
        let levels = Levels {
            values: vec![1.0, 2.0, 3.0],
            log: false,
        };
        assert_eq!(levels.bands((1.5, 3.5)), [1.0, 2.0, 3.0, 3.5]);
        assert_eq!(levels.bands((0.5, 2.5)), [0.5, 1.0, 2.0, 3.0]);
    }
}
