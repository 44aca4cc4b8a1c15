//! Which numbers stand along an axis.

use crate::{
    data::number::{minus, number, power},
    figure::scale::Scale,
};

/// The most multiples of a step, whatever the range.
const MOST_MULTIPLES: f64 = 1000.0;

/// A mark on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    /// Empty for a minor tick.
    pub(crate) label: String,
}

impl Tick {
    pub(crate) fn is_labelled(&self) -> bool {
        !self.label.is_empty()
    }
}

impl Scale {
    /// About `count` labelled ticks within the range, and the minor ones between them. At least
    /// three are labelled where `count` is three or more: fewer tell no scale.
    pub(crate) fn ticks(&self, count: usize) -> Vec<Tick> {
        if !self.log {
            return linear_ticks(self.low, self.high, count);
        }
        let decades = self.high.log10() - self.low.log10();
        let most = (decades / count as f64).ceil().max(1.0) as i32;
        let enough = (1..=most)
            .rev()
            .find(|step| labelled(&self.powers(*step)) >= FEWEST);
        let powers = self.powers(enough.unwrap_or(most));
        let room = 3.0 * decades < count as f64;
        if labelled(&powers) >= FEWEST && !room {
            return powers;
        }
        for mantissas in [&[1, 2, 5][..], &[1, 3], &[1, 2, 3, 5, 7]] {
            let ticks = self.numbers(mantissas);
            if (FEWEST..=count.max(2 * FEWEST)).contains(&labelled(&ticks)) {
                return ticks;
            }
        }
        // less than a decade: round numbers, as on a linear axis
        for more in 0..count.max(FEWEST) {
            if decades >= 1.0 {
                break;
            }
            let ticks = linear_ticks(self.low, self.high, count + more);
            if labelled(&ticks) >= FEWEST {
                return ticks;
            }
        }
        powers
    }

    /// Labels at every `step`-th power of ten.
    fn powers(&self, step: i32) -> Vec<Tick> {
        self.log_ticks(
            step,
            |mantissa, e| mantissa == 1 && e.rem_euclid(step) == 0,
            power,
        )
    }

    /// Labels at these multiples of powers of ten.
    fn numbers(&self, mantissas: &[i32]) -> Vec<Tick> {
        self.log_ticks(1, |mantissa, _| mantissas.contains(&mantissa), number)
    }

    fn log_ticks(
        &self,
        step: i32,
        labelled: impl Fn(i32, i32) -> bool,
        label: impl Fn(f64) -> String,
    ) -> Vec<Tick> {
        let first = self.low.log10().floor() as i32;
        let last = self.high.log10().ceil() as i32;
        let mut ticks = Vec::new();
        for exponent in first..=last {
            for mantissa in 1..10 {
                let value = f64::from(mantissa) * 10f64.powi(exponent);
                let inside = value.is_finite()
                    && value >= self.low * (1.0 - 1e-9)
                    && value <= self.high * (1.0 + 1e-9);
                let labelled = labelled(mantissa, exponent);
                if inside && (labelled || step == 1 || mantissa == 1) {
                    ticks.push(Tick {
                        value,
                        label: if labelled {
                            label(value)
                        } else {
                            String::new()
                        },
                    });
                }
            }
        }
        ticks
    }
}

/// Fewer labels than these tell no logarithmic scale.
const FEWEST: usize = 3;

fn labelled(ticks: &[Tick]) -> usize {
    ticks.iter().filter(|tick| tick.is_labelled()).count()
}

/// Multiples of 1, 2, 2.5 or 5 times a power of ten.
fn linear_ticks(low: f64, high: f64, count: usize) -> Vec<Tick> {
    let step = nice_step((high - low) / count as f64);
    let decimals = (0..9).find(|decimals| {
        let shifted = step * 10f64.powi(*decimals);
        (shifted - shifted.round()).abs() < 1e-6 * shifted
    });
    let decimals = decimals.unwrap_or(9) as usize;
    let mut ticks = Vec::new();
    for value in multiples(step, low, high, 1e-9) {
        let label = if value.abs() >= 1e6 || (value != 0.0 && step < 1e-6) {
            number(value)
        } else {
            minus(&format!("{value:.decimals$}"))
        };
        ticks.push(Tick { value, label });
    }
    ticks
}

/// The multiples of a step from `low` to `high`, and `slack` steps beyond; at most 1000.
pub(crate) fn multiples(step: f64, low: f64, high: f64, slack: f64) -> impl Iterator<Item = f64> {
    let (first, last) = ((low / step - slack).ceil(), (high / step + slack).floor());
    let count = (last - first + 1.0).clamp(0.0, MOST_MULTIPLES);
    // k·step, and never -0; no number of steps (NaN) becomes 0
    (0..count as usize).map(move |k| (first + k as f64) * step + 0.0)
}

/// The smallest of 1, 2, 2.5, 5 and 10 times a power of ten that is not below `raw`.
pub(crate) fn nice_step(raw: f64) -> f64 {
    let magnitude = 10f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .find(|factor| factor * magnitude >= raw * 0.999);
    factor.unwrap_or(10.0) * magnitude
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(scale: Scale, count: usize) -> Vec<String> {
        scale
            .ticks(count)
            .into_iter()
            .map(|tick| tick.label)
            .filter(|label| !label.is_empty())
            .collect()
    }

    #[test]
    fn linear_ticks_are_round_numbers() {
        assert_eq!(
            labels(Scale::linear(-1.0, 1.0), 5),
            ["−1.0", "−0.5", "0.0", "0.5", "1.0"]
        );
        assert_eq!(
            labels(Scale::linear(0.0, 97.0), 5),
            ["0", "20", "40", "60", "80"]
        );
        assert_eq!(
            labels(Scale::linear(0.0, 1e-3), 2),
            ["0.0000", "0.0005", "0.0010"]
        );
    }

    #[test]
    fn log_ticks_are_powers_or_plain_numbers() {
        assert_eq!(
            labels(Scale::logarithmic(0.05, 2e3), 8),
            ["10^−1", "10^0", "10^1", "10^2", "10^3"]
        );
        assert_eq!(labels(Scale::logarithmic(0.3, 4.0), 8), ["0.5", "1", "2"]);
    }

    #[test]
    fn a_low_axis_has_three_powers_of_ten() {
        assert_eq!(
            labels(Scale::logarithmic(5e-3, 1.1e4), 3),
            ["10^−2", "10^0", "10^2", "10^4"]
        );
    }

    #[test]
    fn between_few_powers_of_ten_other_numbers_are_labelled() {
        assert_eq!(
            labels(Scale::logarithmic(0.2, 60.0), 5),
            ["0.3", "1", "3", "10", "30"]
        );
        assert_eq!(
            labels(Scale::logarithmic(0.09, 20.0), 5),
            ["10^−1", "10^0", "10^1"]
        );
        assert_eq!(
            labels(Scale::logarithmic(2.1, 19.0), 5),
            ["3", "5", "7", "10"]
        );
        assert_eq!(
            labels(Scale::logarithmic(2.1, 3.4), 5),
            ["2.25", "2.50", "2.75", "3.00", "3.25"]
        );
    }

    proptest! {
        #[test]
        fn at_least_three_numbers_tell_a_logarithmic_scale(
            low in 1e-6f64..1e6, decades in 0.5f64..12.0, count in 4usize..12,
        ) {
            let scale = Scale::logarithmic(low, low * 10f64.powf(decades));
            let ticks = scale.ticks(count);
            prop_assert!(labelled(&ticks) >= FEWEST, "{scale:?} {count}: {ticks:?}");
        }

        #[test]
        fn ticks_lie_within_their_scale_and_ascend(
            low in -1e6f64..1e6, extent in 1e-3f64..1e6, count in 4usize..12,
        ) {
            let ticks = Scale::linear(low, low + extent).ticks(count);
            prop_assert!(ticks.len() >= 2 && ticks.len() <= 2 * count + 2);
            let slack = extent * 1e-6;
            for tick in &ticks {
                prop_assert!(tick.value >= low - slack && tick.value <= low + extent + slack);
            }
            prop_assert!(ticks.windows(2).all(|pair| pair[0].value < pair[1].value));
        }
    }
}
