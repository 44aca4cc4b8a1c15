//! What is known of the sharpness of one model, and which pass over the data comes next. Nothing
//! here knows a network.

mod ascent;
mod line;

use serde::{Deserialize, Serialize};

use crate::{
    settings::{Epsilon, Wanted},
    steps::norm,
};
pub(crate) use ascent::{Ascent, Wants};
use line::Line;

/// What was measured of a model.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Study {
    /// Passes over the data that are done.
    pub(crate) passes: usize,
    loss: Option<f64>,
    /// Losses after random steps.
    random: Vec<f64>,
    /// The norm of the gradient, once it is known.
    norm: Option<f64>,
    #[serde(skip)]
    pub(crate) gradient: Vec<f64>,
    sam: Option<f64>,
    asam: Option<f64>,
    pub(crate) ascent: Option<Ascent>,
    line: Option<Line>,
}

/// What the next pass measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pass {
    /// The loss after a step.
    Loss(Step),
    /// The gradient of the model itself.
    Gradient,
    /// The gradient at the best point of the ascent.
    GradientOfAscent,
}

/// A step from the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    /// None.
    Stay,
    /// The random step of this number.
    Random(usize),
    /// See [`crate::steps::sam`].
    Sam,
    /// See [`crate::steps::asam`].
    Asam,
    /// The next one of the ascent.
    Ascent,
    /// This far along the update.
    Update(f64),
}

impl Study {
    /// The next pass; `None` where nothing is left to measure.
    pub(crate) fn next(&self, wanted: &Wanted) -> Option<Pass> {
        if self.loss.is_none() {
            return Some(Pass::Loss(Step::Stay));
        }
        let perturbations = wanted.average.map_or(0, |average| average.perturbations);
        if self.random.len() < perturbations {
            return Some(Pass::Loss(Step::Random(self.random.len())));
        }
        if wanted.needs_gradient() && self.norm.is_none() {
            return Some(Pass::Gradient);
        }
        if wanted.sam.is_some() && self.sam.is_none() {
            return Some(Pass::Loss(Step::Sam));
        }
        if wanted.asam.is_some() && self.asam.is_none() {
            return Some(Pass::Loss(Step::Asam));
        }
        match self.ascent.as_ref().and_then(Ascent::next) {
            Some(Wants::Loss) => return Some(Pass::Loss(Step::Ascent)),
            Some(Wants::Gradient) => return Some(Pass::GradientOfAscent),
            None => {}
        }
        let step = self.line.as_ref().and_then(Line::next);
        step.map(|step| Pass::Loss(Step::Update(step)))
    }

    /// Takes the loss after a step.
    pub(crate) fn take_loss(&mut self, step: Step, loss: f64) {
        self.passes += 1;
        match step {
            Step::Stay => self.loss = Some(loss),
            Step::Random(_) => self.random.push(loss),
            Step::Sam => self.sam = Some(loss),
            Step::Asam => self.asam = Some(loss),
            Step::Ascent => {
                if let Some(ascent) = &mut self.ascent {
                    ascent.take_loss(loss);
                }
            }
            Step::Update(_) => {
                // what is no number any more is higher, too
                let start = self.loss.unwrap_or(f64::NAN);
                let is_higher = loss.is_nan() || loss > start;
                if let Some(line) = &mut self.line {
                    line.take(is_higher);
                }
            }
        }
    }

    /// Takes the gradient of the model; `rounding` is the relative precision of a loss.
    pub(crate) fn take_gradient(&mut self, gradient: Vec<f64>, wanted: &Wanted, rounding: f64) {
        self.passes += 1;
        let loss = self.loss.unwrap_or(f64::NAN);
        let norm = norm(&gradient);
        self.norm = Some(norm);
        if let Some(Epsilon { steps, .. }) = wanted.epsilon {
            self.ascent = Some(Ascent::new(loss, &gradient, steps));
        }
        if let Some(tolerance) = wanted.critical {
            self.line = Some(Line::new(loss, norm, rounding, tolerance));
        }
        self.gradient = gradient;
    }

    /// Takes the gradient at the best point of the ascent.
    pub(crate) fn take_gradient_of_ascent(&mut self, gradient: Vec<f64>) {
        self.passes += 1;
        if let Some(ascent) = &mut self.ascent {
            ascent.take_gradient(gradient);
        }
    }

    /// The numbers in the order of [`columns`], each with its standard error where it has one.
    pub(crate) fn values(&self, wanted: &Wanted) -> Vec<f64> {
        let loss = self.loss.unwrap_or(f64::NAN);
        let mut values = vec![loss];
        if wanted.needs_gradient() {
            values.push(self.norm.unwrap_or(f64::NAN));
        }
        if wanted.average.is_some() {
            values.extend(mean(&self.random, loss));
        }
        if wanted.sam.is_some() {
            values.push(self.sam.unwrap_or(f64::NAN) - loss);
        }
        if wanted.asam.is_some() {
            values.push(self.asam.unwrap_or(f64::NAN) - loss);
        }
        if wanted.epsilon.is_some() {
            let best = self.ascent.as_ref().map_or(f64::NAN, |ascent| ascent.best);
            // Keskar et al. 2017, metric 2.1
            values.push(100.0 * (best - loss) / (1.0 + loss));
        }
        if wanted.critical.is_some() {
            let step = self.line.as_ref().map_or(f64::NAN, Line::critical);
            values.push(2.0 / step);
        }
        values
    }
}

/// The name of the column of critical sharpness.
pub(crate) const CRITICAL: &str = "critical";

/// The columns that are written, and whether they have standard errors.
pub(crate) fn columns(wanted: &Wanted) -> Vec<(&'static str, bool)> {
    let mut columns = vec![("loss", false)];
    for (name, has_errors, is_wanted) in [
        ("gradient_norm", false, wanted.needs_gradient()),
        ("average", true, wanted.average.is_some()),
        ("sam", false, wanted.sam.is_some()),
        ("asam", false, wanted.asam.is_some()),
        ("epsilon", false, wanted.epsilon.is_some()),
        (CRITICAL, false, wanted.critical.is_some()),
    ] {
        if is_wanted {
            columns.push((name, has_errors));
        }
    }
    columns
}

/// The mean of losses above a start, and its standard error.
fn mean(losses: &[f64], start: f64) -> [f64; 2] {
    let count = losses.len() as f64;
    let mut sum = 0.0;
    for loss in losses {
        sum += loss - start;
    }
    let mean = sum / count;
    let mut squares = 0.0;
    for loss in losses {
        squares += (loss - start - mean).powi(2);
    }
    [mean, (squares / (count - 1.0) / count).sqrt()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Average;

    /// Measures a made-up loss: 1 + ½x² at x = 1, whatever the step.
    fn measured(wanted: &Wanted) -> (Vec<Pass>, Study) {
        let mut study = Study::default();
        let mut passes = Vec::new();
        while let Some(pass) = study.next(wanted) {
            passes.push(pass);
            match pass {
                Pass::Gradient => study.take_gradient(vec![1.0], wanted, 1e-7),
                Pass::GradientOfAscent => study.take_gradient_of_ascent(vec![1.0]),
                Pass::Loss(step) => {
                    let x = match step {
                        Step::Stay => 1.0,
                        Step::Random(number) => 1.0 + number as f64,
                        Step::Sam => 1.5,
                        Step::Asam => 3.0,
                        Step::Ascent => 1.1,
                        Step::Update(rate) => 1.0 - rate,
                    };
                    study.take_loss(step, 1.0 + 0.5 * x * x);
                }
            }
        }
        (passes, study)
    }

    fn all() -> Wanted {
        Wanted {
            average: Some(Average {
                perturbations: 2,
                rho: 0.1,
                seed: 0,
            }),
            sam: Some(0.5),
            asam: Some(0.5),
            epsilon: Some(Epsilon {
                epsilon: 1e-3,
                steps: 3,
            }),
            critical: Some(0.01),
        }
    }

    #[test]
    fn numbers_follow_from_the_losses() {
        let wanted = all();
        let (passes, study) = measured(&wanted);
        assert_eq!(study.passes, passes.len());
        let values = study.values(&wanted);
        assert_eq!(values[..6], [1.5, 1.0, 0.75, 0.75, 0.625, 4.0]);
        assert!(
            (values[6] - 100.0 * 0.105 / 2.5).abs() < 1e-12,
            "{values:?}"
        );
        assert!((values[7] - 1.0).abs() < 0.005, "{values:?}");
        assert_eq!(columns(&wanted).len(), 7);
    }

    #[test]
    fn only_what_is_wanted_is_measured() {
        let wanted = Wanted {
            sam: None,
            asam: None,
            epsilon: None,
            critical: None,
            ..all()
        };
        let (passes, study) = measured(&wanted);
        let random = [0, 1].map(|number| Pass::Loss(Step::Random(number)));
        assert_eq!(passes, [Pass::Loss(Step::Stay), random[0], random[1]]);
        assert_eq!(study.values(&wanted).len(), 3);
    }
}
