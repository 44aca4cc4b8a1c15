//! CIFAR-10: an archive, or the first batch in any of its forms.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// Bytes of memory: the whole data set, several times.
const MOST: usize = 1 << 30;

fuzz_target!(|bytes: &[u8]| {
    let folder = fuzz::Folder::new();
    let name = match bytes {
        [0x1f, 0x8b, ..] => "archive.tar.gz",
        [0x89, ..] => "data_batch_1.png",
        [b'[', ..] => "train_lables.json",
        [0x80, ..] => "data_batch_1",
        _ => "data_batch_1.bin",
    };
    let file = folder.file(name, bytes);
    let labels = format!("[0{}]", ",1".repeat(9999));
    match name {
        "archive.tar.gz" => {}
        "train_lables.json" => drop(folder.file("data_batch_1.png", b"")),
        _ => drop(folder.file("train_lables.json", labels.as_bytes())),
    }
    let path = if name == "archive.tar.gz" {
        &file
    } else {
        &folder.path
    };
    fuzz::within(MOST, || import_data::cifar10::read(path).map(drop));
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::mutate::file(data, size, most, seed)
});
