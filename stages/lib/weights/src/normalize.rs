//! Normalisation of a direction against the weights (Li et al. 2018, section 4).

use files::Tensor;
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD, Axis, Dimension};
use options::{Ignore, Norm};
use program::Filters;

/// Keeps a filter of zeros from dividing by zero, as in the tool of the paper.
const TINY: f64 = 1e-10;

/// A tensor that a direction moves.
pub struct Weight<'a> {
    /// Its `state_dict` key.
    pub name: &'a str,
    /// Its values.
    pub tensor: &'a Tensor,
    /// How it divides into filters, where it has at least two dimensions.
    pub filters: Filters,
}

impl Weight<'_> {
    /// Whether it has filters: tensors of at most one dimension have none.
    pub fn has_filters(&self) -> bool {
        self.tensor.shape().len() >= 2
    }
}

/// Normalises a direction in place. Tensors of at most one dimension (biases, batch normalisation)
/// have no filters: they are set to zero or to the weights themselves.
pub fn normalize(direction: &mut [ArrayD<f32>], weights: &[Weight], norm: Norm, ignore: Ignore) {
    for (d, weight) in direction.iter_mut().zip(weights) {
        if !weight.tensor.is_float() {
            continue;
        }
        let w = weight.tensor.to_f32();
        match (d.ndim(), ignore) {
            (0 | 1, Ignore::Biasbn) => d.fill(0.0),
            (0 | 1, Ignore::None) => d.assign(&w),
            _ => normalize_tensor(d, &w, &weight.filters, norm),
        }
    }
}

fn normalize_tensor(d: &mut ArrayD<f32>, w: &ArrayD<f32>, filters: &Filters, norm: Norm) {
    match norm {
        Norm::Filter => {
            let lengths = filter_lengths(w, filters);
            scale_filters(d, filters, &lengths);
        }
        Norm::Dfilter => {
            let lengths = vec![1.0; filters.count(d.shape())];
            scale_filters(d, filters, &lengths);
        }
        Norm::Layer => whole(d, length(&w.view())),
        Norm::Dlayer => whole(d, 1.0),
        Norm::Weight => *d *= w,
        Norm::None => {}
    }
}

/// The Euclidean length of each filter.
fn filter_lengths(w: &ArrayD<f32>, filters: &Filters) -> Vec<f64> {
    if filters.are_usual() {
        let filters = w.axis_iter(Axis(0));
        return filters.map(|filter| length(&filter)).collect();
    }
    let mut squares = vec![0.0; filters.count(w.shape())];
    for (index, value) in w.indexed_iter() {
        squares[filters.number(w.shape(), index.slice())] += f64::from(*value).powi(2);
    }
    squares.into_iter().map(f64::sqrt).collect()
}

/// Gives each filter a length, and leaves its direction.
fn scale_filters(d: &mut ArrayD<f32>, filters: &Filters, wanted: &[f64]) {
    let mut factors = filter_lengths(d, filters);
    for (factor, wanted) in factors.iter_mut().zip(wanted) {
        *factor = wanted / (*factor + TINY);
    }
    if filters.are_usual() {
        for (filter, factor) in d.axis_iter_mut(Axis(0)).zip(factors) {
            scale(filter, factor);
        }
        return;
    }
    let shape = d.shape().to_vec();
    for (index, value) in d.indexed_iter_mut() {
        *value = (f64::from(*value) * factors[filters.number(&shape, index.slice())]) as f32;
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
    array
        .iter()
        .map(|value| f64::from(*value).powi(2))
        .sum::<f64>()
        .sqrt()
}

#[cfg(test)]
mod tests {
    use ndarray::{ArrayD, arr1, arr2};

    use super::*;

    fn normalized(norm: Norm, ignore: Ignore) -> Vec<ArrayD<f32>> {
        let matrix = Tensor::F32(arr2(&[[3.0, 4.0], [0.0, 1.0]]).into_dyn());
        let bias = Tensor::F32(arr1(&[5.0, 6.0]).into_dyn());
        let filters = || Filters::along(0);
        let weights = [
            Weight {
                name: "matrix",
                tensor: &matrix,
                filters: filters(),
            },
            Weight {
                name: "bias",
                tensor: &bias,
                filters: filters(),
            },
        ];
        let mut direction = vec![
            arr2(&[[1.0, 0.0], [3.0, 4.0]]).into_dyn(),
            arr1(&[7.0, 8.0]).into_dyn(),
        ];
        normalize(&mut direction, &weights, norm, ignore);
        direction
    }

    fn close(found: &ArrayD<f32>, wanted: [[f32; 2]; 2]) {
        let wanted = arr2(&wanted).into_dyn();
        assert!(
            found.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-6),
            "{found} is not {wanted}"
        );
    }

    #[test]
    fn every_norm_is_that_of_the_paper() {
        close(
            &normalized(Norm::Filter, Ignore::None)[0],
            [[5.0, 0.0], [0.6, 0.8]],
        );
        close(
            &normalized(Norm::Dfilter, Ignore::None)[0],
            [[1.0, 0.0], [0.6, 0.8]],
        );
        close(
            &normalized(Norm::Layer, Ignore::None)[0],
            [[1.0, 0.0], [3.0, 4.0]],
        );
        let whole = 26f32.sqrt();
        close(
            &normalized(Norm::Dlayer, Ignore::None)[0],
            [[1.0 / whole, 0.0], [3.0 / whole, 4.0 / whole]],
        );
        close(
            &normalized(Norm::Weight, Ignore::None)[0],
            [[3.0, 0.0], [0.0, 4.0]],
        );
        close(
            &normalized(Norm::None, Ignore::None)[0],
            [[1.0, 0.0], [3.0, 4.0]],
        );
    }

    #[test]
    fn biases_use_their_own_values_as_direction_or_stay() {
        assert_eq!(
            normalized(Norm::Filter, Ignore::None)[1],
            arr1(&[5.0, 6.0]).into_dyn()
        );
        assert_eq!(
            normalized(Norm::Filter, Ignore::Biasbn)[1],
            arr1(&[0.0, 0.0]).into_dyn()
        );
    }
}
