//! Tensors as they lie in the memory of the CPU.

use half::bf16;
use tch::{Device, Kind, Tensor};

/// What the memory of a tensor holds. (tch has such a trait too, in which bf16 is that of f16.)
pub(crate) trait Plain: Copy {
    const KIND: Kind;
}

impl Plain for f32 {
    const KIND: Kind = Kind::Float;
}

impl Plain for f64 {
    const KIND: Kind = Kind::Double;
}

impl Plain for bf16 {
    const KIND: Kind = Kind::BFloat16;
}

/// An element type of weights: sums are formed in f64 and rounded once.
pub(crate) trait Real: Plain + Into<f64> {
    fn rounded(value: f64) -> Self;
}

impl Real for f32 {
    fn rounded(value: f64) -> Self {
        value as Self
    }
}

impl Real for f64 {
    fn rounded(value: f64) -> Self {
        value
    }
}

/// The values of a tensor in the memory of the CPU, in their order there.
pub(crate) fn values<T: Plain>(tensor: &Tensor) -> &[T] {
    check_plain::<T>(tensor);
    match tensor.numel() {
        0 => &[],
        // SAFETY: this many of this type lie one after the other, and live as long as the tensor
        count => unsafe { std::slice::from_raw_parts(tensor.data_ptr().cast(), count) },
    }
}

/// The same, to be written; whoever has such a tensor owns its memory, whatever shares it.
pub(crate) fn values_mut<T: Plain>(tensor: &mut Tensor) -> &mut [T] {
    check_plain::<T>(tensor);
    match tensor.numel() {
        0 => &mut [],
        // SAFETY: as above; no other slice of it exists while this one does
        count => unsafe { std::slice::from_raw_parts_mut(tensor.data_ptr().cast(), count) },
    }
}

fn check_plain<T: Plain>(tensor: &Tensor) {
    assert!(
        tensor.device() == Device::Cpu && tensor.is_contiguous() && tensor.kind() == T::KIND,
        "{tensor:?}"
    );
}

/// The values of a real tensor, in f64.
pub(crate) fn reals(tensor: &Tensor) -> Vec<f64> {
    let plain = tensor
        .to_device(Device::Cpu)
        .to_kind(Kind::Double)
        .contiguous();
    values::<f64>(&plain).to_vec()
}

/// Images `[N, C, H, W]` with the channels innermost in memory, where convolutions on the CPU are
/// twice as fast; other inputs are left alone.
pub(crate) fn channels_last(images: Tensor) -> Tensor {
    let &[count, channels, height, width] = &images.size()[..] else {
        return images;
    };
    let shape = [count, channels, height, width];
    let strides = [height * width * channels, 1, width * channels, channels];
    // with one channel both orders are the same in memory: only the strides tell convolutions
    // which is meant
    images
        .permute([0, 2, 3, 1])
        .contiguous()
        .as_strided(shape, strides, None)
}
