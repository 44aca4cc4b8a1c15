//! The way in: pixels of the input become what is multiplied.

use super::run::Run;
use crate::{convolution::Convolution, element::Element, filter::Filter, vector::Vector};

/// Bᵀ d B of the pixels d of tiles that lie beside one another, for all channels.
#[inline(always)]
pub(super) unsafe fn gather<
    V: Vector,
    T: Element,
    F: Filter<SIDE, RESULTS>,
    const SIDE: usize,
    const RESULTS: usize,
>(
    convolution: &Convolution,
    input: &[T],
    run: &Run,
    zeros: &[f32],
    to: &mut [f32],
) {
    let (channels, [height, width]) = (convolution.inputs, convolution.size);
    let frequency = convolution.frequency(channels);
    // a row of f32 zeros is one of any element's
    let mut rows = [zeros[..width * channels].as_ptr().cast::<T>(); SIDE];
    for (y, row) in rows.iter_mut().enumerate() {
        let y = (run.top + y).wrapping_sub(convolution.padding[0]);
        if y < height {
            *row =
                input[(run.image * height + y) * width * channels..][..width * channels].as_ptr();
        }
    }
    let to = to[..(SIDE * SIDE - 1) * frequency + run.tiles * channels].as_mut_ptr();
    let left = run.left.wrapping_sub(convolution.padding[1]);
    for channel in (0..channels).step_by(V::LANES) {
        // SAFETY: a row holds `width` pixels of `channels` numbers, `to` the numbers of its last
        // frequency and tile
        unsafe {
            let mut columns = [[V::splat(0.0); SIDE]; SIDE];
            for (x, values) in columns[RESULTS..].iter_mut().enumerate() {
                *values = column::<V, T, F, SIDE, RESULTS>(
                    &rows,
                    left.wrapping_add(x),
                    width,
                    channels,
                    channel,
                );
            }
            for tile in 0..run.tiles {
                // two columns are those of the tile before
                (columns[0], columns[1]) = (columns[RESULTS], columns[RESULTS + 1]);
                for (x, values) in columns.iter_mut().enumerate().skip(2) {
                    let x = left.wrapping_add(RESULTS * tile + x);
                    *values = column::<V, T, F, SIDE, RESULTS>(&rows, x, width, channels, channel);
                }
                for y in 0..SIDE {
                    let mut row = [V::splat(0.0); SIDE];
                    for (value, column) in row.iter_mut().zip(&columns) {
                        *value = column[y];
                    }
                    for (x, value) in F::spread(row).into_iter().enumerate() {
                        value.store(to.add((SIDE * y + x) * frequency + tile * channels + channel));
                    }
                }
            }
        }
    }
}

/// Bᵀ d of one column of pixels d, which may be in the padding.
#[inline(always)]
unsafe fn column<
    V: Vector,
    T: Element,
    F: Filter<SIDE, RESULTS>,
    const SIDE: usize,
    const RESULTS: usize,
>(
    rows: &[*const T; SIDE],
    x: usize,
    width: usize,
    channels: usize,
    channel: usize,
) -> [V; SIDE] {
    // SAFETY: x is in the row, and the row in memory
    unsafe {
        let mut values = [V::splat(0.0); SIDE];
        if x >= width {
            return values;
        }
        for (value, row) in values.iter_mut().zip(rows) {
            *value = T::load(row.add(x * channels + channel));
        }
        F::spread(values)
    }
}
