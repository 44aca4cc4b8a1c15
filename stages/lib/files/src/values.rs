//! Numbers and texts of HDF5, as the types of the contract.

use half::{bf16, f16};
use hdf5_reader::{
    Attribute, ByteOrder, Dataset, Datatype, H5Type, SliceInfo, StringPadding, StringSize,
    VarLenKind,
    error::{Error, Result},
};
use ndarray::{ArrayD, IxDyn};

use crate::Tensor;

/// The element types that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    F16,
    BF16,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    Bool,
}

impl Element {
    /// The element type of a datatype, whose message is `raw`; `None` where it holds no numbers.
    pub(crate) fn of(datatype: &Datatype, raw: &[u8]) -> Option<Self> {
        match datatype {
            Datatype::FloatingPoint { size, .. } => Self::float(*size, raw),
            Datatype::FixedPoint { size, signed, .. } => match (size, signed) {
                (1, true) => Some(Self::I8),
                (2, true) => Some(Self::I16),
                (4, true) => Some(Self::I32),
                (8, true) => Some(Self::I64),
                (1, false) => Some(Self::U8),
                (2, false) => Some(Self::U16),
                (4, false) => Some(Self::U32),
                (8, false) => Some(Self::U64),
                _ => None,
            },
            Datatype::Enum { members, .. } => {
                let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
                (names == ["FALSE", "TRUE"]).then_some(Self::Bool)
            }
            _ => None,
        }
    }

    /// Floats of the IEEE's forms, and bfloat16, by the bits of their exponents.
    fn float(size: u8, raw: &[u8]) -> Option<Self> {
        // the message: class and flags, the size, offset and precision in bits, then where the
        // exponent lies and its bits
        const EXPONENT_BITS: usize = 13;
        match (size, raw.get(EXPONENT_BITS)?) {
            (2, 5) => Some(Self::F16),
            (2, 8) => Some(Self::BF16),
            (4, 8) => Some(Self::F32),
            (8, 11) => Some(Self::F64),
            _ => None,
        }
    }

    /// What it is read as: halves are widened, which loses nothing, and other integers become i64.
    pub(crate) fn dtype(self) -> &'static str {
        match self {
            Self::F16 | Self::BF16 | Self::F32 => "f32",
            Self::F64 => "f64",
            Self::U8 | Self::Bool => "u8",
            Self::I8 | Self::I16 | Self::I32 | Self::I64 | Self::U16 | Self::U32 | Self::U64 => {
                "i64"
            }
        }
    }
}

/// Bytes of an element as it is read.
pub(crate) fn width(dtype: &str) -> usize {
    match dtype {
        "u8" => 1,
        "f32" => 4,
        _ => 8,
    }
}

/// Values that can be read as the type that they are stored in.
pub(crate) trait Numbers {
    fn read<T: H5Type>(&self) -> Result<ArrayD<T>>;
}

impl Numbers for Dataset {
    fn read<T: H5Type>(&self) -> Result<ArrayD<T>> {
        self.read_array()
    }
}

/// A part of a dataset.
pub(crate) struct Part<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) selection: SliceInfo,
}

impl Numbers for Part<'_> {
    fn read<T: H5Type>(&self) -> Result<ArrayD<T>> {
        self.dataset.read_slice(&self.selection)
    }
}

impl Numbers for Attribute {
    fn read<T: H5Type>(&self) -> Result<ArrayD<T>> {
        let shape: Vec<usize> = self.shape.iter().map(|size| *size as usize).collect();
        ArrayD::from_shape_vec(IxDyn(&shape), self.read_1d()?)
            .map_err(|why| Error::InvalidData(why.to_string()))
    }
}

/// Reads numbers of an element type.
pub(crate) fn tensor(numbers: &impl Numbers, element: Element) -> Result<Tensor> {
    Ok(match element {
        Element::F16 => Tensor::F32(numbers.read::<Half>()?.mapv(|half| half.0)),
        Element::BF16 => Tensor::F32(numbers.read::<Brain>()?.mapv(|half| half.0)),
        Element::F32 => Tensor::F32(numbers.read()?),
        Element::F64 => Tensor::F64(numbers.read()?),
        Element::I8 => Tensor::I64(numbers.read::<i8>()?.mapv(i64::from)),
        Element::I16 => Tensor::I64(numbers.read::<i16>()?.mapv(i64::from)),
        Element::I32 => Tensor::I64(numbers.read::<i32>()?.mapv(i64::from)),
        Element::I64 => Tensor::I64(numbers.read()?),
        Element::U8 => Tensor::U8(numbers.read()?),
        Element::U16 => Tensor::I64(numbers.read::<u16>()?.mapv(i64::from)),
        Element::U32 => Tensor::I64(numbers.read::<u32>()?.mapv(i64::from)),
        Element::U64 => Tensor::I64(numbers.read::<u64>()?.mapv(|value| {
            // as libhdf5 converts it
            i64::try_from(value).unwrap_or(i64::MAX)
        })),
        Element::Bool => Tensor::U8(numbers.read::<Truth>()?.mapv(|truth| truth.0)),
    })
}

/// A half-precision number.
#[derive(Clone)]
struct Half(f32);
/// A bfloat16.
#[derive(Clone)]
struct Brain(f32);
/// A truth value as h5py stores it, 0 or 1.
#[derive(Clone)]
struct Truth(u8);

impl H5Type for Half {
    fn hdf5_type() -> Datatype {
        two_bytes()
    }

    fn from_bytes(bytes: &[u8], datatype: &Datatype) -> Result<Self> {
        Ok(Self(f16::from_bits(bits(bytes, datatype)?).to_f32()))
    }

    fn element_size(_: &Datatype) -> usize {
        2
    }
}

impl H5Type for Brain {
    fn hdf5_type() -> Datatype {
        two_bytes()
    }

    fn from_bytes(bytes: &[u8], datatype: &Datatype) -> Result<Self> {
        Ok(Self(bf16::from_bits(bits(bytes, datatype)?).to_f32()))
    }

    fn element_size(_: &Datatype) -> usize {
        2
    }
}

impl H5Type for Truth {
    fn hdf5_type() -> Datatype {
        u8::hdf5_type()
    }

    fn from_bytes(bytes: &[u8], _: &Datatype) -> Result<Self> {
        let is_set = bytes.iter().any(|byte| *byte != 0);
        Ok(Self(u8::from(is_set)))
    }

    fn element_size(datatype: &Datatype) -> usize {
        match datatype {
            Datatype::Enum { base, .. } => u8::element_size(base),
            _ => 1,
        }
    }
}

fn two_bytes() -> Datatype {
    Datatype::FloatingPoint {
        size: 2,
        byte_order: ByteOrder::LittleEndian,
    }
}

fn bits(bytes: &[u8], datatype: &Datatype) -> Result<u16> {
    let too_short = || Error::InvalidData("half a number".into());
    let bytes = *bytes.first_chunk().ok_or_else(too_short)?;
    match datatype {
        Datatype::FloatingPoint {
            byte_order: ByteOrder::BigEndian,
            ..
        } => Ok(u16::from_be_bytes(bytes)),
        _ => Ok(u16::from_le_bytes(bytes)),
    }
}

/// How texts are stored.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TextForm {
    /// Each in this many bytes.
    Fixed(usize, StringPadding),
    /// Each as a reference to bytes elsewhere.
    Variable(StringPadding),
}

impl TextForm {
    /// The form of texts of a datatype; `None` where it holds none.
    pub(crate) fn of(datatype: &Datatype) -> Option<Self> {
        match datatype {
            Datatype::String { size, padding, .. } => Some(match size {
                StringSize::Fixed(length) => Self::Fixed(*length as usize, *padding),
                StringSize::Variable => Self::Variable(*padding),
            }),
            Datatype::VarLen {
                base,
                kind: VarLenKind::String,
                padding,
                ..
            } if base.is_vlen_string_base() => Some(Self::Variable(*padding)),
            _ => None,
        }
    }

    /// The text of these bytes.
    pub(crate) fn text(self, bytes: &[u8]) -> Result<String> {
        let padding = match self {
            Self::Fixed(_, padding) | Self::Variable(padding) => padding,
        };
        let end = match padding {
            StringPadding::NullTerminate => bytes.iter().position(|byte| *byte == 0),
            StringPadding::NullPad => after_last(bytes, 0),
            StringPadding::SpacePad => after_last(bytes, b' '),
        };
        let text = &bytes[..end.unwrap_or(bytes.len())];
        match std::str::from_utf8(text) {
            Ok(text) => Ok(text.to_string()),
            Err(_) => Err(Error::Other("a text is not valid UTF-8".into())),
        }
    }
}

/// Where the padding at the end of a text begins.
fn after_last(bytes: &[u8], padding: u8) -> Option<usize> {
    let last = bytes.iter().rposition(|byte| *byte != padding);
    Some(last.map_or(0, |last| last + 1))
}

/// A word for what a datatype holds.
pub(crate) fn described(datatype: &Datatype) -> &'static str {
    match datatype {
        Datatype::FixedPoint { .. } => "integers",
        Datatype::FloatingPoint { .. } => "real numbers",
        Datatype::String { .. } => "texts",
        Datatype::Compound { .. } => "compound values",
        Datatype::Array { .. } => "arrays",
        Datatype::Enum { .. } => "an enumeration",
        Datatype::VarLen { .. } => "lists of varying length",
        Datatype::Opaque { .. } => "opaque bytes",
        Datatype::Reference { .. } => "references",
        Datatype::Bitfield { .. } => "bit fields",
    }
}
