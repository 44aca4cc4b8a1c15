//! The largest loss in a box around the model, by projected gradient ascent.

use serde::{Deserialize, Serialize};

/// An ascent in the box -1 ≤ u ≤ 1, in units of its sides.
///
/// A step is α times the sign of the gradient, the steepest ascent that the box knows, projected
/// onto the box. α is 1 at first, so that the first step leads to the corner where the linear loss
/// is largest. A step that leads to no larger loss is taken back, and α is halved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ascent {
    /// The largest loss so far.
    pub(crate) best: f64,
    /// α.
    size: f64,
    /// Steps that are left.
    left: usize,
    /// How often the point or the gradient were replaced.
    pub(crate) replaced: u64,
    /// Whether the gradient is not yet that of the best point.
    wants_gradient: bool,
    /// The best point.
    #[serde(skip)]
    pub(crate) point: Vec<f64>,
    /// The gradient there.
    #[serde(skip)]
    pub(crate) gradient: Vec<f64>,
}

/// What is wanted next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wants {
    /// The loss at [`Ascent::trial`].
    Loss,
    /// The gradient at [`Ascent::point`].
    Gradient,
}

impl Ascent {
    /// From the middle of the box, of which loss and gradient are known, in so many steps.
    pub(crate) fn new(loss: f64, gradient: &[f64], steps: usize) -> Self {
        let mut ascent = Self {
            best: loss,
            size: 1.0,
            left: steps,
            replaced: 0,
            wants_gradient: false,
            point: vec![0.0; gradient.len()],
            gradient: gradient.to_vec(),
        };
        ascent.end_if_it_stays();
        ascent
    }

    pub(crate) fn next(&self) -> Option<Wants> {
        match (self.left, self.wants_gradient) {
            (0, _) => None,
            (_, true) => Some(Wants::Gradient),
            (_, false) => Some(Wants::Loss),
        }
    }

    /// The point that the next step leads to.
    pub(crate) fn trial(&self) -> Vec<f64> {
        let mut trial = Vec::with_capacity(self.point.len());
        for (point, gradient) in self.point.iter().zip(&self.gradient) {
            let step = self.size * sign(*gradient);
            trial.push((point + step).clamp(-1.0, 1.0));
        }
        trial
    }

    /// Takes the loss at the trial.
    pub(crate) fn take_loss(&mut self, loss: f64) {
        self.left -= 1;
        if loss > self.best {
            self.best = loss;
            self.point = self.trial();
            self.replaced += 1;
            self.wants_gradient = true;
        } else {
            self.size /= 2.0;
        }
    }

    /// Takes the gradient at the best point.
    pub(crate) fn take_gradient(&mut self, gradient: Vec<f64>) {
        self.gradient = gradient;
        self.replaced += 1;
        self.wants_gradient = false;
        self.end_if_it_stays();
    }

    /// In a corner out of which no step leads, nothing is left to do.
    fn end_if_it_stays(&mut self) {
        if self.trial() == self.point {
            self.left = 0;
        }
    }
}

/// 0 also of what is no number.
fn sign(value: f64) -> f64 {
    if value > 0.0 {
        1.0
    } else if value < 0.0 {
        -1.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest value that is found of a function of two numbers.
    fn largest(loss: fn(&[f64]) -> f64, gradient: fn(&[f64]) -> Vec<f64>, steps: usize) -> f64 {
        let middle = [0.0, 0.0];
        let mut ascent = Ascent::new(loss(&middle), &gradient(&middle), steps);
        while let Some(wants) = ascent.next() {
            match wants {
                Wants::Loss => ascent.take_loss(loss(&ascent.trial())),
                Wants::Gradient => ascent.take_gradient(gradient(&ascent.point)),
            }
        }
        ascent.best
    }

    #[test]
    fn a_linear_loss_is_largest_in_a_corner_after_one_step() {
        let found = largest(|u| 3.0 * u[0] - 2.0 * u[1], |_| vec![3.0, -2.0], 1);
        assert_eq!(found, 5.0);
    }

    #[test]
    fn a_maximum_inside_is_found_with_shorter_steps() {
        let loss = |u: &[f64]| -(u[0] - 0.3).powi(2) - (u[1] + 0.6).powi(2);
        let gradient = |u: &[f64]| vec![-2.0 * (u[0] - 0.3), -2.0 * (u[1] + 0.6)];
        assert!(largest(loss, gradient, 30) > -1e-3);
    }

    #[test]
    fn where_the_gradient_vanishes_or_is_no_number_it_stays() {
        assert_eq!(largest(|_| 2.0, |_| vec![0.0, f64::NAN], 10), 2.0);
    }
}
