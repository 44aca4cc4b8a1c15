//! Normalisation of a direction against the weights (Li et al. 2018, section 4).

use files::Tensor;
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD, Axis};

use crate::args::{Ignore, Norm};

/// Keeps a filter of zeros from dividing by zero, as in the tool of the paper.
const TINY: f64 = 1e-10;

/// Normalises a direction in place. Tensors of at most one dimension (biases, batch normalisation) are no filters: they
/// are set to zero or to the weights themselves.
pub(crate) fn normalize(direction: &mut [ArrayD<f32>], weights: &[&Tensor], norm: Norm, ignore: Ignore) {
    for (d, weight) in direction.iter_mut().zip(weights).filter(|(_, weight)| weight.is_float()) {
        let w = weight.to_f32();
        match (d.ndim(), ignore) {
            (0 | 1, Ignore::Biasbn) => d.fill(0.0),
            (0 | 1, Ignore::None) => d.assign(&w),
            _ => normalize_tensor(d, &w, norm),
        }
    }
}

fn normalize_tensor(d: &mut ArrayD<f32>, w: &ArrayD<f32>, norm: Norm) {
    match norm {
        Norm::Filter => each_filter(d, w, |d, w| length(&w) / (length(&d.view()) + TINY)),
        Norm::Dfilter => each_filter(d, w, |d, _| 1.0 / (length(&d.view()) + TINY)),
        Norm::Layer => whole(d, length(&w.view())),
        Norm::Dlayer => whole(d, 1.0),
        Norm::Weight => *d *= w,
        Norm::None => {}
    }
}

/// Scales each slice along dimension 0: an output channel of a convolution, a row of a linear layer.
fn each_filter(d: &mut ArrayD<f32>, w: &ArrayD<f32>, factor: impl Fn(&ArrayViewMutD<f32>, ArrayViewD<f32>) -> f64) {
    for (d, w) in d.axis_iter_mut(Axis(0)).zip(w.axis_iter(Axis(0))) {
        let factor = factor(&d, w);
        scale(d, factor);
    }
}

/// Scales the whole tensor to a length.
fn whole(d: &mut ArrayD<f32>, wanted: f64) {
    let factor = wanted / length(&d.view());
    scale(d.view_mut(), factor);
}

fn scale(mut d: ArrayViewMutD<f32>, factor: f64) {
    d.mapv_inplace(|value| (f64::from(value) * factor) as f32);
}

/// Euclidean length.
fn length(array: &ArrayViewD<f32>) -> f64 {
    array.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt()
}

/// The cosine of the angle between two directions.
pub(crate) fn cosine(x: &[ArrayD<f32>], y: &[ArrayD<f32>]) -> f64 {
    let dot = |a: &[ArrayD<f32>], b: &[ArrayD<f32>]| -> f64 {
        let pairs = a.iter().zip(b).flat_map(|(a, b)| a.iter().zip(b));
        pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(x, y) / (dot(x, x) * dot(y, y)).sqrt()
}

#[cfg(test)]
mod tests {
    use ndarray::{ArrayD, arr1, arr2};

    use super::*;

    fn normalized(norm: Norm, ignore: Ignore) -> Vec<ArrayD<f32>> {
        let weights =
            [Tensor::F32(arr2(&[[3.0, 4.0], [0.0, 1.0]]).into_dyn()), Tensor::F32(arr1(&[5.0, 6.0]).into_dyn())];
        let mut direction = vec![arr2(&[[1.0, 0.0], [3.0, 4.0]]).into_dyn(), arr1(&[7.0, 8.0]).into_dyn()];
        normalize(&mut direction, &weights.iter().collect::<Vec<_>>(), norm, ignore);
        direction
    }

    fn close(found: &ArrayD<f32>, wanted: [[f32; 2]; 2]) {
        let wanted = arr2(&wanted).into_dyn();
        assert!(found.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-6), "{found} is not {wanted}");
    }

    #[test]
    fn every_norm_is_that_of_the_paper() {
        close(&normalized(Norm::Filter, Ignore::None)[0], [[5.0, 0.0], [0.6, 0.8]]);
        close(&normalized(Norm::Dfilter, Ignore::None)[0], [[1.0, 0.0], [0.6, 0.8]]);
        close(&normalized(Norm::Layer, Ignore::None)[0], [[1.0, 0.0], [3.0, 4.0]]);
        let whole = 26f32.sqrt();
        close(&normalized(Norm::Dlayer, Ignore::None)[0], [[1.0 / whole, 0.0], [3.0 / whole, 4.0 / whole]]);
        close(&normalized(Norm::Weight, Ignore::None)[0], [[3.0, 0.0], [0.0, 4.0]]);
        close(&normalized(Norm::None, Ignore::None)[0], [[1.0, 0.0], [3.0, 4.0]]);
    }

    #[test]
    fn biases_move_along_themselves_or_not_at_all() {
        assert_eq!(normalized(Norm::Filter, Ignore::None)[1], arr1(&[5.0, 6.0]).into_dyn());
        assert_eq!(normalized(Norm::Filter, Ignore::Biasbn)[1], arr1(&[0.0, 0.0]).into_dyn());
    }

    #[test]
    fn the_cosine_is_that_of_the_flattened_directions() {
        let x = [arr1(&[1.0, 0.0]).into_dyn(), arr1(&[2.0]).into_dyn()];
        let y = [arr1(&[0.0, 1.0]).into_dyn(), arr1(&[2.0]).into_dyn()];
        assert!((cosine(&x, &y) - 0.8).abs() < 1e-12);
    }
}
