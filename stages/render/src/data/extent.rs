//! Between which numbers a picture reaches.

use anyhow::ensure;

use files::MetricMeaning;

use crate::data::number::number;

/// The largest number in a picture: extents and products of it stay finite.
pub(crate) const LARGEST: f64 = 1e300;
/// What is nearer to 0 is 0 in a picture: ratios and differences of what is not stay exact.
pub(crate) const SMALLEST: f64 = 1e-300;

fn or_zero(value: f64) -> f64 {
    if value.abs() < SMALLEST { 0.0 } else { value }
}

/// Decades from which on a scale is logarithmic: on a linear one, a tenth of the colours or fewer
/// would be left for the basin below a twentieth of the largest loss.
pub(crate) const DECADES: f64 = 1.3;

/// The numbers of one field, or of all those that share a scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Extent {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// The least number above 0, where a logarithmic scale ends; infinite where there is none.
    pub(crate) least_positive: f64,
    /// Whether it is drawn on a linear scale unless a logarithmic one is asked for.
    pub(crate) bounded: bool,
}

impl Extent {
    /// Those of a quantity of this meaning.
    pub(crate) fn over<'a>(
        meaning: MetricMeaning,
        values: impl Iterator<Item = &'a f64> + Clone,
    ) -> Self {
        let (low, high) = range(values.clone());
        let (least_positive, _) = range(values.filter(|value| **value >= SMALLEST));
        Self {
            low: or_zero(low),
            high: or_zero(high),
            least_positive,
            bounded: meaning.is_bounded(),
        }
    }

    /// Whether the numbers are better seen as logarithms: see [`DECADES`].
    pub(crate) fn spans_decades(&self) -> bool {
        !self.bounded && self.low > 0.0 && (self.high / self.low).log10() > DECADES
    }

    /// The ends of a scale; on a logarithmic one 0 is at its lower end.
    ///
    /// # Errors
    /// Numbers that have no place on a logarithmic scale.
    pub(crate) fn ends(&self, log: bool) -> anyhow::Result<(f64, f64)> {
        ensure!(
            self.low >= -LARGEST && self.high <= LARGEST,
            "its values go from {:e} to {:e}: a picture shows what is within ±{LARGEST:e} (--clip \
             cuts losses off)",
            self.low,
            self.high
        );
        ensure!(
            !log || (self.low >= 0.0 && self.high > 0.0),
            "--log wants positive numbers, these are from {} to {}",
            number(self.low),
            number(self.high)
        );
        Ok((
            if log {
                self.low.max(self.least_positive)
            } else {
                self.low
            },
            self.high,
        ))
    }
}

/// The least and the greatest finite number.
pub(crate) fn range<'a>(values: impl Iterator<Item = &'a f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(*value), high.max(*value))
    })
}
