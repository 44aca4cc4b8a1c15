//! Between the arrays of files and the tensors of libtorch.

use files::StateTensor;
use ndarray::ArrayD;
use tch::{Device, Kind, Tensor};

/// A copy of an array, of the same element type.
pub fn tensor(array: &files::Tensor) -> Tensor {
    fn copy<T: tch::kind::Element + Clone>(array: &ArrayD<T>) -> Tensor {
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
        if entry.tensor.is_float() { value.to_kind(real) } else { value }.to_device(device)
    };
    entries.iter().map(convert).collect()
}

/// A tensor as an array for a file.
///
/// # Errors
/// An element type that files do not know.
pub fn array(tensor: &Tensor) -> Result<files::Tensor, tch::TchError> {
    fn copy<T: tch::kind::Element + Clone + Default>(tensor: &Tensor) -> Result<ArrayD<T>, tch::TchError> {
        let shape: Vec<usize> = tensor.size().iter().map(|size| *size as usize).collect();
        let mut values = vec![T::default(); tensor.numel()];
        tensor.contiguous().f_copy_data(&mut values, tensor.numel())?;
        ArrayD::from_shape_vec(shape, values).map_err(|error| tch::TchError::Shape(error.to_string()))
    }
    let tensor = tensor.detach().to_device(Device::Cpu);
    match tensor.kind() {
        Kind::Double => copy(&tensor).map(files::Tensor::F64),
        Kind::Int64 => copy(&tensor).map(files::Tensor::I64),
        Kind::Uint8 => copy(&tensor).map(files::Tensor::U8),
        _ => copy(&tensor.to_kind(Kind::Float)).map(files::Tensor::F32),
    }
}
