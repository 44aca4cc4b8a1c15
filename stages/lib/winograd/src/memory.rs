use std::ops::{Deref, DerefMut};

use crate::convolution::Convolution;

/// Numbers in a line of the caches.
const LINE: usize = 16;

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

impl Memory {
    pub(crate) fn grow(&mut self, convolution: &Convolution) {
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

/// Makes room for this many numbers.
fn grow(numbers: &mut Vec<f32>, size: usize) {
    numbers.resize(size.max(numbers.len()), 0.0);
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
