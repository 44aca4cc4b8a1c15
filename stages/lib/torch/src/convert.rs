//! Between the arrays of files and the tensors of libtorch.

use files::StateTensor;
use half::bf16;
use ndarray::ArrayD;
use tch::{Device, Kind, Tensor, kind::Element};

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
        // SAFETY: there are so many of this type, one after the other, and they live as long as the tensor
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

/// A copy of an array, of the same element type.
pub fn tensor(array: &files::Tensor) -> Tensor {
    fn copy<T: Element + Clone>(array: &ArrayD<T>) -> Tensor {
        let shape: Vec<i64> = array.shape().iter().map(|size| *size as i64).collect();
        let values = array.as_standard_layout();
        Tensor::from_slice(values.as_slice().expect("standard layout is one slice")).reshape(shape)
    }
    match array {
        files::Tensor::F32(array) => copy(array),
        files::Tensor::F64(array) => copy(array),
        files::Tensor::I64(array) => copy(array),
        files::Tensor::U8(array) => copy(array),
    }
}

/// The state of a model on a device: reals as `real`, integers as they are.
pub fn state(entries: &[StateTensor], real: Kind, device: Device) -> Vec<Tensor> {
    let convert = |entry: &StateTensor| {
        let value = tensor(&entry.tensor);
        if entry.tensor.is_float() {
            value.to_kind(real)
        } else {
            value
        }
        .to_device(device)
    };
    entries.iter().map(convert).collect()
}

/// A tensor as an array for a file.
///
/// # Errors
/// An element type that files do not know.
pub fn array(tensor: &Tensor) -> Result<files::Tensor, tch::TchError> {
    fn copy<T: Element + Clone + Default>(tensor: &Tensor) -> Result<ArrayD<T>, tch::TchError> {
        let shape: Vec<usize> = tensor.size().iter().map(|size| *size as usize).collect();
        let mut values = vec![T::default(); tensor.numel()];
        tensor
            .contiguous()
            .f_copy_data(&mut values, tensor.numel())?;
        ArrayD::from_shape_vec(shape, values)
            .map_err(|error| tch::TchError::Shape(error.to_string()))
    }
    let tensor = tensor.detach().to_device(Device::Cpu);
    match tensor.kind() {
        Kind::Double => copy(&tensor).map(files::Tensor::F64),
        Kind::Int64 => copy(&tensor).map(files::Tensor::I64),
        Kind::Uint8 => copy(&tensor).map(files::Tensor::U8),
        _ => copy(&tensor.to_kind(Kind::Float)).map(files::Tensor::F32),
    }
}
