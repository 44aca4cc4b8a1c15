//! PNG and JPEG images of a folder.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// Bytes of memory that an image of a few bytes may take.
const MOST: usize = 256 << 20;

fuzz_target!(|bytes: &[u8]| {
    let folder = fuzz::Folder::new();
    let ending = if bytes.starts_with(&[0xff, 0xd8]) {
        "jpg"
    } else {
        "png"
    };
    folder.file(&format!("train/cat/1.{ending}"), bytes);
    for size in [None, Some("3x2".parse().expect("a size"))] {
        fuzz::within(MOST, || {
            import_data::folder::read(&folder.path, size).map(drop)
        });
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::mutate::file(data, size, most, seed)
});
