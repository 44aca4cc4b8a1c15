//! The arithmetic, a block of tiles at a time, in registers of any width. It stays one file: in
//! several, the compiler made it a third slower.

use std::arch::x86_64::{__m256, __m512};

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

/// Tiles that lie beside one another.
struct Run {
    image: usize,
    top: usize,
    left: usize,
    tiles: usize,
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

/// Bᵀ d B of the pixels d of tiles that lie beside one another, for all channels.
#[inline(always)]
unsafe fn gather<
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

/// Aᵀ m A of the products m of tiles that lie beside one another, with what comes after the
/// convolution.
#[inline(always)]
unsafe fn scatter<
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

/// All tiles of an output, from the first image's upper left on.
struct Tiles {
    images: usize,
    size: [usize; 2],
    /// Rows and columns of results of a tile.
    step: usize,
    next: [usize; 3],
}

impl Convolution {
    fn tiles(&self) -> Tiles {
        Tiles {
            images: self.images,
            size: self.output_size().unwrap_or_default(),
            step: self.tile.results(),
            next: [0; 3],
        }
    }
}

impl Tiles {
    /// The next ones that lie beside one another, at most so many.
    fn next(&mut self, most: usize) -> Option<Run> {
        let ([image, top, left], [height, width]) = (self.next, self.size);
        if image == self.images || most == 0 {
            return None;
        }
        let tiles = (width - left).div_ceil(self.step).min(most);
        self.next[2] += self.step * tiles;
        if self.next[2] >= width {
            self.next = [image, top + self.step, 0];
        }
        if self.next[1] >= height {
            self.next = [image + 1, 0, 0];
        }
        Some(Run {
            image,
            top,
            left,
            tiles,
        })
    }
}

#[cfg(test)]
mod tests;
