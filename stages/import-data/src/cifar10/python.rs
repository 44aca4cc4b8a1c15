//! The python batches: a pickled dictionary of an array of images and a list of labels.

use std::borrow::Cow;

use anyhow::Context;
use pickle::{Pickle, View};

use super::{IMAGES, PIXELS, interleave};

/// What a numpy array is made of; none of it is ever called.
const ALLOWED: pickle::Names = &[
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
];

/// Bytes of memory for the labels and file names of a batch.
const MEMORY: usize = 16 << 20;

/// Binary records of a batch.
pub(crate) fn records(pickle: &[u8]) -> anyhow::Result<Vec<u8>> {
    let pickle = Pickle::read(pickle, ALLOWED, MEMORY)?;
    let batch = pickle.root();
    let listed = entry(batch, "labels")?.items();
    let mut labels = Vec::new();
    for label in listed.context("its labels are no list")? {
        let label = label.int().and_then(|label| u8::try_from(label).ok());
        labels.push(label.context("a label is no class from 0 to 9")?);
    }
    interleave(&labels, &images(entry(batch, "data")?)?)
}

/// An entry of a batch.
fn entry<'a>(batch: View<'a>, key: &str) -> anyhow::Result<View<'a>> {
    batch
        .get(key)
        .with_context(|| format!("it has no \"{key}\"; it is {batch}"))
}

/// The elements of a numpy array of bytes, row by row.
fn images(array: View) -> anyhow::Result<Cow<[u8]>> {
    let found = elements(array).with_context(|| {
        format!("its data are no numpy array of {IMAGES} × {PIXELS} bytes but {array}")
    })?;
    let (elements, by_columns) = found;
    if !by_columns {
        return Ok(elements);
    }
    let mut rows = Vec::with_capacity(elements.len());
    for image in 0..IMAGES {
        rows.extend(elements.iter().skip(image).step_by(IMAGES));
    }
    Ok(rows.into())
}

/// The elements of a numpy array of that shape and type, and whether columns lie together; `None`
/// where it is another value.
fn elements(array: View) -> Option<(Cow<[u8]>, bool)> {
    let ((_, "_reconstruct"), _) = array.call()? else {
        return None;
    };
    // numpy's __setstate__: version, shape, element type, whether columns lie together, elements
    let [_, shape, dtype, by_columns, elements] = array.state()?.tuple()?;
    if shape.tuple()?.map(View::count) != [Some(IMAGES), Some(PIXELS)] {
        return None;
    }
    let (_, args) = dtype.call()?;
    if !matches!(args.items()?.next()?.name()?, "u1" | "|u1") {
        return None;
    }
    let elements = elements.bytes()?;
    let whole = elements.len() == IMAGES * PIXELS;
    whole.then_some((elements, by_columns.bool() == Some(true)))
}
