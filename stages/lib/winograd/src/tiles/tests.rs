use half::bf16;

use super::*;
use crate::kernel_shape;

fn numbers(count: usize) -> Vec<f32> {
    (0..count)
        .map(|k| ((k * 7919) % 1009) as f32 / 1009.0 - 0.5)
        .collect()
}

fn same<T: Element + PartialEq>(tile: Tile, element: impl Fn(f32) -> T) {
    let (inputs, outputs) = (48, 32);
    let convolution = Convolution {
        images: 3,
        size: [7, 21],
        inputs,
        outputs,
        padding: [1, 1],
        add: true,
        relu: true,
        tile,
    };
    let elements = |count: usize| -> Vec<T> { numbers(count).into_iter().map(&element).collect() };
    let (input, bias) = (elements(3 * 7 * 21 * inputs), numbers(outputs));
    let kernel = numbers(kernel_shape(tile, inputs, outputs).iter().product());
    let [eight, sixteen] = [Width::Eight, Width::Sixteen].map(|width| {
        let (mut memory, mut output) = (Memory::default(), elements(3 * 7 * 21 * outputs));
        memory.grow(&convolution);
        let numbers = Numbers {
            input: &input,
            kernel: kernel.as_chunks().0,
            bias: Some(&bias),
            output: &mut output,
        };
        // SAFETY: a processor with AVX-512 has AVX2 too, and sizes are those of the convolution
        unsafe { width.run(&convolution, &mut memory, numbers) };
        output
    });
    assert!(eight == sixteen && eight.iter().any(|value| *value != element(0.0)));
}

#[test]
fn registers_of_both_widths_give_the_same_bits() {
    if Width::of_this_processor() != Some(Width::Sixteen) {
        return;
    }
    for tile in [Tile::Two, Tile::Four] {
        same(tile, |value| value);
        same(tile, bf16::from_f32);
    }
}
