//! numpy's `.npz`: a zip archive of `.npy` files, each a header and the elements.

use std::borrow::Cow;

use anyhow::{Context, bail, ensure};

use crate::{
    Element, Entry, State, TensorRef,
    archive::{self, Archive},
    harmless, shown,
    tensor::row_major,
};

const SUFFIX: &str = ".npy";
/// How many times its file's size a data set may have: pictures shrink to a fifth, bombs to a
/// thousandth.
const MOST_DEFLATED: usize = 100;
const MAGIC: &[u8] = b"\x93NUMPY";

pub(crate) fn is(archive: &Archive) -> bool {
    let mut names = archive.names().peekable();
    names.peek().is_some() && names.all(|name| name.ends_with(SUFFIX))
}

/// The arrays, of `most` bytes together.
pub(crate) fn state<'a>(archive: &Archive<'a>, most: usize) -> anyhow::Result<State<'a>> {
    let mut entries = Vec::new();
    for name in archive.names() {
        let array = npy(archive.content(name)?).with_context(|| shown(name).to_string())?;
        let name = name.trim_end_matches(SUFFIX).to_string();
        entries.push((name, Entry::Tensor(array)));
    }
    State::new(entries, most)
}

/// The arrays of an `.npz` file of data, by name.
///
/// # Errors
/// No such file, or damage.
pub fn arrays(bytes: &[u8]) -> anyhow::Result<State<'_>> {
    ensure!(archive::is(bytes), "it is no .npz file of numpy");
    harmless(data(bytes))
}

/// The arrays of an `.npz` file of data.
fn data(bytes: &[u8]) -> anyhow::Result<State<'_>> {
    let most = bytes.len().saturating_mul(MOST_DEFLATED);
    let archive = Archive::read(bytes, most)?;
    ensure!(
        is(&archive),
        "it is no .npz file of numpy: it holds more than arrays (.npy)"
    );
    state(&archive, most)
}

/// What follows a key in the header of an array, which is a dictionary in Python.
fn field<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!("'{name}':"))?;
    Some(rest.trim_start())
}

/// One array; see numpy.lib.format for the form.
fn npy(bytes: Cow<'_, [u8]>) -> anyhow::Result<TensorRef<'_>> {
    let header = bytes
        .strip_prefix(MAGIC)
        .context("it does not begin as a .npy file")?;
    let (len, start) = match header {
        [1, _, a, b, ..] => (usize::from(u16::from_le_bytes([*a, *b])), 10),
        [2 | 3, _, a, b, c, d, ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, 12),
        _ => bail!("it is a .npy file of a version that is not read here"),
    };
    let header = bytes
        .get(start..)
        .and_then(|rest| rest.get(..len))
        .context("it is cut short")?;
    let header = str::from_utf8(header).context("its header is no text")?;
    let (Some(descr), Some(fortran), Some(shape)) = (
        field(header, "descr"),
        field(header, "fortran_order"),
        field(header, "shape"),
    ) else {
        bail!("its header says no type, order or shape")
    };

    let element = element(descr)?;
    let inside = shape.strip_prefix('(').context("its shape is none")?;
    let (sizes, _) = inside.split_once(')').context("its shape is none")?;
    let mut shape: Vec<usize> = Vec::new();
    for size in sizes.split(',').map(str::trim) {
        // a tuple of one size ends with a comma
        if !size.is_empty() {
            shape.push(size.parse().context("its shape is none")?);
        }
    }
    let strides = if fortran.starts_with("True") {
        let reversed: Vec<usize> = shape.iter().rev().copied().collect();
        row_major(&reversed).map(|strides| strides.into_iter().rev().collect())
    } else {
        row_major(&shape)
    };
    let strides = strides.with_context(|| format!("its shape {shape:?} is beyond any memory"))?;
    let start = start + len;
    let elements = match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[start..]),
        Cow::Owned(mut bytes) => {
            bytes.drain(..start);
            Cow::Owned(bytes)
        }
    };
    TensorRef::new(element, shape, strides, 0, elements)
}

/// The element type of a description such as `'<f4'`.
fn element(descr: &str) -> anyhow::Result<Element> {
    let quoted = descr
        .strip_prefix('\'')
        .and_then(|descr| descr.split_once('\''));
    let (descr, _) = quoted.context("its elements have several fields, which is not read here")?;
    Ok(match descr {
        "<f2" => Element::F16,
        "<f4" => Element::F32,
        "<f8" => Element::F64,
        "|i1" => Element::I8,
        "<i2" => Element::I16,
        "<i4" => Element::I32,
        "<i8" => Element::I64,
        "|u1" => Element::U8,
        "|b1" => Element::Bool,
        other if other.contains('O') => {
            bail!("it holds Python objects, which only Python can make: save plain arrays")
        }
        other => {
            bail!(
                "it has the element type {}, which is not read here: save float32, int64 or uint8",
                shown(other)
            )
        }
    })
}
