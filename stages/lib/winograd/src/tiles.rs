//! The arithmetic, a block of tiles at a time, in registers of any width.

mod gather;
mod run;
mod scatter;

use std::arch::x86_64::{__m256, __m512};

use gather::gather;
use run::Run;
use scatter::scatter;

use crate::{
    PANEL, Panel, Tile,
    convolution::Convolution,
    element::Element,
    filter::{F2, F4, Filter},
    memory::Memory,
    vector::{Vector, Width},
};

/// The numbers that a convolution reads and writes, in the sizes that it says.
pub(crate) struct Numbers<'a, T> {
    pub(crate) input: &'a [T],
    pub(crate) kernel: &'a [Panel],
    pub(crate) bias: Option<&'a [f32]>,
    pub(crate) output: &'a mut [T],
}

impl Width {
    /// # Safety
    /// The processor has these registers, and slices have the sizes that the convolution says.
    pub(crate) unsafe fn run<T: Element>(
        self,
        convolution: &Convolution,
        memory: &mut Memory,
        numbers: Numbers<T>,
    ) {
        #[target_feature(enable = "avx2,fma")]
        unsafe fn eight<T: Element>(
            convolution: &Convolution,
            memory: &mut Memory,
            numbers: Numbers<T>,
        ) {
            // 6 rows of two registers: 12 sums, and 16 registers in all
            unsafe {
                match convolution.tile {
                    Tile::Two => run::<__m256, T, F2, 4, 2, 6, 2>(convolution, memory, numbers),
                    Tile::Four => run::<__m256, T, F4, 6, 4, 6, 2>(convolution, memory, numbers),
                }
            }
        }
        #[target_feature(enable = "avx512f")]
        unsafe fn sixteen<T: Element>(
            convolution: &Convolution,
            memory: &mut Memory,
            numbers: Numbers<T>,
        ) {
            unsafe {
                match convolution.tile {
                    Tile::Two => run::<__m512, T, F2, 4, 2, 12, 1>(convolution, memory, numbers),
                    Tile::Four => run::<__m512, T, F4, 6, 4, 12, 1>(convolution, memory, numbers),
                }
            }
        }
        // SAFETY: the caller's
        unsafe {
            match self {
                Self::Eight => eight(convolution, memory, numbers),
                Self::Sixteen => sixteen(convolution, memory, numbers),
            }
        }
    }
}

/// Transforms a block of tiles, multiplies `ROWS` of them at once with a panel of `VECTORS`
/// registers, and transforms the products back.
#[inline(always)]
unsafe fn run<
    V: Vector,
    T: Element,
    F: Filter<SIDE, RESULTS>,
    const SIDE: usize,
    const RESULTS: usize,
    const ROWS: usize,
    const VECTORS: usize,
>(
    convolution: &Convolution,
    memory: &mut Memory,
    numbers: Numbers<T>,
) {
    let Numbers {
        input,
        kernel,
        bias,
        output,
    } = numbers;
    let (transformed, multiplied): (&mut [f32], &mut [f32]) =
        (&mut memory.inputs, &mut memory.outputs);
    let (inputs, outputs) = (convolution.inputs, convolution.outputs);
    let (spread, products) = (
        convolution.frequency(inputs),
        convolution.frequency(outputs),
    );
    let mut tiles = convolution.tiles();
    let most = convolution.block();
    let mut block: Vec<Run> = Vec::with_capacity(most);
    loop {
        block.clear();
        let mut count = 0;
        while let Some(run) = tiles.next(most - count) {
            let to = &mut transformed[count * inputs..];
            // SAFETY: the processor has the registers, and memory has room for a block, here and
            // below
            unsafe {
                gather::<V, T, F, SIDE, RESULTS>(convolution, input, &run, &memory.zeros, to)
            };
            count += run.tiles;
            block.push(run);
        }
        if count == 0 {
            return;
        }
        for frequency in 0..SIDE * SIDE {
            let from = &transformed[frequency * spread..][..most * inputs];
            let to = &mut multiplied[frequency * products..][..most * outputs];
            for panel in 0..outputs / PANEL {
                let weights = &kernel[(frequency * outputs / PANEL + panel) * inputs..][..inputs];
                for row in (0..count).step_by(ROWS) {
                    let to = &mut to[row * outputs + panel * PANEL..];
                    unsafe {
                        multiply::<V, ROWS, VECTORS>(&from[row * inputs..], weights, to, outputs)
                    };
                }
            }
        }
        let mut done = 0;
        for run in &block {
            let (from, bias) = (&multiplied[done * outputs..], bias.unwrap_or(&memory.zeros));
            unsafe { scatter::<V, T, F, SIDE, RESULTS>(convolution, from, run, bias, output) };
            done += run.tiles;
        }
    }
}

/// The products over the input channels, of one frequency, for some tiles and a panel of output
/// channels.
#[inline(always)]
unsafe fn multiply<V: Vector, const ROWS: usize, const VECTORS: usize>(
    from: &[f32],
    weights: &[Panel],
    to: &mut [f32],
    stride: usize,
) {
    let channels = weights.len();
    let (from, to) = (
        &from[..ROWS * channels],
        &mut to[..(ROWS - 1) * stride + PANEL],
    );
    // SAFETY: indices stay below those of the slices just taken
    unsafe {
        let mut sums = [[V::splat(0.0); VECTORS]; ROWS];
        for (channel, weights) in weights.iter().enumerate() {
            let mut vectors = [V::splat(0.0); VECTORS];
            for (k, vector) in vectors.iter_mut().enumerate() {
                *vector = V::load(weights.as_ptr().add(k * V::LANES));
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = V::splat(*from.get_unchecked(row * channels + channel));
                for (sum, vector) in sums.iter_mut().zip(vectors) {
                    *sum = value.times_plus(vector, *sum);
                }
            }
        }
        for (row, sums) in sums.into_iter().enumerate() {
            for (k, sum) in sums.into_iter().enumerate() {
                sum.store(to.as_mut_ptr().add(row * stride + k * V::LANES));
            }
        }
    }
}

#[cfg(test)]
mod tests;
