//! How fast convolutions are, beside the multiplications and additions that a core can do: `cargo run --release -p winograd
//! --example speed`. Both alternate; figures are medians, in operations of the usual convolution.

use std::{hint::black_box, time::Instant};

use winograd::{Convolution, Order, kernel_shape, transform};

/// Channels in and out, side of the images, images: those of ResNets and VGGs for CIFAR-10, and some of DenseNet's.
const SHAPES: [(usize, usize, usize, usize); 7] = [
    (16, 16, 32, 32),
    (32, 32, 16, 32),
    (64, 64, 8, 32),
    (128, 32, 16, 16),
    (64, 64, 32, 32),
    (256, 256, 8, 32),
    (512, 512, 4, 32),
];
const LINE: usize = 16;
const ROUNDS: usize = 30;

fn main() {
    println!("channels  side   GFLOP/s  peak  ratio  transform ms");
    for (inputs, outputs, side, images) in SHAPES {
        let mut numbers = numbers();
        let mut some = |count: usize| -> Vec<f32> { (0..count + LINE).map(|_| numbers()).collect() };
        let (mut input, mut weight) = (some(images * side * side * inputs), some(outputs * 9 * inputs));
        let (mut output, mut kernel) =
            (some(images * side * side * outputs), some(kernel_shape(inputs, outputs).iter().product()));
        let [input, weight, output, kernel] = [&mut input[..], &mut weight, &mut output, &mut kernel].map(aligned);
        let size = [side; 2];
        let convolution = Convolution { images, size, inputs, outputs, padding: [1, 1], add: false, relu: false };
        let operations = (2 * images * side * side * inputs * outputs * 9) as f64;
        let mut times: [Vec<f64>; 3] = Default::default();
        for _ in 0..ROUNDS {
            times[0].push(seconds(|| transform(weight, Order::ChannelsLast, inputs, outputs, kernel)));
            times[1].push(seconds(|| convolution.run(input, kernel, None, output)));
            times[2].push(seconds(multiply_and_add) / MULTIPLICATIONS);
        }
        let [transform, run, one] = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[ROUNDS / 2]
        });
        let (speed, peak) = (operations / run / 1e9, 2.0 / one / 1e9);
        println!("{inputs:3} {outputs:3} {side:6} {speed:9.0} {peak:6.0} {:6.2} {:8.3}", speed / peak, 1e3 * transform);
    }
}

/// The same numbers each time, between -½ and ½.
fn numbers() -> impl FnMut() -> f32 {
    let mut seed = 1u32;
    move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 24) as f32 - 0.5
    }
}

/// From the start of a line of the caches on, as libtorch has its tensors.
fn aligned(numbers: &mut [f32]) -> &mut [f32] {
    let (start, count) = (numbers.as_ptr().align_offset(64), numbers.len() - LINE);
    &mut numbers[start..start + count]
}

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

const STEPS: usize = 20_000;
const SUMS: usize = 192;
const MULTIPLICATIONS: f64 = (STEPS * SUMS) as f64;

/// Sums that fill the registers.
fn multiply_and_add() {
    #[target_feature(enable = "avx2,fma")]
    fn wide() {
        let (mut sums, factor) = ([1.0f32; SUMS / 2], black_box(1e-3f32));
        for _ in 0..2 * STEPS {
            for sum in &mut sums {
                *sum = sum.mul_add(factor, factor);
            }
        }
        black_box(sums);
    }
    #[cfg(target_arch = "x86_64")]
    if winograd::available() {
        // SAFETY: the processor has AVX2 and FMA, or what includes them
        unsafe { wide() }
    }
}
