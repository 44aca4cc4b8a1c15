use files::Tensor;
use half::{bf16, f16};

/// Element types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Element {
    /// IEEE half.
    F16,
    /// The upper half of an f32.
    Bf16,
    /// IEEE single.
    F32,
    /// IEEE double.
    F64,
    /// Signed byte.
    I8,
    /// Signed, 2 bytes.
    I16,
    /// Signed, 4 bytes.
    I32,
    /// Signed, 8 bytes.
    I64,
    /// Unsigned byte.
    U8,
    /// Truth value, a byte.
    Bool,
}

impl Element {
    /// Bytes of an element in the file.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::I8 | Self::U8 | Self::Bool => 1,
            Self::F16 | Self::Bf16 | Self::I16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }

    /// Bytes of an element once it is imported.
    pub(crate) fn width_here(self) -> usize {
        match self {
            Self::U8 | Self::Bool => 1,
            Self::F16 | Self::Bf16 | Self::F32 => 4,
            Self::F64 | Self::I8 | Self::I16 | Self::I32 | Self::I64 => 8,
        }
    }

    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::Bool => "bool",
        }
    }

    /// The number in the bytes of an element.
    pub(crate) fn real(self, bytes: &[u8]) -> f64 {
        let [a, b, c, d, e, f, g, h] =
            std::array::from_fn(|place| bytes.get(place).copied().unwrap_or_default());
        match self {
            Self::F16 => f16::from_le_bytes([a, b]).to_f64(),
            Self::Bf16 => bf16::from_le_bytes([a, b]).to_f64(),
            Self::F32 => f32::from_le_bytes([a, b, c, d]).into(),
            Self::F64 => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
            Self::I8 => i8::from_le_bytes([a]).into(),
            Self::I16 => i16::from_le_bytes([a, b]).into(),
            Self::I32 => i32::from_le_bytes([a, b, c, d]).into(),
            Self::I64 => i64::from_le_bytes([a, b, c, d, e, f, g, h]) as f64,
            Self::U8 | Self::Bool => a.into(),
        }
    }

    /// The elements at `places` of little-endian bytes, in an array of this shape: halves as f32,
    /// integers as i64.
    pub(crate) fn gather(
        self,
        bytes: &[u8],
        shape: &[usize],
        places: impl Iterator<Item = usize>,
    ) -> anyhow::Result<Tensor> {
        /// Each element by its bytes.
        fn array<const N: usize, T>(
            bytes: &[u8],
            shape: &[usize],
            places: impl Iterator<Item = usize>,
            value: impl Fn([u8; N]) -> T,
        ) -> anyhow::Result<ndarray::ArrayD<T>> {
            let (elements, _) = bytes.as_chunks::<N>();
            let values = places.map(|place| value(elements[place])).collect();
            Ok(ndarray::ArrayD::from_shape_vec(shape, values)?)
        }
        Ok(match self {
            Self::F16 => Tensor::F32(array(bytes, shape, places, |b| {
                f16::from_le_bytes(b).to_f32()
            })?),
            Self::Bf16 => Tensor::F32(array(bytes, shape, places, |b| {
                bf16::from_le_bytes(b).to_f32()
            })?),
            Self::F32 => Tensor::F32(array(bytes, shape, places, f32::from_le_bytes)?),
            Self::F64 => Tensor::F64(array(bytes, shape, places, f64::from_le_bytes)?),
            Self::I8 => Tensor::I64(array(bytes, shape, places, |b| {
                i8::from_le_bytes(b).into()
            })?),
            Self::I16 => Tensor::I64(array(bytes, shape, places, |b| {
                i16::from_le_bytes(b).into()
            })?),
            Self::I32 => Tensor::I64(array(bytes, shape, places, |b| {
                i32::from_le_bytes(b).into()
            })?),
            Self::I64 => Tensor::I64(array(bytes, shape, places, i64::from_le_bytes)?),
            Self::U8 | Self::Bool => Tensor::U8(array(bytes, shape, places, u8::from_le_bytes)?),
        })
    }
}
