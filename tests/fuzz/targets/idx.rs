//! IDX files, gzipped or not: of images, or of labels.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

const IMAGES: &[u8] = &[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9];
const LABELS: &[u8] = &[0, 0, 8, 1, 0, 0, 0, 2, 1, 0];

fuzz_target!(|bytes: &[u8]| {
    let folder = fuzz::Folder::new();
    let ending = if bytes.starts_with(&[0x1f, 0x8b]) {
        ".gz"
    } else {
        ""
    };
    let (images, labels) = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    let (fuzzed, other, right) = match bytes {
        [0, 0, 8, 1, ..] => (labels, images, IMAGES),
        _ => (images, labels, LABELS),
    };
    folder.file(&format!("{fuzzed}{ending}"), bytes);
    folder.file(other, right);
    let classes = "mnist".parse().expect("known names");
    fuzz::within(128 * bytes.len() + (16 << 20), || {
        import_data::idx::read(&folder.path, &classes).map(drop)
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::mutate::file(data, size, most, seed)
});
