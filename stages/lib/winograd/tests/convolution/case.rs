//! A convolution with its numbers, and its definition in f64.

use half::bf16;
use winograd::{Convolution, Order, Tile, kernel_shape, transform};

/// The same numbers each time, between -½ and ½.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    (0..count).map(next).collect()
}

pub(crate) struct Case {
    pub(crate) convolution: Convolution,
    pub(crate) input: Vec<f32>,
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Option<Vec<f32>>,
    pub(crate) before: Vec<f32>,
}

impl Case {
    pub(crate) fn new(convolution: Convolution, bias: bool) -> Self {
        let Convolution {
            images,
            size: [height, width],
            inputs,
            outputs,
            ..
        } = convolution;
        let [rows, columns] = convolution.output_size().expect("the kernel fits");
        Self {
            input: numbers(images * height * width * inputs, 1),
            weight: numbers(9 * inputs * outputs, 2),
            bias: bias.then(|| numbers(outputs, 3)),
            before: numbers(images * rows * columns * outputs, 4),
            convolution,
        }
    }

    pub(crate) fn kernel(&self) -> Vec<f32> {
        let Convolution {
            inputs,
            outputs,
            tile,
            ..
        } = self.convolution;
        let mut kernel = vec![0.0; kernel_shape(tile, inputs, outputs).iter().product()];
        transform(
            tile,
            &self.weight,
            Order::ChannelsFirst,
            inputs,
            outputs,
            &mut kernel,
        );
        kernel
    }

    pub(crate) fn run(&self) -> Vec<f32> {
        let mut found = self.before.clone();
        self.convolution.run(
            &self.input,
            &self.kernel(),
            self.bias.as_deref(),
            &mut found,
        );
        found
    }

    pub(crate) fn run_bf16(&self) -> Vec<bf16> {
        let [input, mut found] = [&self.input, &self.before].map(|values| rounded(values));
        self.convolution
            .run_bf16(&input, &self.kernel(), self.bias.as_deref(), &mut found);
        found
    }

    /// What images in bfloat16 hold of it.
    pub(crate) fn in_bf16(self) -> Self {
        let [input, before] = [&self.input, &self.before]
            .map(|values| rounded(values).into_iter().map(f32::from).collect());
        Self {
            input,
            before,
            ..self
        }
    }

    /// The definition.
    pub(crate) fn wanted(&self) -> Vec<f64> {
        let Convolution {
            images,
            size: [height, width],
            inputs,
            outputs,
            padding,
            add,
            relu,
            ..
        } = self.convolution;
        let [rows, columns] = self.convolution.output_size().expect("the kernel fits");
        let mut wanted = Vec::with_capacity(self.before.len());
        for place in 0..images * rows * columns {
            let (image, row, column) = (
                place / (rows * columns),
                place / columns % rows,
                place % columns,
            );
            for output in 0..outputs {
                let mut sum = self
                    .bias
                    .as_ref()
                    .map_or(0.0, |bias| f64::from(bias[output]));
                for (dy, dx) in (0..9).map(|k| (k / 3, k % 3)) {
                    let (y, x) = (
                        (row + dy).wrapping_sub(padding[0]),
                        (column + dx).wrapping_sub(padding[1]),
                    );
                    if y >= height || x >= width {
                        continue;
                    }
                    let pixel =
                        &self.input[((image * height + y) * width + x) * inputs..][..inputs];
                    for (input, value) in pixel.iter().enumerate() {
                        let weight = self.weight[((output * inputs + input) * 3 + dy) * 3 + dx];
                        sum += f64::from(*value) * f64::from(weight);
                    }
                }
                let sum = if add {
                    sum + f64::from(self.before[wanted.len()])
                } else {
                    sum
                };
                wanted.push(if relu { sum.max(0.0) } else { sum });
            }
        }
        wanted
    }
}

pub(crate) fn rounded(values: &[f32]) -> Vec<bf16> {
    values.iter().copied().map(bf16::from_f32).collect()
}

/// All kinds of convolutions.
pub(crate) fn cases(tile: Tile) -> impl Iterator<Item = Case> {
    let sizes = [[1, 1], [2, 3], [5, 4], [8, 8], [7, 61], [32, 32], [3, 120]]
        .into_iter()
        .enumerate();
    let kinds = [
        ([1, 1], false, false, false),
        ([0, 2], true, false, true),
        ([2, 0], false, true, true),
        ([1, 1], true, true, true),
    ];
    sizes.flat_map(move |(k, size)| {
        kinds
            .into_iter()
            .filter_map(move |(padding, add, relu, bias)| {
                let (inputs, outputs) = [(16, 16), (32, 16), (16, 48), (64, 64)][k % 4];
                let convolution = Convolution {
                    images: 3,
                    size,
                    inputs,
                    outputs,
                    padding,
                    add,
                    relu,
                    tile,
                };
                convolution
                    .output_size()
                    .map(|_| Case::new(convolution, bias))
            })
    })
}
