//! Between the arrays of files and the tensors of libtorch.

use files::StateTensor;
use ndarray::ArrayD;
use tch::{Device, Kind, TchError, Tensor, kind::Element};

/// A copy of an array, of the same element type.
pub fn tensor(array: &files::Tensor) -> Tensor {
    match array {
        files::Tensor::F32(array) => to_tensor(array),
        files::Tensor::F64(array) => to_tensor(array),
        files::Tensor::I64(array) => to_tensor(array),
        files::Tensor::U8(array) => to_tensor(array),
    }
}

fn to_tensor<T: Element + Clone>(array: &ArrayD<T>) -> Tensor {
    let shape: Vec<i64> = array.shape().iter().map(|size| *size as i64).collect();
    let values = array.as_standard_layout();
    let values = values.as_slice().expect("standard layout is one slice");
    Tensor::from_slice(values).reshape(shape)
}

/// The state of a model on a device: reals as `real`, integers as they are.
pub fn state(entries: &[StateTensor], real: Kind, device: Device) -> Vec<Tensor> {
    let mut state = Vec::with_capacity(entries.len());
    for entry in entries {
        let mut value = tensor(&entry.tensor);
        if entry.tensor.is_float() {
            value = value.to_kind(real);
        }
        state.push(value.to_device(device));
    }
    state
}

/// Values as a tensor of the shape, element type and device of another.
pub(crate) fn like(values: &[f64], other: &Tensor) -> Tensor {
    let values = Tensor::from_slice(values).to_kind(other.kind());
    values.reshape(other.size()).to_device(other.device())
}

/// A tensor as an array for a file.
///
/// # Errors
/// An element type that files do not know.
pub fn array(tensor: &Tensor) -> Result<files::Tensor, TchError> {
    let tensor = tensor.detach().to_device(Device::Cpu);
    match tensor.kind() {
        Kind::Double => to_array(&tensor).map(files::Tensor::F64),
        Kind::Int64 => to_array(&tensor).map(files::Tensor::I64),
        Kind::Uint8 => to_array(&tensor).map(files::Tensor::U8),
        _ => to_array(&tensor.to_kind(Kind::Float)).map(files::Tensor::F32),
    }
}

fn to_array<T: Element + Clone + Default>(tensor: &Tensor) -> Result<ArrayD<T>, TchError> {
    let shape: Vec<usize> = tensor.size().iter().map(|size| *size as usize).collect();
    let count = tensor.numel();
    let mut values = vec![T::default(); count];
    tensor.contiguous().f_copy_data(&mut values, count)?;
    ArrayD::from_shape_vec(shape, values).map_err(|error| TchError::Shape(error.to_string()))
}
