//! The steps from a model to the places where its loss is measured.

use files::{DirType, Model, Stored};
use options::{Ignore, Norm};
use program::Program;
use torch::Place;
use weights::Weight;

use crate::settings::Average;

/// ρ·d, d a random direction whose filters have the norms of the weights' filters and that leaves
/// biases and batch normalisation alone (Li et al. 2018, section 4). It is drawn as `make-dirs`
/// draws its directions: number 0 of a seed is the x direction of that seed, number 1 the y
/// direction.
pub(crate) fn random(
    (model, program): (&Stored<Model>, &Program),
    average: &Average,
    number: usize,
    places: &[Place],
) -> Vec<f64> {
    let mut weights = Vec::new();
    for entry in weights::moved(model, DirType::Weights) {
        weights.push(Weight {
            name: &entry.name,
            tensor: &entry.tensor,
            filters: program.filters(&entry.name, entry.tensor.shape().len()),
        });
    }
    let seed = average.seed.into();
    let mut direction = weights::random_direction(&weights, seed, number as u64);
    weights::normalize(&mut direction, &weights, Norm::Filter, Ignore::Biasbn);
    let moves = weights::moves(model, DirType::Weights, &direction);
    let mut step = Vec::new();
    for place in places {
        match moves[place.entry] {
            Some(tensor) => step.extend(tensor.iter().map(|value| average.rho * f64::from(*value))),
            None => step.resize(place.values.end, 0.0),
        }
    }
    step
}

/// ρ·g/‖g‖, which maximises the linear loss in a ball of radius ρ (Foret et al. 2021, equation 2
/// with p = 2). Where the gradient is 0 there is no step.
pub(crate) fn sam(gradient: &[f64], rho: f64) -> Vec<f64> {
    scaled(gradient, rho / norm(gradient))
}

/// ρ·T²g/‖Tg‖ with T = |θ| element by element, which maximises the linear loss in the ellipsoid
/// ‖δ/|θ|‖ ≤ ρ (Kwon et al. 2021). Where Tg is 0 there is no step.
pub(crate) fn asam(origin: &[f64], gradient: &[f64], rho: f64) -> Vec<f64> {
    let (mut once, mut twice) = (Vec::new(), Vec::new());
    for (weight, gradient) in origin.iter().zip(gradient) {
        let along = weight.abs() * gradient;
        once.push(along);
        twice.push(weight.abs() * along);
    }
    scaled(&twice, rho / norm(&once))
}

/// A point of the box |δ| ≤ ε(|θ| + 1) (Keskar et al. 2017, equation 3) that is given in units of
/// its sides.
pub(crate) fn in_box(origin: &[f64], point: &[f64], epsilon: f64) -> Vec<f64> {
    let mut step = Vec::with_capacity(point.len());
    for (weight, part) in origin.iter().zip(point) {
        step.push(part * epsilon * (weight.abs() + 1.0));
    }
    step
}

/// -η·g.
pub(crate) fn update(gradient: &[f64], rate: f64) -> Vec<f64> {
    scaled(gradient, -rate)
}

/// The Euclidean length, of squares that are added one after the other.
pub(crate) fn norm(vector: &[f64]) -> f64 {
    let mut sum = 0.0;
    for value in vector {
        sum += value * value;
    }
    sum.sqrt()
}

/// A vector times a factor; 0 where the factor is infinite, since the vector is 0 then.
fn scaled(vector: &[f64], factor: f64) -> Vec<f64> {
    let factor = if factor.is_infinite() { 0.0 } else { factor };
    vector.iter().map(|value| value * factor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_the_length_that_is_asked_for() {
        let gradient = [3.0, -4.0];
        assert!((norm(&sam(&gradient, 0.7)) - 0.7).abs() < 1e-15);
        assert_eq!(update(&gradient, 0.5), [-1.5, 2.0]);
        let step = asam(&[2.0, -0.5], &gradient, 0.5);
        // in units of the weights
        let length = norm(&[step[0] / 2.0, step[1] / 0.5]);
        assert!((length - 0.5).abs() < 1e-15 && step[1] < 0.0, "{step:?}");
        assert_eq!(in_box(&[-3.0, 0.0], &[1.0, -0.5], 0.25), [1.0, -0.125]);
    }

    #[test]
    fn without_a_gradient_there_is_no_step() {
        assert_eq!(sam(&[0.0, 0.0], 0.5), [0.0, 0.0]);
        assert_eq!(asam(&[0.0, 1.0], &[1.0, 0.0], 0.5), [0.0, 0.0]);
    }
}
