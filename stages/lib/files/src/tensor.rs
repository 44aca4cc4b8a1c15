use std::{borrow::Cow, ops::Range};

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

    /// The elements as f64, whatever they are stored as.
    pub(crate) fn into_f64(self) -> ArrayD<f64> {
        match self {
            Self::F32(array) => array.mapv(f64::from),
            Self::F64(array) => array,
            Self::I64(array) => array.mapv(|value| value as f64),
            Self::U8(array) => array.mapv(f64::from),
        }
    }

    /// The elements as f32, whatever they are stored as.
    pub(crate) fn into_f32(self) -> ArrayD<f32> {
        match self {
            Self::F32(array) => array,
            other => other.to_f32(),
        }
    }

    /// The first `count` entries along the first dimension (all where there are fewer).
    pub fn first(self, count: usize) -> Self {
        self.entries(0..count)
    }

    /// Some entries along the first dimension, as far as it has them.
    pub(crate) fn entries(mut self, range: Range<usize>) -> Self {
        fn cut<T>(array: &mut ArrayD<T>, range: Range<usize>) {
            let count = array.shape()[0];
            let range = range.start.min(count)..range.end.min(count);
            array.slice_axis_inplace(ndarray::Axis(0), range.into());
        }
        match &mut self {
            Self::F32(array) => cut(array, range),
            Self::F64(array) => cut(array, range),
            Self::I64(array) => cut(array, range),
            Self::U8(array) => cut(array, range),
        }
        self
    }

    /// Makes room for more entries along the first dimension.
    pub(crate) fn reserve(&mut self, entries: usize) {
        let axis = ndarray::Axis(0);
        // what cannot be reserved here is when it is appended
        let _ = match self {
            Self::F32(array) => array.reserve(axis, entries),
            Self::F64(array) => array.reserve(axis, entries),
            Self::I64(array) => array.reserve(axis, entries),
            Self::U8(array) => array.reserve(axis, entries),
        };
    }

    /// Appends the entries of a tensor of the same element type and, but for their number, shape.
    pub(crate) fn append(&mut self, other: &Self) {
        fn add<T: Clone>(array: &mut ArrayD<T>, other: &ArrayD<T>) {
            array
                .append(ndarray::Axis(0), other.view())
                .expect("parts of one array");
        }
        match (self, other) {
            (Self::F32(array), Self::F32(other)) => add(array, other),
            (Self::F64(array), Self::F64(other)) => add(array, other),
            (Self::I64(array), Self::I64(other)) => add(array, other),
            (Self::U8(array), Self::U8(other)) => add(array, other),
            _ => unreachable!("parts of one array"),
        }
    }

    /// Its elements as bytes, little-endian, in row-major order.
    pub(crate) fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Self::F32(array) => bytes(array),
            Self::F64(array) => bytes(array),
            Self::I64(array) => bytes(array),
            Self::U8(array) => bytes(array),
        }
    }
}

fn bytes<T: bytemuck::NoUninit>(array: &ArrayD<T>) -> Cow<'_, [u8]> {
    match array.as_slice() {
        Some(values) => bytemuck::cast_slice(values).into(),
        None => {
            let values: Vec<T> = array.iter().copied().collect();
            bytemuck::cast_slice(&values).to_vec().into()
        }
    }
}

/// An array over one axis, as a view that items take.
pub(crate) fn line<T>(values: &[T]) -> ArrayViewD<'_, T> {
    ArrayViewD::from_shape(IxDyn(&[values.len()]), values)
        .expect("a slice has the shape of its length")
}
