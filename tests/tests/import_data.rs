//! import-data: IDX and CIFAR-10 in their forms, the options, and what it refuses.

use std::{fs, path::Path};

use files::{DatasetFile, Split, Tensor};
use tests::{Workdir, python};

/// An IDX file of bytes.
fn idx(path: &Path, shape: &[u32], values: &[u8]) {
    let mut bytes = vec![0, 0, 8, shape.len() as u8];
    bytes.extend(shape.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(values);
    fs::write(path, bytes).unwrap();
}

/// 20 training and 5 test images of 2 × 3; labels count modulo 10.
fn write_idx(workdir: &Workdir) {
    fs::create_dir(workdir.path("idx")).unwrap();
    for (prefix, count) in [("train", 20u8), ("t10k", 5)] {
        let pixels: Vec<u8> = (0..count * 6).collect();
        let labels: Vec<u8> = (0..count).map(|k| k % 10).collect();
        idx(
            &workdir.path(&format!("idx/{prefix}-images-idx3-ubyte")),
            &[count.into(), 2, 3],
            &pixels,
        );
        idx(
            &workdir.path(&format!("idx/{prefix}-labels-idx1-ubyte")),
            &[count.into()],
            &labels,
        );
    }
}

fn targets(workdir: &Workdir, name: &str, split: Split) -> Vec<i64> {
    let data = DatasetFile::open(&workdir.path(name)).unwrap();
    match data.examples(&split, None).unwrap().targets.unwrap() {
        Tensor::I64(targets) => targets.into_iter().collect(),
        other => panic!("the targets are {}", other.dtype()),
    }
}

#[test]
fn idx_files_are_read_gzipped_or_not() {
    let workdir = Workdir::new();
    write_idx(&workdir);
    workdir.ok("import-data idx idx --output plain.h5");
    let data = DatasetFile::open(&workdir.path("plain.h5")).unwrap();
    let examples = data.examples(&Split::Train, None).unwrap();
    assert_eq!(examples.input().shape(), [20, 1, 2, 3]);
    let Tensor::U8(inputs) = examples.input() else {
        panic!("the inputs are {}", examples.input().dtype())
    };
    assert_eq!(
        inputs.iter().copied().collect::<Vec<_>>(),
        (0..120).collect::<Vec<u8>>()
    );
    assert_eq!(targets(&workdir, "plain.h5", Split::Test), [0, 1, 2, 3, 4]);
    // of x/255, as numpy computes them for 0 to 119
    let (mean, std) = (data.normalization.mean[0], data.normalization.std[0]);
    assert!(
        (mean - 59.5 / 255.0).abs() < 1e-6 && (std - 34.6398 / 255.0).abs() < 1e-6,
        "{mean} {std}"
    );

    python(
        &workdir,
        "import gzip, os
for name in os.listdir('idx'):
    with open('idx/' + name, 'rb') as f: data = f.read()
    with gzip.open('idx/' + name + '.gz', 'wb') as f: f.write(data)
    os.remove('idx/' + name)
",
    );
    workdir.ok("import-data idx idx --output gzipped.h5");
    let id = |name| DatasetFile::open(&workdir.path(name)).unwrap().header.id;
    assert_eq!(id("gzipped.h5"), id("plain.h5"));
}

#[test]
fn parts_of_one_seed_make_the_whole_and_seeds_differ() {
    let workdir = Workdir::new();
    write_idx(&workdir);
    // each training image says by its first byte which it was
    let part = |name: &str, options: &str| -> Vec<u8> {
        workdir.ok(&format!("import-data idx idx {options} --output {name}"));
        let data = DatasetFile::open(&workdir.path(name)).unwrap();
        match data.examples(&Split::Train, None).unwrap().input() {
            Tensor::U8(inputs) => inputs.iter().step_by(6).map(|first| first / 6).collect(),
            other => panic!("the inputs are {}", other.dtype()),
        }
    };
    let mut all: Vec<u8> = (1..=3)
        .flat_map(|k| part(&format!("{k}.h5"), &format!("--split {k}/3 --seed 7")))
        .collect();
    assert_ne!(part("again.h5", "--split 1/3 --seed 8"), all[..7]);
    all.sort_unstable();
    assert_eq!(all, (0..20).collect::<Vec<u8>>());
    assert_eq!(part("limit.h5", "--limit 4"), [0, 1, 2, 3]);
    assert_eq!(targets(&workdir, "1.h5", Split::Test).len(), 5);
}

#[test]
fn labels_are_corrupted_in_training_alone() {
    let workdir = Workdir::new();
    write_idx(&workdir);
    workdir.ok("import-data idx idx --corrupt-labels 1 --seed 3 --output a.h5");
    workdir.ok("import-data idx idx --corrupt-labels 1 --seed 3 --output again.h5");
    let (corrupted, clean) = (
        targets(&workdir, "a.h5", Split::Train),
        (0..20).map(|k| k % 10).collect::<Vec<i64>>(),
    );
    let kept = corrupted.iter().zip(&clean).filter(|(a, b)| a == b).count();
    assert!(kept < 10, "{kept} of 20 labels survived");
    assert_eq!(targets(&workdir, "again.h5", Split::Train), corrupted);
    assert_eq!(targets(&workdir, "a.h5", Split::Test), [0, 1, 2, 3, 4]);
    workdir.ok("import-data idx idx --corrupt-labels 0 --output zero.h5");
    assert_eq!(targets(&workdir, "zero.h5", Split::Train), clean);
}

/// Batches of the right form and size, but black: whatever their form, only the checksum tells that they are not the
/// official ones, so all of the reading was done. The first one is refused, so most others are left out.
#[test]
fn each_form_of_cifar10_is_read_and_what_is_not_official_is_refused() {
    let workdir = Workdir::new();
    python(
        &workdir,
        "import numpy, os, pickle, tarfile
os.mkdir('cifar-10-batches-py')
for name in 'data_batch_1', 'test_batch':
    with open('cifar-10-batches-py/' + name, 'wb') as f:
        pickle.dump({b'labels': [0] * 10000, b'data': numpy.zeros((10000, 3072), 'u1')}, f, protocol=3)
with tarfile.open('cifar-10-python.tar.gz', 'w:gz', compresslevel=1) as archive: archive.add('cifar-10-batches-py')
os.mkdir('binary')
for name in 'data_batch_1', 'test_batch':
    with open('binary/' + name + '.bin', 'wb') as f: f.write(bytes(10000 * 3073))
os.mkdir('short')
with open('short/data_batch_1', 'wb') as f: pickle.dump({'labels': [0] * 9, 'data': numpy.zeros((9, 3072), 'u1')}, f)
os.mkdir('evil')
class Evil:
    def __reduce__(self): return os.system, ('touch evil/done',)
with open('evil/data_batch_1', 'wb') as f: pickle.dump(Evil(), f)
",
    );
    let refused =
        |path: &str| workdir.fails(&format!("import-data cifar10 {path} --output data.h5"));
    for (path, file) in [
        (".", "data_batch_1"),
        ("cifar-10-python.tar.gz", "data_batch_1"),
        ("binary", "data_batch_1.bin"),
    ] {
        let stderr = refused(path);
        let said = format!(
            "{file} has, in binary form, the MD5 229a4f9bbbc879e7371f2391ac1f4775, the official one is \
             5dd7e06a14cb22eb9f671a540d1b7c25"
        );
        assert!(stderr.contains(&said), "{path}: {stderr}");
    }
    let stderr = refused("short");
    assert!(
        stderr.contains("no numpy array of 10000 × 3072 bytes"),
        "{stderr}"
    );
    // posix or nt, by the machine that wrote it
    let stderr = refused("evil");
    assert!(
        stderr.contains(".system, which is not among the few names"),
        "{stderr}"
    );
    assert!(!workdir.path("evil/done").exists());
}

#[test]
fn what_is_no_data_set_is_refused() {
    let workdir = Workdir::new();
    write_idx(&workdir);
    fs::create_dir(workdir.path("empty")).unwrap();
    for (wrong, said) in [
        ("idx nowhere", "nowhere is no folder"),
        ("idx empty", "holds neither train-images-idx3-ubyte"),
        (
            "idx idx --classes a,b,c",
            "goes up to class 9, but --classes names 3",
        ),
        ("idx idx --normalize paper", "paper"),
        ("idx idx --normalize 0.5/0", "0"),
        ("idx idx --normalize 0.5,0.5/1,1", "channel"),
        ("idx idx --split 4/3", "part 4 of 3 does not exist"),
        ("idx idx --split 1/21", "21 parts of 20"),
        ("idx idx --corrupt-labels 1.5", "not a probability"),
        ("cifar10 nowhere", "nowhere"),
        ("cifar10 empty", "data_batch_1"),
    ] {
        let stderr = workdir.fails(&format!("import-data {wrong} --output data.h5"));
        assert!(stderr.contains(said), "{wrong}: {stderr}");
    }
    idx(
        &workdir.path("idx/train-images-idx3-ubyte"),
        &[20, 2, 1 << 30],
        &[0; 9],
    );
    let stderr = workdir.fails("import-data idx idx --output data.h5");
    assert!(
        stderr.contains("wants 42949672960 bytes, more than") && stderr.contains("times the file"),
        "{stderr}"
    );
}
