use std::{
    cell::RefCell,
    ops::{Deref, DerefMut},
};

use half::bf16;

use crate::{PANEL, Tile, element::Element, fits, kernel_shape};

/// Numbers of a transformed kernel that caches do not hold.
const LARGE: usize = 3 << 20;
/// Numbers of a transformed tile and its products, of which caches hold twelve but not twenty-four.
const WIDE: usize = 5000;
/// Numbers in a line of the caches.
const LINE: usize = 16;

/// A convolution of images whose channels lie last, `[images, height, width, channels]`, and what
/// comes after it.
#[derive(Debug, Clone, Copy)]
pub struct Convolution {
    /// How many there are.
    pub images: usize,
    /// Height and width of the input.
    pub size: [usize; 2],
    /// Input channels.
    pub inputs: usize,
    /// Output channels.
    pub outputs: usize,
    /// Rows of zeros above and below, columns of zeros left and right.
    pub padding: [usize; 2],
    /// Whether the result is added to what the output holds.
    pub add: bool,
    /// Whether negative results become 0.
    pub relu: bool,
    /// How much is computed at once.
    pub tile: Tile,
}

/// Memory of a thread, used again by every convolution.
#[derive(Default)]
pub(crate) struct Memory {
    /// Transformed tiles: for each frequency those of all tiles, each with all its channels.
    pub(crate) inputs: Lines,
    /// Products, likewise.
    pub(crate) outputs: Lines,
    /// A row of an image in the padding, or no bias.
    pub(crate) zeros: Vec<f32>,
}

/// Numbers that begin with a line of the caches: a register that lies in two of them is read and
/// written twice.
#[derive(Default)]
pub(crate) struct Lines(Vec<f32>);

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

impl Convolution {
    /// Height and width of the output; `None` where the kernel is larger than the padded input.
    pub fn output_size(&self) -> Option<[usize; 2]> {
        let [height, width] =
            [0, 1].map(|axis| (self.size[axis] + 2 * self.padding[axis]).checked_sub(2));
        height
            .zip(width)
            .filter(|(height, width)| height * width > 0)
            .map(<[usize; 2]>::from)
    }

    /// Computes it with a kernel of [`crate::transform`] and a bias of one value an output channel.
    ///
    /// # Panics
    /// Where [`crate::available`] or [`crate::fits`] says no, or slices have other sizes than the
    /// convolution says.
    pub fn run(&self, input: &[f32], kernel: &[f32], bias: Option<&[f32]>, output: &mut [f32]) {
        self.compute(input, kernel, bias, output);
    }

    /// The same between images in bfloat16: computed in f32, each result rounded to nearest even.
    ///
    /// # Panics
    /// As [`Convolution::run`].
    pub fn run_bf16(
        &self,
        input: &[bf16],
        kernel: &[f32],
        bias: Option<&[f32]>,
        output: &mut [bf16],
    ) {
        self.compute(input, kernel, bias, output);
    }

    fn compute<T: Element>(
        &self,
        input: &[T],
        kernel: &[f32],
        bias: Option<&[f32]>,
        output: &mut [T],
    ) {
        let [height, width] = self
            .output_size()
            .expect("the kernel fits into the padded input");
        assert!(fits(self.inputs, self.outputs), "channels in sixteens");
        assert_eq!(
            input.len(),
            self.images * self.size[0] * self.size[1] * self.inputs,
            "values of the input"
        );
        assert_eq!(
            output.len(),
            self.images * height * width * self.outputs,
            "values of the output"
        );
        assert_eq!(
            kernel.len(),
            kernel_shape(self.tile, self.inputs, self.outputs)
                .iter()
                .product::<usize>(),
            "values of the transformed kernel"
        );
        assert_eq!(
            bias.map_or(self.outputs, <[f32]>::len),
            self.outputs,
            "values of the bias"
        );
        #[cfg(target_arch = "x86_64")]
        if let Some(registers) = crate::vector::Width::of_this_processor() {
            let numbers = crate::tiles::Numbers {
                input,
                kernel: kernel.as_chunks().0,
                bias,
                output,
            };
            return MEMORY.with_borrow_mut(|memory| {
                memory.grow(self);
                // SAFETY: the processor has the registers, and sizes were checked
                unsafe { registers.run(self, memory, numbers) }
            });
        }
        panic!("this processor has neither AVX2 with FMA nor AVX-512");
    }

    /// Tiles that are transformed at once: as caches hold them, and many where the kernel is large,
    /// which is read once for all of them. In sixes and twelves, which are multiplied at once.
    pub(crate) fn block(&self) -> usize {
        let frequencies = self.tile.frequencies();
        match (
            frequencies * self.inputs * self.outputs,
            frequencies * (self.inputs + self.outputs),
        ) {
            (LARGE.., _) => 96,
            (_, WIDE..) => 12,
            _ => 24,
        }
    }

    /// Numbers from one frequency to the next in memory; not a power of two, which caches would
    /// hold in few places.
    pub(crate) fn frequency(&self, channels: usize) -> usize {
        self.block() * channels + PANEL
    }
}

impl Memory {
    pub(crate) fn grow(&mut self, convolution: &Convolution) {
        let grow =
            |numbers: &mut Vec<f32>, size: usize| numbers.resize(size.max(numbers.len()), 0.0);
        grow(
            &mut self.inputs.0,
            convolution.tile.frequencies() * convolution.frequency(convolution.inputs) + LINE,
        );
        grow(
            &mut self.outputs.0,
            convolution.tile.frequencies() * convolution.frequency(convolution.outputs) + LINE,
        );
        grow(
            &mut self.zeros,
            (convolution.size[1] * convolution.inputs).max(convolution.outputs),
        );
    }
}

impl Deref for Lines {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0[self.0.as_ptr().align_offset(LINE * size_of::<f32>())..]
    }
}

impl DerefMut for Lines {
    fn deref_mut(&mut self) -> &mut [f32] {
        let start = self.0.as_ptr().align_offset(LINE * size_of::<f32>());
        &mut self.0[start..]
    }
}
