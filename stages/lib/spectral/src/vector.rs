use serde::{Deserialize, Serialize};

/// Sums of products are formed in this many parts, which a processor adds side by side. The order
/// is fixed, so a sum has the same bits everywhere.
const LANES: usize = 8;

/// The precision in which vectors are kept. All sums are formed in f64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Element {
    /// Single precision: products in f32 are good to some 1e-6.
    F32,
    /// Double precision.
    F64,
}

impl Element {
    /// How far products with vectors of this precision may be off, over the largest eigenvalue.
    pub fn noise(self) -> f64 {
        match self {
            Self::F32 => 1e-6,
            Self::F64 => 1e-14,
        }
    }
}

/// A vector in memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Vector {
    /// In single precision.
    F32(Vec<f32>),
    /// In double precision.
    F64(Vec<f64>),
}

impl Vector {
    /// `factor` times `values`, each rounded once.
    pub(crate) fn scaled(values: &[f64], factor: f64, element: Element) -> Self {
        match element {
            Element::F32 => Self::F32(values.iter().map(|it| (it * factor) as f32).collect()),
            Element::F64 => Self::F64(values.iter().map(|it| it * factor).collect()),
        }
    }

    /// The product with a vector of the same length.
    pub fn dot(&self, other: &[f64]) -> f64 {
        match self {
            Self::F32(values) => dot(values, other),
            Self::F64(values) => dot(values, other),
        }
    }

    /// Adds `factor` times this vector to `sum`.
    pub fn add_to(&self, sum: &mut [f64], factor: f64) {
        match self {
            Self::F32(values) => add(values, sum, factor),
            Self::F64(values) => add(values, sum, factor),
        }
    }

    /// Its values in double precision.
    pub fn to_f64(&self) -> Vec<f64> {
        match self {
            Self::F32(values) => values.iter().map(|value| f64::from(*value)).collect(),
            Self::F64(values) => values.clone(),
        }
    }

    /// Its values as bytes, in the order of this machine.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::F32(values) => bytemuck::cast_slice(values),
            Self::F64(values) => bytemuck::cast_slice(values),
        }
    }

    /// The vector of such bytes; `None` where they are no whole number of values.
    pub fn from_bytes(bytes: &[u8], element: Element) -> Option<Self> {
        match element {
            Element::F32 => {
                let (values, []) = bytes.as_chunks::<4>() else {
                    return None;
                };
                let values = values.iter().copied().map(f32::from_ne_bytes);
                Some(Self::F32(values.collect()))
            }
            Element::F64 => {
                let (values, []) = bytes.as_chunks::<8>() else {
                    return None;
                };
                let values = values.iter().copied().map(f64::from_ne_bytes);
                Some(Self::F64(values.collect()))
            }
        }
    }
}

/// The product of two vectors, summed in f64.
pub(crate) fn dot<T: Copy + Into<f64>>(a: &[T], b: &[f64]) -> f64 {
    let (a_rows, a_rest) = a.as_chunks::<LANES>();
    let (b_rows, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a_row, b_row) in a_rows.iter().zip(b_rows) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += a_row[lane].into() * b_row[lane];
        }
    }
    let mut sum = sums.iter().sum::<f64>();
    for (a, b) in a_rest.iter().zip(b_rest) {
        sum += (*a).into() * b;
    }
    sum
}

fn add<T: Copy + Into<f64>>(values: &[T], sum: &mut [f64], factor: f64) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += factor * (*value).into();
    }
}

/// The Euclidean norm.
pub(crate) fn norm(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}
