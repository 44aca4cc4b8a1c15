//! Tensors as views of storages: an element type, a shape, strides and an offset.

use std::collections::HashMap;

use anyhow::{Context, bail, ensure};
use files::Tensor;
use half::{bf16, f16};
use ndarray::ArrayD;
use pickle::View;

/// The most dimensions that PyTorch knows.
const MOST_DIMS: usize = 64;

/// Where a tensor lies.
pub(crate) struct TensorRef<'a> {
    /// Its shape, outermost first; not yet believed.
    pub(crate) shape: Vec<usize>,
    /// Its element type.
    pub(crate) element: Element,
    strides: Vec<usize>,
    offset: usize,
    storage: Storage<'a>,
}

/// Where a storage lies.
pub(super) struct Storage<'a> {
    pub(super) key: &'a str,
    pub(super) element: Element,
    count: usize,
    /// First element and count of the part that is meant (PyTorch before 0.4).
    view: Option<(usize, usize)>,
}

/// Element types, by their storage classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    F16,
    Bf16,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    /// Bytes and truth values.
    U8,
}

impl Element {
    fn of(class: &str) -> Option<Self> {
        Some(match class {
            "HalfStorage" => Self::F16,
            "BFloat16Storage" => Self::Bf16,
            "FloatStorage" => Self::F32,
            "DoubleStorage" => Self::F64,
            "CharStorage" => Self::I8,
            "ShortStorage" => Self::I16,
            "IntStorage" => Self::I32,
            "LongStorage" => Self::I64,
            "ByteStorage" | "BoolStorage" => Self::U8,
            _ => return None,
        })
    }

    /// Bytes of an element in the checkpoint.
    pub(super) fn width(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::F16 | Self::Bf16 | Self::I16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }

    /// Bytes of an element once it is imported.
    pub(crate) fn width_here(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::F16 | Self::Bf16 | Self::F32 => 4,
            Self::F64 | Self::I8 | Self::I16 | Self::I32 | Self::I64 => 8,
        }
    }
}

impl<'a> Storage<'a> {
    /// The storage of a persistent id: ('storage', class, key, location, count) and, in the old form, a part or None.
    pub(super) fn of(value: View<'a>) -> anyhow::Result<Self> {
        let storage = || {
            let mut id = value.persistent()?.items()?;
            let tag = id.next()?.name()?;
            let class = id.next()?.global()?.1;
            let key = id.next()?.name()?;
            let (_location, count) = (id.next()?, id.next()?.count()?);
            let view = match id.next().filter(|view| !view.is_none()) {
                None => None,
                Some(view) => {
                    let [_key, offset, count] = view.tuple()?;
                    Some((offset.count()?, count.count()?))
                }
            };
            let element = Element::of(class).filter(|_| tag == "storage")?;
            Some(Self { key, element, count, view })
        };
        storage().with_context(|| format!("{value} is none that PyTorch writes: the checkpoint is damaged"))
    }

    /// Its bytes, or those of the part that is meant.
    fn bytes<'b>(&self, storages: &HashMap<String, &'b [u8]>) -> anyhow::Result<&'b [u8]> {
        let (key, width) = (self.key.escape_debug(), self.element.width());
        let bytes = storages.get(self.key).with_context(|| format!("its storage \"{key}\" is not in the file"))?;
        ensure!(
            self.count.checked_mul(width) == Some(bytes.len()),
            "its storage \"{key}\" should have {} elements of {width} bytes and has {} bytes: the file is damaged",
            self.count,
            bytes.len()
        );
        let Some((offset, count)) = self.view else { return Ok(bytes) };
        let part = || bytes.get(offset.checked_mul(width)?..)?.get(..count.checked_mul(width)?);
        part().with_context(|| format!("{count} elements from {offset} reach beyond its storage \"{key}\""))
    }
}

impl<'a> TensorRef<'a> {
    /// Whether a value is meant as a tensor.
    pub(super) fn is(value: View) -> bool {
        value.call().is_some_and(|((module, name), _)| module == "torch._utils" && name.starts_with("_rebuild_"))
    }

    pub(super) fn of(value: View<'a>) -> anyhow::Result<Self> {
        let mut call = value.call();
        if let Some(((_, "_rebuild_parameter"), args)) = call {
            call = args.items().and_then(|mut args| args.next()).and_then(View::call);
        }
        let Some(((_, "_rebuild_tensor" | "_rebuild_tensor_v2"), args)) = call else {
            bail!("{value} is no tensor: the checkpoint is damaged");
        };
        let mut args = args.items().context("a tensor is made of nothing: the checkpoint is damaged")?;
        let storage = args.next().context("a tensor has no storage: the checkpoint is damaged")?;
        let numbers = (|| Some((args.next()?.count()?, counts(args.next()?)?, counts(args.next()?)?)))();
        let (offset, shape, strides) = numbers.context("its offset, shape or strides are no counts")?;
        let (dims, steps) = (shape.len(), strides.len());
        ensure!(dims == steps, "it has {dims} dimensions and {steps} strides: the checkpoint is damaged");
        // after requires_grad and hooks: bits of lazy conjugation and negation
        ensure!(args.nth(2).is_none_or(View::is_none), "it is a lazy view: save a clone() of it");
        let storage = Storage::of(storage)?;
        Ok(Self { shape, element: storage.element, strides, offset, storage })
    }

    /// Its values, each read where the strides say.
    pub(super) fn values(&self, storages: &HashMap<String, &[u8]>) -> anyhow::Result<Tensor> {
        let bytes = self.storage.bytes(storages)?;
        let there = bytes.len() / self.element.width();
        ensure!(
            self.end().is_some_and(|end| end <= there),
            "shape {:?}, strides {:?} and offset {} reach beyond a storage of {there} elements: the file is damaged",
            self.shape,
            self.strides,
            self.offset
        );
        Ok(match self.element {
            Element::F16 => Tensor::F32(self.gather(bytes, |b| f16::from_le_bytes(b).to_f32())?),
            Element::Bf16 => Tensor::F32(self.gather(bytes, |b| bf16::from_le_bytes(b).to_f32())?),
            Element::F32 => Tensor::F32(self.gather(bytes, f32::from_le_bytes)?),
            Element::F64 => Tensor::F64(self.gather(bytes, f64::from_le_bytes)?),
            Element::I8 => Tensor::I64(self.gather(bytes, |b| i8::from_le_bytes(b).into())?),
            Element::I16 => Tensor::I64(self.gather(bytes, |b| i16::from_le_bytes(b).into())?),
            Element::I32 => Tensor::I64(self.gather(bytes, |b| i32::from_le_bytes(b).into())?),
            Element::I64 => Tensor::I64(self.gather(bytes, i64::from_le_bytes)?),
            Element::U8 => Tensor::U8(self.gather(bytes, u8::from_le_bytes)?),
        })
    }

    /// One behind the last element that is read; `None` where that is beyond any memory.
    fn end(&self) -> Option<usize> {
        if self.shape.contains(&0) {
            return Some(0);
        }
        let mut last = self.offset;
        for (dim, stride) in self.shape.iter().zip(&self.strides) {
            last = last.checked_add((dim - 1).checked_mul(*stride)?)?;
        }
        last.checked_add(1)
    }

    /// The elements in row-major order; `end` was checked.
    fn gather<const N: usize, T>(&self, bytes: &[u8], read: impl Fn([u8; N]) -> T) -> anyhow::Result<ArrayD<T>> {
        let (elements, _) = bytes.as_chunks::<N>();
        let count = self.shape.iter().product();
        let mut values = Vec::with_capacity(count);
        let mut index = vec![0; self.shape.len()];
        let mut place = self.offset;
        for _ in 0..count {
            values.push(read(elements[place]));
            for (axis, index) in index.iter_mut().enumerate().rev() {
                *index += 1;
                if *index < self.shape[axis] {
                    place += self.strides[axis];
                    break;
                }
                place -= self.strides[axis] * (*index - 1);
                *index = 0;
            }
        }
        Ok(ArrayD::from_shape_vec(self.shape.clone(), values)?)
    }
}

/// Sizes or strides: a tuple, or a `torch.Size` of one.
fn counts(value: View) -> Option<Vec<usize>> {
    let value = match value.call() {
        Some((("torch", "Size"), args)) => args.tuple::<1>()?[0],
        _ => value,
    };
    value.items().filter(|items| items.len() <= MOST_DIMS)?.map(View::count).collect()
}
