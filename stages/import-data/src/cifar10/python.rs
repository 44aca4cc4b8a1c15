//! The python batches: a pickled dictionary of an array of images and a list of labels.

use std::borrow::Cow;

use anyhow::{Context, ensure};
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
    let entry = |key| {
        batch
            .get(key)
            .with_context(|| format!("it has no \"{key}\"; it is {batch}"))
    };
    let labels = entry("labels")?.items().context("its labels are no list")?;
    let label = |label: View| label.int().and_then(|label| u8::try_from(label).ok());
    let labels: Vec<u8> = labels
        .map(label)
        .collect::<Option<_>>()
        .context("a label is no class from 0 to 9")?;
    interleave(&labels, &images(entry("data")?)?)
}

/// The elements of a numpy array of bytes, row by row.
fn images(array: View) -> anyhow::Result<Cow<[u8]>> {
    let wanted = || format!("its data are no numpy array of {IMAGES} × {PIXELS} bytes but {array}");
    let ((_, "_reconstruct"), _) = array.call().with_context(wanted)? else {
        anyhow::bail!(wanted())
    };
    // numpy's __setstate__: version, shape, element type, whether columns lie together, elements
    let [_, shape, dtype, by_columns, elements] =
        array.state().and_then(View::tuple).with_context(wanted)?;
    let shape: [Option<usize>; 2] = shape.tuple().with_context(wanted)?.map(View::count);
    let dtype = dtype
        .call()
        .and_then(|(_, args)| args.items()?.next()?.name());
    ensure!(
        shape == [Some(IMAGES), Some(PIXELS)] && matches!(dtype, Some("u1" | "|u1")),
        wanted()
    );
    let elements = elements
        .bytes()
        .filter(|bytes| bytes.len() == IMAGES * PIXELS)
        .with_context(wanted)?;
    if by_columns.bool() != Some(true) {
        return Ok(elements);
    }
    let row = |image| elements.iter().skip(image).step_by(IMAGES).copied();
    Ok((0..IMAGES).flat_map(row).collect::<Vec<u8>>().into())
}
