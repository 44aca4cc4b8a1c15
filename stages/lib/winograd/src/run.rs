use std::cell::RefCell;

use half::bf16;

use crate::{convolution::Convolution, element::Element, fits, kernel_shape, memory::Memory};

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

impl Convolution {
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
}
