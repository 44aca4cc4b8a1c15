//! How fast convolutions are, beside the multiplications and additions that a core can do: `cargo
//! run --release -p winograd
//! --example speed`. Both alternate; figures are medians, in operations of the usual convolution.

#![allow(clippy::print_stdout, reason = "its output is all that it is for")]

use std::{hint::black_box, time::Instant};

use half::bf16;
use winograd::{Convolution, Order, Tile, kernel_shape, transform};

/// Channels in and out, side of the images, images: those of ResNets and VGGs for CIFAR-10, and
/// some of DenseNet's.
const SHAPES: [(usize, usize, usize, usize); 7] = [
    (16, 16, 32, 32),
    (32, 32, 16, 32),
    (64, 64, 8, 32),
    (128, 32, 16, 16),
    (64, 64, 32, 32),
    (256, 256, 8, 32),
    (512, 512, 4, 32),
];
/// Elements that a line of the caches holds at most.
const LINE: usize = 32;
const ROUNDS: usize = 30;

fn main() {
    println!("channels  side   GFLOP/s    bf16  peak  ratio   bf16  transform ms   bf16");
    for (inputs, outputs, side, images) in SHAPES {
        let mut numbers = numbers();
        let mut some =
            |count: usize| -> Vec<f32> { (0..count + LINE).map(|_| numbers()).collect() };
        let (values, results) = (
            images * side * side * inputs,
            images * side * side * outputs,
        );
        let mut kernels = [Tile::Two, Tile::Four]
            .map(|tile| some(kernel_shape(tile, inputs, outputs).iter().product()));
        let (mut input, mut weight, mut output) =
            (some(values), some(outputs * 9 * inputs), some(results));
        let [mut half_input, mut half_output] =
            [&input, &output].map(|of| of.iter().copied().map(bf16::from_f32).collect::<Vec<_>>());
        let [input, weight, output] = [&mut input[..], &mut weight, &mut output].map(aligned);
        let [half_input, half_output] = [&mut half_input[..], &mut half_output].map(aligned);
        let [kernel, half_kernel] = kernels.each_mut().map(|kernel| aligned(&mut kernel[..]));
        let convolution = |tile| Convolution {
            images,
            size: [side; 2],
            inputs,
            outputs,
            padding: [1, 1],
            add: false,
            relu: false,
            tile,
        };
        let (two, four) = (convolution(Tile::Two), convolution(Tile::Four));
        let operations = (2 * results * inputs * 9) as f64;
        let mut times: [Vec<f64>; 5] = Default::default();
        for _ in 0..ROUNDS {
            times[0].push(seconds(|| two.run(input, kernel, None, output)));
            times[1].push(seconds(|| {
                four.run_bf16(half_input, half_kernel, None, half_output)
            }));
            times[2].push(seconds(multiply_and_add) / MULTIPLICATIONS);
            times[3].push(seconds(|| {
                transform(
                    Tile::Two,
                    weight,
                    Order::ChannelsLast,
                    inputs,
                    outputs,
                    kernel,
                )
            }));
            times[4].push(seconds(|| {
                transform(
                    Tile::Four,
                    weight,
                    Order::ChannelsLast,
                    inputs,
                    outputs,
                    half_kernel,
                )
            }));
        }
        let [two, four, one, transform, half_transform] = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[ROUNDS / 2]
        });
        let [two, four, peak] =
            [operations / two, operations / four, 2.0 / one].map(|speed| speed / 1e9);
        println!(
            "{inputs:3} {outputs:3} {side:6} {two:9.0} {four:7.0} {peak:6.0} {:6.2} {:6.2} {:8.3} {:12.3}",
            two / peak,
            four / peak,
            1e3 * transform,
            1e3 * half_transform
        );
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
fn aligned<T>(numbers: &mut [T]) -> &mut [T] {
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
