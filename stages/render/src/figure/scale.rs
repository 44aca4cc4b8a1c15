use crate::data::extent::SMALLEST;

/// A range of numbers along an axis or a colour bar, linear or logarithmic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) log: bool,
}

/// The least extent of a range, as a share of its numbers: ticks and levels can be counted from 0.
const LEAST_EXTENT: f64 = 1e-12;

impl Scale {
    /// A range, linear or logarithmic.
    pub(crate) fn new(log: bool, low: f64, high: f64) -> Self {
        if log {
            Self::logarithmic(low, high)
        } else {
            Self::linear(low, high)
        }
    }

    /// A linear range; one of no extent is widened, and so is one that rounding may have made.
    pub(crate) fn linear(low: f64, high: f64) -> Self {
        let size = low.abs().max(high.abs());
        let least = (LEAST_EXTENT * size).max(SMALLEST);
        let spread = if high - low > least {
            0.0
        } else {
            0.5 * size.max(1.0)
        };
        Self {
            low: low - spread,
            high: high + spread,
            log: false,
        }
    }

    /// A logarithmic range of positive numbers.
    pub(crate) fn logarithmic(low: f64, high: f64) -> Self {
        let extent = high.ln() - low.ln();
        let spread = if extent > LEAST_EXTENT { 1.0 } else { 2.0 };
        Self {
            low: low / spread,
            high: high * spread,
            log: true,
        }
    }

    /// Where a number is: 0 at `low`, 1 at `high`.
    pub(crate) fn at(&self, value: f64) -> f64 {
        (self.along(value) - self.along(self.low)) / (self.along(self.high) - self.along(self.low))
    }

    /// What is even along the scale: the number, or its logarithm.
    fn along(&self, value: f64) -> f64 {
        if self.log { value.ln() } else { value }
    }
}
