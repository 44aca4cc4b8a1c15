//! The way out: products become results.

use super::run::Run;
use crate::{convolution::Convolution, element::Element, filter::Filter, vector::Vector};

/// Aᵀ m A of the products m of tiles that lie beside one another, with what comes after the
/// convolution.
#[inline(always)]
pub(super) unsafe fn scatter<
    V: Vector,
    T: Element,
    F: Filter<SIDE, RESULTS>,
    const SIDE: usize,
    const RESULTS: usize,
>(
    convolution: &Convolution,
    from: &[f32],
    run: &Run,
    bias: &[f32],
    output: &mut [T],
) {
    let channels = convolution.outputs;
    let frequency = convolution.frequency(channels);
    let [height, width] = convolution.output_size().unwrap_or_default();
    let rows = (height - run.top).min(RESULTS);
    let output =
        &mut output[(run.image * height + run.top) * width * channels..][..rows * width * channels];
    let from = &from[..(SIDE * SIDE - 1) * frequency + run.tiles * channels];
    let bias = &bias[..channels];
    // SAFETY: results are written where they are in the rows; products and bias are those of the
    // slices just taken
    unsafe {
        let least = V::splat(if convolution.relu {
            0.0
        } else {
            f32::NEG_INFINITY
        });
        for tile in 0..run.tiles {
            let left = run.left + RESULTS * tile;
            let count = (width - left).min(RESULTS);
            for channel in (0..channels).step_by(V::LANES) {
                let mut columns = [[least; RESULTS]; SIDE];
                for (x, column) in columns.iter_mut().enumerate() {
                    let product = from.as_ptr().add(x * frequency + tile * channels + channel);
                    let mut products = [least; SIDE];
                    for (y, value) in products.iter_mut().enumerate() {
                        *value = V::load(product.add(y * SIDE * frequency));
                    }
                    *column = F::collect(products);
                }
                let bias = V::load(bias.as_ptr().add(channel));
                for y in 0..RESULTS {
                    let mut row = [least; SIDE];
                    for (value, column) in row.iter_mut().zip(&columns) {
                        *value = column[y];
                    }
                    for (x, sum) in F::collect(row).into_iter().enumerate() {
                        if y >= rows || x >= count {
                            continue;
                        }
                        let to = output
                            .as_mut_ptr()
                            .add((y * width + left + x) * channels + channel);
                        let mut value = sum.plus(bias);
                        if convolution.add {
                            value = value.plus(T::load(to));
                        }
                        T::store(least.larger(value), to);
                    }
                }
            }
        }
    }
}
