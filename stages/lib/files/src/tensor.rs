use ndarray::{ArrayD, ArrayViewD, IxDyn};

/// A tensor of one of the element types that the files know.
#[derive(Debug, Clone, PartialEq)]
pub enum Tensor {
    /// Weights, activations.
    F32(ArrayD<f32>),
    /// Losses, and weights that were trained so.
    F64(ArrayD<f64>),
    /// Classes, tokens, counters.
    I64(ArrayD<i64>),
    /// Images, truth values.
    U8(ArrayD<u8>),
}

impl Tensor {
    /// Its shape, outermost first; empty for a scalar.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::F32(array) => array.shape(),
            Self::F64(array) => array.shape(),
            Self::I64(array) => array.shape(),
            Self::U8(array) => array.shape(),
        }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether it has no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its element type: `f32`, `f64`, `i64` or `u8`.
    pub fn dtype(&self) -> &'static str {
        match self {
            Self::F32(_) => "f32",
            Self::F64(_) => "f64",
            Self::I64(_) => "i64",
            Self::U8(_) => "u8",
        }
    }

    /// Whether its elements are real numbers, which directions move; integers never move.
    pub fn is_float(&self) -> bool {
        matches!(self, Self::F32(_) | Self::F64(_))
    }

    /// The elements as f32, whatever they are stored as.
    pub fn to_f32(&self) -> ArrayD<f32> {
        match self {
            Self::F32(array) => array.clone(),
            Self::F64(array) => array.mapv(|value| value as f32),
            Self::I64(array) => array.mapv(|value| value as f32),
            Self::U8(array) => array.mapv(f32::from),
        }
    }

    /// The first `count` entries along the first dimension (all where there are fewer).
    pub fn first(mut self, count: usize) -> Self {
        fn cut<T>(array: &mut ArrayD<T>, count: usize) {
            array.slice_axis_inplace(ndarray::Axis(0), (..count.min(array.shape()[0])).into());
        }
        match &mut self {
            Self::F32(array) => cut(array, count),
            Self::F64(array) => cut(array, count),
            Self::I64(array) => cut(array, count),
            Self::U8(array) => cut(array, count),
        }
        self
    }
}

/// An f64 array over one axis, as a view that items take.
pub(crate) fn line(values: &[f64]) -> ArrayViewD<'_, f64> {
    ArrayViewD::from_shape(IxDyn(&[values.len()]), values)
        .expect("a slice has the shape of its length")
}
