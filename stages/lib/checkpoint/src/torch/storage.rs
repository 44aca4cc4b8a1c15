use std::borrow::Cow;

use anyhow::{Context, bail, ensure};
use pickle::View;

use super::Storages;
use crate::{Element, TensorRef};

/// Where a storage lies.
pub(super) struct Storage<'p> {
    pub(super) key: &'p str,
    pub(super) element: Element,
    count: usize,
    /// First element and count of the part that is meant (PyTorch before 0.4).
    view: Option<(usize, usize)>,
}

fn element(class: &str) -> Option<Element> {
    Some(match class {
        "HalfStorage" => Element::F16,
        "BFloat16Storage" => Element::Bf16,
        "FloatStorage" => Element::F32,
        "DoubleStorage" => Element::F64,
        "CharStorage" => Element::I8,
        "ShortStorage" => Element::I16,
        "IntStorage" => Element::I32,
        "LongStorage" => Element::I64,
        "ByteStorage" => Element::U8,
        "BoolStorage" => Element::Bool,
        _ => return None,
    })
}

impl<'p> Storage<'p> {
    /// The storage of a persistent id: ('storage', class, key, location, count) and, in the old
    /// form, a part or None.
    pub(super) fn of(value: View<'p>) -> anyhow::Result<Self> {
        Self::parsed(value).with_context(|| {
            format!("{value} is none that PyTorch writes: the checkpoint is damaged")
        })
    }

    fn parsed(value: View<'p>) -> Option<Self> {
        let mut id = value.persistent()?.items()?;
        let tag = id.next()?.name()?;
        let (_, class) = id.next()?.global()?;
        let key = id.next()?.name()?;
        let _location = id.next()?;
        let count = id.next()?.count()?;
        let view = match id.next() {
            Some(view) if !view.is_none() => {
                let [_key, offset, count] = view.tuple()?;
                Some((offset.count()?, count.count()?))
            }
            _ => None,
        };
        let element = element(class)?;
        (tag == "storage").then_some(Self {
            key,
            element,
            count,
            view,
        })
    }

    /// Its bytes, or those of the part that is meant.
    fn bytes<'a>(&self, storages: &Storages<'a>) -> anyhow::Result<&'a [u8]> {
        let (key, width) = (self.key.escape_debug(), self.element.width());
        let bytes = storages
            .get(self.key)
            .with_context(|| format!("its storage \"{key}\" is not in the file"))?;
        ensure!(
            self.count.checked_mul(width) == Some(bytes.len()),
            "its storage \"{key}\" should have {} elements of {width} bytes and has {} bytes: the \
             file is damaged",
            self.count,
            bytes.len()
        );
        let Some((offset, count)) = self.view else {
            return Ok(bytes);
        };
        part(bytes, width, offset, count).with_context(|| {
            format!("{count} elements from {offset} reach beyond its storage \"{key}\"")
        })
    }
}

/// `count` elements of a storage from the element `offset` on.
fn part(bytes: &[u8], width: usize, offset: usize, count: usize) -> Option<&[u8]> {
    let rest = bytes.get(offset.checked_mul(width)?..)?;
    rest.get(..count.checked_mul(width)?)
}

/// Whether a value is meant as a tensor.
pub(super) fn is_tensor(value: View) -> bool {
    value.call().is_some_and(|((module, name), _)| {
        module == "torch._utils" && name.starts_with("_rebuild_")
    })
}

/// The tensor that a value would make.
pub(super) fn tensor<'a>(value: View, storages: &Storages<'a>) -> anyhow::Result<TensorRef<'a>> {
    let mut call = value.call();
    if let Some(((_, "_rebuild_parameter" | "_rebuild_parameter_with_state"), args)) = call {
        call = args
            .items()
            .and_then(|mut args| args.next())
            .and_then(View::call);
    }
    let Some(((_, "_rebuild_tensor" | "_rebuild_tensor_v2"), args)) = call else {
        bail!("{value} is no tensor: the checkpoint is damaged");
    };
    let mut args = args
        .items()
        .context("a tensor is made of nothing: the checkpoint is damaged")?;
    let storage = args
        .next()
        .context("a tensor has no storage: the checkpoint is damaged")?;
    let numbers = (|| {
        Some((
            args.next()?.count()?,
            counts(args.next()?)?,
            counts(args.next()?)?,
        ))
    })();
    let (offset, shape, strides) = numbers.context("its offset, shape or strides are no counts")?;
    // after requires_grad and hooks: bits of lazy conjugation and negation
    ensure!(
        args.nth(2).is_none_or(View::is_none),
        "it is a lazy view: save a clone() of it"
    );
    let storage = Storage::of(storage)?;
    TensorRef::new(
        storage.element,
        shape,
        strides,
        offset,
        Cow::Borrowed(storage.bytes(storages)?),
    )
}

/// Sizes or strides: a tuple, or a `torch.Size` of one.
fn counts(value: View) -> Option<Vec<usize>> {
    let value = match value.call() {
        Some((("torch", "Size"), args)) => args.tuple::<1>()?[0],
        _ => value,
    };
    value.items()?.map(View::count).collect()
}
