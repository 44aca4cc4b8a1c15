//! The arithmetic, a block of tiles at a time, in registers of any width.

use std::arch::x86_64::{__m256, __m512};

use crate::{
    PANEL, Panel,
    convolution::{Convolution, Memory},
    vector::{Vector, Width},
};

/// The numbers that a convolution reads and writes, in the sizes that it says.
pub(crate) struct Numbers<'a> {
    pub(crate) input: &'a [f32],
    pub(crate) kernel: &'a [Panel],
    pub(crate) bias: Option<&'a [f32]>,
    pub(crate) output: &'a mut [f32],
}

/// Tiles of 2×2 results that lie beside one another.
struct Run {
    image: usize,
    top: usize,
    left: usize,
    tiles: usize,
}

impl Width {
    /// # Safety
    /// The processor has these registers, and slices have the sizes that the convolution says.
    pub(crate) unsafe fn run(self, convolution: &Convolution, memory: &mut Memory, numbers: Numbers) {
        #[target_feature(enable = "avx2,fma")]
        unsafe fn eight(convolution: &Convolution, memory: &mut Memory, numbers: Numbers) {
            // 6 rows of two registers: 12 sums, and 16 registers in all
            unsafe { run::<__m256, 6, 2>(convolution, memory, numbers) }
        }
        #[target_feature(enable = "avx512f")]
        unsafe fn sixteen(convolution: &Convolution, memory: &mut Memory, numbers: Numbers) {
            unsafe { run::<__m512, 12, 1>(convolution, memory, numbers) }
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

/// Transforms a block of tiles, multiplies `ROWS` of them at once with a panel of `VECTORS` registers, and transforms the
/// products back.
#[inline(always)]
unsafe fn run<V: Vector, const ROWS: usize, const VECTORS: usize>(
    convolution: &Convolution,
    memory: &mut Memory,
    numbers: Numbers,
) {
    let Numbers { input, kernel, bias, output } = numbers;
    let (transformed, multiplied): (&mut [f32], &mut [f32]) = (&mut memory.inputs, &mut memory.outputs);
    let (inputs, outputs) = (convolution.inputs, convolution.outputs);
    let (spread, products) = (convolution.frequency(inputs), convolution.frequency(outputs));
    let mut tiles = convolution.tiles();
    let most = convolution.block();
    let mut block: Vec<Run> = Vec::with_capacity(most);
    loop {
        block.clear();
        let mut count = 0;
        while let Some(run) = tiles.next(most - count) {
            // SAFETY: the processor has the registers, and memory has room for a block, here and below
            unsafe { gather::<V>(convolution, input, &run, &memory.zeros, &mut transformed[count * inputs..]) };
            count += run.tiles;
            block.push(run);
        }
        if count == 0 {
            return;
        }
        for frequency in 0..16 {
            let from = &transformed[frequency * spread..][..most * inputs];
            let to = &mut multiplied[frequency * products..][..most * outputs];
            for panel in 0..outputs / PANEL {
                let weights = &kernel[(frequency * outputs / PANEL + panel) * inputs..][..inputs];
                for row in (0..count).step_by(ROWS) {
                    let to = &mut to[row * outputs + panel * PANEL..];
                    unsafe { multiply::<V, ROWS, VECTORS>(&from[row * inputs..], weights, to, outputs) };
                }
            }
        }
        let mut done = 0;
        for run in &block {
            unsafe {
                scatter::<V>(convolution, &multiplied[done * outputs..], run, bias.unwrap_or(&memory.zeros), output);
            }
            done += run.tiles;
        }
    }
}

/// Bᵀ applied to four values.
#[inline(always)]
unsafe fn spread<V: Vector>(a: V, b: V, c: V, d: V) -> [V; 4] {
    unsafe { [a.minus(c), b.plus(c), c.minus(b), b.minus(d)] }
}

/// Bᵀ d B of the 4×4 pixels d of tiles that lie beside one another, for all channels.
#[inline(always)]
unsafe fn gather<V: Vector>(convolution: &Convolution, input: &[f32], run: &Run, zeros: &[f32], to: &mut [f32]) {
    let (channels, [height, width]) = (convolution.inputs, convolution.size);
    let frequency = convolution.frequency(channels);
    let mut rows = [zeros; 4];
    for (y, row) in rows.iter_mut().enumerate() {
        let y = (run.top + y).wrapping_sub(convolution.padding[0]);
        if y < height {
            *row = &input[(run.image * height + y) * width * channels..][..width * channels];
        }
    }
    let last = &mut to[..15 * frequency + run.tiles * channels];
    let to = last.as_mut_ptr();
    let left = run.left.wrapping_sub(convolution.padding[1]);
    for channel in (0..channels).step_by(V::LANES) {
        // SAFETY: a row holds `width` pixels of `channels` numbers, `to` the numbers of its last frequency and tile
        unsafe {
            let mut a = column::<V>(&rows, left, width, channels, channel);
            let mut b = column::<V>(&rows, left.wrapping_add(1), width, channels, channel);
            for tile in 0..run.tiles {
                let x = left.wrapping_add(2 * tile);
                let c = column::<V>(&rows, x.wrapping_add(2), width, channels, channel);
                let d = column::<V>(&rows, x.wrapping_add(3), width, channels, channel);
                for y in 0..4 {
                    let row = spread(a[y], b[y], c[y], d[y]);
                    for (x, value) in row.into_iter().enumerate() {
                        value.store(to.add((4 * y + x) * frequency + tile * channels + channel));
                    }
                }
                (a, b) = (c, d);
            }
        }
    }
}

/// Bᵀ d of one column of four pixels d, which may be in the padding.
#[inline(always)]
unsafe fn column<V: Vector>(rows: &[&[f32]; 4], x: usize, width: usize, channels: usize, channel: usize) -> [V; 4] {
    // SAFETY: x is in the row, and the row in memory
    unsafe {
        if x >= width {
            return [V::splat(0.0); 4];
        }
        let at = x * channels + channel;
        let pixel = |y: usize| rows[y].as_ptr().add(at);
        spread(V::load(pixel(0)), V::load(pixel(1)), V::load(pixel(2)), V::load(pixel(3)))
    }
}

/// The products over the input channels, of one frequency, for some tiles and a panel of output channels.
#[inline(always)]
unsafe fn multiply<V: Vector, const ROWS: usize, const VECTORS: usize>(
    from: &[f32],
    weights: &[Panel],
    to: &mut [f32],
    stride: usize,
) {
    let channels = weights.len();
    let (from, to) = (&from[..ROWS * channels], &mut to[..(ROWS - 1) * stride + PANEL]);
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

/// Aᵀ applied to four values.
#[inline(always)]
unsafe fn collect<V: Vector>(a: V, b: V, c: V, d: V) -> [V; 2] {
    unsafe { [a.plus(b).plus(c), b.minus(c).minus(d)] }
}

/// Aᵀ m A of the products m of tiles that lie beside one another: their 2×2 results, with what comes after the
/// convolution.
#[inline(always)]
unsafe fn scatter<V: Vector>(convolution: &Convolution, from: &[f32], run: &Run, bias: &[f32], output: &mut [f32]) {
    let channels = convolution.outputs;
    let frequency = convolution.frequency(channels);
    let [height, width] = convolution.output_size().unwrap_or_default();
    let rows = (height - run.top).min(2);
    let output = &mut output[(run.image * height + run.top) * width * channels..][..rows * width * channels];
    let (from, bias) = (&from[..15 * frequency + run.tiles * channels], &bias[..channels]);
    // SAFETY: results are written where they are in the rows; products and bias are those of the slices just taken
    unsafe {
        let least = V::splat(if convolution.relu { 0.0 } else { f32::NEG_INFINITY });
        for tile in 0..run.tiles {
            let left = run.left + 2 * tile;
            let columns = (width - left).min(2);
            for channel in (0..channels).step_by(V::LANES) {
                let mut half = [[least; 2]; 4];
                for (x, half) in half.iter_mut().enumerate() {
                    let product = from.as_ptr().add(x * frequency + tile * channels + channel);
                    let row = 4 * frequency;
                    *half = collect(
                        V::load(product),
                        V::load(product.add(row)),
                        V::load(product.add(2 * row)),
                        V::load(product.add(3 * row)),
                    );
                }
                let bias = V::load(bias.as_ptr().add(channel));
                let [a, b, c, d] = half;
                let both = [collect(a[0], b[0], c[0], d[0]), collect(a[1], b[1], c[1], d[1])];
                for (y, sums) in both.into_iter().enumerate() {
                    for (x, sum) in sums.into_iter().enumerate() {
                        if y >= rows || x >= columns {
                            continue;
                        }
                        let to = output.as_mut_ptr().add((y * width + left + x) * channels + channel);
                        let mut value = sum.plus(bias);
                        if convolution.add {
                            value = value.plus(V::load(to));
                        }
                        least.larger(value).store(to);
                    }
                }
            }
        }
    }
}

/// All tiles of an output, from the first image's upper left on.
struct Tiles {
    images: usize,
    size: [usize; 2],
    next: [usize; 3],
}

impl Convolution {
    fn tiles(&self) -> Tiles {
        Tiles { images: self.images, size: self.output_size().unwrap_or_default(), next: [0; 3] }
    }
}

impl Tiles {
    /// The next ones that lie beside one another, at most so many.
    fn next(&mut self, most: usize) -> Option<Run> {
        let ([image, top, left], [height, width]) = (self.next, self.size);
        if image == self.images || most == 0 {
            return None;
        }
        let tiles = (width - left).div_ceil(2).min(most);
        self.next[2] += 2 * tiles;
        if self.next[2] >= width {
            self.next = [image, top + 2, 0];
        }
        if self.next[1] >= height {
            self.next = [image + 1, 0, 0];
        }
        Some(Run { image, top, left, tiles })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel_shape;

    #[test]
    fn registers_of_both_widths_give_the_same_bits() {
        if Width::of_this_processor() != Some(Width::Sixteen) {
            return;
        }
        let (inputs, outputs) = (48, 32);
        let convolution =
            Convolution { images: 3, size: [7, 21], inputs, outputs, padding: [1, 1], add: true, relu: true };
        let numbers =
            |count: usize| -> Vec<f32> { (0..count).map(|k| ((k * 7919) % 1009) as f32 / 1009.0 - 0.5).collect() };
        let (input, bias) = (numbers(3 * 7 * 21 * inputs), numbers(outputs));
        let kernel = numbers(kernel_shape(inputs, outputs).iter().product());
        let [eight, sixteen] = [Width::Eight, Width::Sixteen].map(|width| {
            let (mut memory, mut output) = (Memory::default(), numbers(3 * 7 * 21 * outputs));
            memory.grow(&convolution);
            let numbers =
                Numbers { input: &input, kernel: kernel.as_chunks().0, bias: Some(&bias), output: &mut output };
            // SAFETY: a processor with AVX-512 has AVX2 too, and sizes are those of the convolution
            unsafe { width.run(&convolution, &mut memory, numbers) };
            output
        });
        assert!(eight == sixteen && eight.iter().any(|value| *value > 0.0));
    }
}
