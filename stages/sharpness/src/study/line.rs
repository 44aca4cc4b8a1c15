//! The first step along the update after which the loss is higher, by forward passes only.

use serde::{Deserialize, Serialize};

/// What the first step would take from the loss if it were linear, as a part of the loss: small,
/// and still far above what rounding in single precision hides.
const FIRST: f64 = 1e-4;
/// How often a step is doubled.
const DOUBLINGS: i32 = 40;

/// A search along -g for the smallest η where L(θ - ηg) > L(θ): doubling, then bisection.
///
/// It starts with the power of two at or below `1e-4·|L(θ)|/‖g‖²`. Where the loss is higher after
/// this step, the step is halved instead until it is not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    phase: Phase,
    first: f64,
    /// Shorter steps change the loss by less than rounding does.
    least: f64,
    tolerance: f64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Phase {
    Doubling(f64),
    Halving(f64),
    /// The loss is not higher after the first step, and it is after the second one.
    Bisecting(f64, f64),
    Found(f64),
    NotFound,
}

impl Line {
    /// From the loss at the model and the norm of the gradient there; `rounding` is the relative
    /// precision of the loss.
    pub(crate) fn new(loss: f64, norm: f64, rounding: f64, tolerance: f64) -> Self {
        let size = if loss == 0.0 { 1.0 } else { loss.abs() };
        let slope = norm * norm;
        let first = (FIRST * size / slope).log2().floor().exp2();
        let can_start = first.is_normal() && norm > 0.0;
        Self {
            phase: match can_start {
                true => Phase::Doubling(first),
                false => Phase::NotFound,
            },
            first,
            least: rounding * size / slope,
            tolerance,
        }
    }

    /// The step after which the loss is wanted next.
    pub(crate) fn next(&self) -> Option<f64> {
        match self.phase {
            Phase::Doubling(step) | Phase::Halving(step) => Some(step),
            Phase::Bisecting(low, high) => Some(f64::midpoint(low, high)),
            Phase::Found(_) | Phase::NotFound => None,
        }
    }

    /// Takes whether the loss is higher there.
    pub(crate) fn take(&mut self, is_higher: bool) {
        self.phase = match self.phase {
            Phase::Doubling(step) if is_higher && step == self.first => self.halved(step),
            Phase::Doubling(step) if is_higher => self.bisected(step / 2.0, step),
            Phase::Doubling(step) if step >= self.first * f64::from(DOUBLINGS).exp2() => {
                Phase::NotFound
            }
            Phase::Doubling(step) => Phase::Doubling(2.0 * step),
            Phase::Halving(step) if is_higher => self.halved(step),
            Phase::Halving(step) => self.bisected(step, 2.0 * step),
            Phase::Bisecting(low, high) => {
                let middle = f64::midpoint(low, high);
                match is_higher {
                    true => self.bisected(low, middle),
                    false => self.bisected(middle, high),
                }
            }
            phase @ (Phase::Found(_) | Phase::NotFound) => phase,
        };
    }

    /// The critical step; NaN where there is none.
    pub(crate) fn critical(&self) -> f64 {
        match self.phase {
            Phase::Found(step) => step,
            Phase::Doubling(_) | Phase::Halving(_) | Phase::Bisecting(..) | Phase::NotFound => {
                f64::NAN
            }
        }
    }

    fn halved(&self, step: f64) -> Phase {
        match step / 2.0 < self.least {
            true => Phase::NotFound,
            false => Phase::Halving(step / 2.0),
        }
    }

    fn bisected(&self, low: f64, high: f64) -> Phase {
        let middle = f64::midpoint(low, high);
        // between neighbouring numbers there is none
        let is_between = low < middle && middle < high;
        match is_between && high - low > self.tolerance * high {
            true => Phase::Bisecting(low, high),
            false => Phase::Found(middle),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found on ½·curvature·x² at this x, and in how many passes.
    fn found(curvature: f64, x: f64, floor: f64) -> (f64, usize) {
        found_to(0.01, curvature, x, floor)
    }

    fn found_to(tolerance: f64, curvature: f64, x: f64, floor: f64) -> (f64, usize) {
        let loss = |x: f64| floor + 0.5 * curvature * x * x;
        let gradient = curvature * x;
        let mut line = Line::new(loss(x), gradient.abs(), 1e-7, tolerance);
        let mut passes = 0;
        while let Some(step) = line.next() {
            line.take(loss(x - step * gradient) > loss(x));
            passes += 1;
        }
        (2.0 / line.critical(), passes)
    }

    #[test]
    fn of_a_parabola_it_is_the_curvature() {
        for curvature in [1e-3, 1.0, 7.3, 1e4] {
            for (x, floor) in [(1.0, 0.0), (1e-3, 0.0), (1.0, 3.0)] {
                let (sharpness, passes) = found(curvature, x, floor);
                assert!((sharpness / curvature - 1.0).abs() < 0.005, "{sharpness}");
                assert!(passes < 40, "{passes}");
            }
        }
    }

    #[test]
    fn a_tolerance_beyond_all_numbers_ends() {
        let (sharpness, passes) = found_to(1e-300, 7.3, 1.0, 3.0);
        assert!((sharpness / 7.3 - 1.0).abs() < 1e-12, "{sharpness}");
        assert!(passes < 100, "{passes}");
    }

    #[test]
    fn what_rounding_hides_or_never_rises_is_not_found() {
        assert!(found(1.0, 1e-6, 1.0).0.is_nan());
        let mut line = Line::new(1.0, 0.5, 1e-7, 0.01);
        while line.next().is_some() {
            line.take(false);
        }
        assert!(line.critical().is_nan());
        assert!(Line::new(1.0, 0.0, 1e-7, 0.01).next().is_none());
        assert!(Line::new(f64::NAN, 1.0, 1e-7, 0.01).next().is_none());
    }
}
