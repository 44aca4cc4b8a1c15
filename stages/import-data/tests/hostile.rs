//! Files of strangers: what is small on disk stays small in memory, names that are not UTF-8, and
//! what fuzzing found.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use import_data::{Raw, cifar10, folder, idx, npz};
use tempfile::TempDir;

fn write(folder: &TempDir, name: impl AsRef<Path>, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn refused(read: anyhow::Result<Raw>) -> String {
    match read {
        Ok(_) => panic!("it was read"),
        Err(error) => format!("{error:#}"),
    }
}

/// A grey PNG that says this size and holds one pixel of it.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    // zlib, one stored block: no filter, a black pixel
    let pixels = [0x78, 1, 1, 2, 0, 0xfd, 0xff, 0, 0, 0, 2, 0, 1];
    writer.write_chunk(png::chunk::IDAT, &pixels).unwrap();
    drop(writer);
    bytes
}

#[test]
fn images_of_any_size_in_a_few_bytes_are_refused() {
    for (width, height) in [(30_000, 30_000), (u32::MAX >> 1, 1), (1 << 20, 1 << 20)] {
        let there = TempDir::new().unwrap();
        write(&there, "train/cat/1.png", &png(width, height));
        for size in [None, Some("8".parse().unwrap())] {
            let said = refused(folder::read(there.path(), size));
            assert!(said.contains("1.png cannot be read: "), "{said}");
        }
    }
}

#[test]
fn gzipped_zeros_are_refused() {
    let there = TempDir::new().unwrap();
    let mut bomb = vec![0, 0, 8, 3];
    bomb.extend([64u32, 1024, 1024].map(u32::to_be_bytes).concat());
    bomb.resize(16 + (64 << 20), 0);
    write(&there, "train-images-idx3-ubyte.gz", &gzipped(&bomb));
    write(&there, "train-labels-idx1-ubyte", &[0, 0, 8, 1, 0, 0, 0, 0]);
    let said = refused(idx::read(there.path(), &"mnist".parse().unwrap()));
    assert!(said.contains("which is 100 times the file"), "{said}");
}

#[test]
fn idx_images_without_pixels_and_two_forms_of_one_file_are_refused() {
    let there = TempDir::new().unwrap();
    let images = [&[0, 0, 8, 3][..], &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4]].concat();
    write(&there, "train-images-idx3-ubyte", &images);
    let labels = [0, 0, 8, 1, 0, 0, 0, 1, 0];
    write(&there, "train-labels-idx1-ubyte", &labels);
    let said = refused(idx::read(there.path(), &"mnist".parse().unwrap()));
    assert!(said.contains("images without pixels"), "{said}");
    let name = "train-labels-idx1-ubyte.gz";
    write(&there, name, &gzipped(&labels));
    let said = refused(idx::read(there.path(), &"mnist".parse().unwrap()));
    assert!(said.contains(name) && said.contains("both there"), "{said}");
}

#[test]
fn names_that_are_not_utf8_are_refused_with_their_path() {
    let strange = OsStr::from_bytes(b"caf\xe9");
    for name in [
        Path::new("train").join(strange).join("1.png"),
        Path::new("train/cat").join(OsStr::from_bytes(b"\xe9.png")),
        Path::new(strange).join("cat/1.png"),
    ] {
        let there = TempDir::new().unwrap();
        write(&there, name, &png(1, 1));
        let said = refused(folder::read(there.path(), None));
        assert!(
            said.contains("has a name that is not UTF-8: rename it"),
            "{said}"
        );
    }
    let there = TempDir::new().unwrap();
    write(&there, "train/café/é.png", &png(1, 1));
    assert_eq!(folder::read(there.path(), None).unwrap().classes, ["café"]);
}

/// The files of `tests/fuzz/found/TARGET`.
fn found(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/found");
    let entries = fs::read_dir(folder.join(target)).into_iter().flatten();
    entries
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn what_the_fuzzer_found_stays_mended() {
    for bytes in found("npz") {
        npz::parse(&bytes).ok();
    }
    for bytes in found("images") {
        let there = TempDir::new().unwrap();
        write(&there, "train/cat/1.png", &bytes);
        write(&there, "train/cat/1.jpg", &bytes);
        folder::read(there.path(), None).ok();
    }
    for bytes in found("idx") {
        let there = TempDir::new().unwrap();
        write(&there, "train-images-idx3-ubyte", &bytes);
        write(&there, "train-labels-idx1-ubyte", &bytes);
        idx::read(there.path(), &"mnist".parse().unwrap()).ok();
    }
    for bytes in found("cifar10") {
        let there = TempDir::new().unwrap();
        cifar10::read(&write(&there, "archive.tgz", &bytes)).ok();
        write(&there, "data_batch_1", &bytes);
        cifar10::read(there.path()).ok();
    }
}
