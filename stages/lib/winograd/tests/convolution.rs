//! Against the convolution's definition in f64, for all sizes, paddings and what comes after.

use winograd::{Convolution, Order, available, fits, kernel_shape, transform};

/// The same numbers each time, between -½ and ½.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    (0..count).map(next).collect()
}

struct Case {
    convolution: Convolution,
    input: Vec<f32>,
    weight: Vec<f32>,
    bias: Option<Vec<f32>>,
    before: Vec<f32>,
}

impl Case {
    fn new(convolution: Convolution, bias: bool) -> Self {
        let Convolution { images, size: [height, width], inputs, outputs, .. } = convolution;
        let [rows, columns] = convolution.output_size().expect("the kernel fits");
        Self {
            input: numbers(images * height * width * inputs, 1),
            weight: numbers(9 * inputs * outputs, 2),
            bias: bias.then(|| numbers(outputs, 3)),
            before: numbers(images * rows * columns * outputs, 4),
            convolution,
        }
    }

    fn run(&self) -> Vec<f32> {
        let Convolution { inputs, outputs, .. } = self.convolution;
        let mut kernel = vec![0.0; kernel_shape(inputs, outputs).iter().product()];
        transform(&self.weight, Order::ChannelsFirst, inputs, outputs, &mut kernel);
        let mut found = self.before.clone();
        self.convolution.run(&self.input, &kernel, self.bias.as_deref(), &mut found);
        found
    }

    /// The definition.
    fn wanted(&self) -> Vec<f64> {
        let Convolution { images, size: [height, width], inputs, outputs, padding, add, relu } = self.convolution;
        let [rows, columns] = self.convolution.output_size().expect("the kernel fits");
        let mut wanted = Vec::with_capacity(self.before.len());
        for place in 0..images * rows * columns {
            let (image, row, column) = (place / (rows * columns), place / columns % rows, place % columns);
            for output in 0..outputs {
                let mut sum = self.bias.as_ref().map_or(0.0, |bias| f64::from(bias[output]));
                for (dy, dx) in (0..9).map(|k| (k / 3, k % 3)) {
                    let (y, x) = ((row + dy).wrapping_sub(padding[0]), (column + dx).wrapping_sub(padding[1]));
                    if y >= height || x >= width {
                        continue;
                    }
                    let pixel = &self.input[((image * height + y) * width + x) * inputs..][..inputs];
                    for (input, value) in pixel.iter().enumerate() {
                        let weight = self.weight[((output * inputs + input) * 3 + dy) * 3 + dx];
                        sum += f64::from(*value) * f64::from(weight);
                    }
                }
                let sum = if add { sum + f64::from(self.before[wanted.len()]) } else { sum };
                wanted.push(if relu { sum.max(0.0) } else { sum });
            }
        }
        wanted
    }
}

#[test]
fn every_size_padding_and_end_is_that_of_the_definition() {
    if !available() {
        return;
    }
    let mut worst = 0.0f64;
    for (k, size) in [[1, 1], [2, 3], [5, 4], [8, 8], [7, 61], [32, 32], [3, 120]].into_iter().enumerate() {
        for (padding, add, relu, bias) in [
            ([1, 1], false, false, false),
            ([0, 2], true, false, true),
            ([2, 0], false, true, true),
            ([1, 1], true, true, true),
        ] {
            let (inputs, outputs) = [(16, 16), (32, 16), (16, 48), (64, 64)][k % 4];
            let convolution = Convolution { images: 3, size, inputs, outputs, padding, add, relu };
            if convolution.output_size().is_none() {
                continue;
            }
            let case = Case::new(convolution, bias);
            let off = |(found, wanted): (f32, f64)| (f64::from(found) - wanted).abs();
            worst = case.run().into_iter().zip(case.wanted()).map(off).fold(worst, f64::max);
        }
    }
    // sums of up to 576 products of numbers up to a quarter: a few units in the last place of what is summed
    println!("off by {worst:.1e} at most");
    assert!(worst < 1e-5, "{worst}");
}

#[test]
fn bits_do_not_depend_on_the_company() {
    if !available() {
        return;
    }
    let convolution = |images| Convolution {
        images,
        size: [9, 14],
        inputs: 32,
        outputs: 32,
        padding: [1, 1],
        add: false,
        relu: true,
    };
    let many = Case::new(convolution(7), true);
    let image = many.input.len() / 7;
    let all = many.run();
    for (k, wanted) in all.chunks_exact(all.len() / 7).enumerate() {
        let one = Case { input: many.input[k * image..][..image].to_vec(), ..Case::new(convolution(1), true) };
        assert_eq!(one.run(), wanted, "image {k}");
    }
}

#[test]
fn a_large_kernel_and_both_orders_of_weights() {
    if !available() {
        return;
    }
    let convolution =
        Convolution { images: 2, size: [6, 5], inputs: 512, outputs: 512, padding: [1, 1], add: false, relu: false };
    let case = Case::new(convolution, false);
    let off = case.run().into_iter().zip(case.wanted()).map(|(found, wanted)| (f64::from(found) - wanted).abs());
    assert!(off.fold(0.0, f64::max) < 1e-4);
    // [outputs, inputs, 3, 3] as [outputs, 3, 3, inputs]
    let last: Vec<f32> =
        (0..9 * 512 * 512).map(|k| case.weight[(k / (9 * 512) * 512 + k % 512) * 9 + k / 512 % 9]).collect();
    let transformed = |weight: &[f32], order| {
        let mut kernel = vec![0.0; 16 * 512 * 512];
        transform(weight, order, 512, 512, &mut kernel);
        kernel
    };
    assert_eq!(transformed(&last, Order::ChannelsLast), transformed(&case.weight, Order::ChannelsFirst));
}

#[test]
fn not_a_number_stays_such_and_odd_channels_do_not_fit() {
    assert!(fits(16, 48) && !fits(8, 16) && !fits(16, 24) && !fits(0, 16));
    if !available() {
        return;
    }
    let convolution =
        Convolution { images: 1, size: [4, 4], inputs: 16, outputs: 16, padding: [1, 1], add: false, relu: true };
    let mut case = Case::new(convolution, false);
    case.input[0] = f32::NAN;
    assert!(case.run()[0].is_nan());
}
