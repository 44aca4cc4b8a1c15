//! Checkpoints written by PyTorch (`tests/golden/checkpoints/make.py`) against the values that PyTorch had, and damage.

use std::{collections::BTreeMap, fs, path::PathBuf};

use files::{StateTensor, Tensor};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::matching;

/// By name: element type, shape, and all values or the one that all are.
type Expected = BTreeMap<String, (String, Vec<usize>, Vec<f64>)>;

fn golden(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/checkpoints");
    fs::read(folder.join(name)).unwrap()
}

fn import(bytes: &[u8], key: Option<&str>) -> anyhow::Result<Vec<StateTensor>> {
    Ok(matching::architecture("resnet20", &checkpoint::read(bytes, key)?)?.1)
}

fn values(tensor: &Tensor) -> Vec<f64> {
    match tensor {
        Tensor::F32(values) => values.iter().map(|value| f64::from(*value)).collect(),
        Tensor::F64(values) => values.iter().copied().collect(),
        Tensor::I64(values) => values.iter().map(|value| *value as f64).collect(),
        Tensor::U8(values) => values.iter().map(|value| f64::from(*value)).collect(),
    }
}

#[test]
fn every_form_gives_the_values_that_pytorch_saved() {
    let expected: BTreeMap<String, Expected> = serde_json::from_slice(&golden("expected.json")).unwrap();
    assert_eq!(expected.len(), 7);
    for (file, expected) in expected {
        let state = import(&golden(&file), None).unwrap_or_else(|error| panic!("{file}: {error:#}"));
        for entry in &state {
            let Some((dtype, shape, wanted)) = expected.get(&entry.name) else {
                assert!(entry.name.ends_with("num_batches_tracked"), "{file}: {}", entry.name);
                assert_eq!(values(&entry.tensor), [0.0]);
                continue;
            };
            let found = values(&entry.tensor);
            assert_eq!(entry.tensor.shape(), shape, "{file}: {}", entry.name);
            assert!(found.iter().zip(wanted.iter().cycle()).all(|(a, b)| a == b), "{file}: {}", entry.name);
            assert!(wanted.len() == 1 || wanted.len() == found.len(), "{file}: {}", entry.name);
            let wide = entry.tensor.dtype().to_string();
            assert_eq!(wide, dtype.replace("float", "f").replace("int", "i"), "{file}: {}", entry.name);
        }
    }
}

#[test]
fn a_file_that_is_cut_short_anywhere_is_an_error() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for file in ["float.pt", "float.t7", "half.pt", "strided.t7"] {
        let bytes = golden(file);
        for _ in 0..200 {
            let cut = random.random_range(0..bytes.len());
            assert!(import(&bytes[..cut], None).is_err(), "{file} cut at {cut} was imported");
        }
    }
}

/// The old form has no checksum, so a flipped bit of a weight stays unseen there; whatever is seen is an error.
#[test]
fn flipped_bits_are_an_error_or_other_numbers_and_never_a_panic() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    for file in ["float.pt", "bfloat16.pt", "double.t7", "strided.t7"] {
        let (bytes, whole) = (golden(file), import(&golden(file), None).unwrap());
        for _ in 0..2000 {
            let mut damaged = bytes.clone();
            let place = random.random_range(0..bytes.len());
            damaged[place] ^= 1 << random.random_range(0..8);
            let Ok(state) = import(&damaged, None) else { continue };
            let same = state.iter().zip(&whole).all(|(a, b)| (&a.name, &a.tensor) == (&b.name, &b.tensor));
            assert!(same || file.ends_with(".t7"), "{file} with byte {place} flipped gave other weights");
        }
    }
}

/// `pickletools` would show: GLOBAL os.system, a command, REDUCE.
#[test]
fn code_is_refused_by_name() {
    let mut bytes = golden("float.t7");
    let object = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.";
    let at = bytes.windows(4).position(|four| four == b"}q\x00(").unwrap();
    let at = at + bytes[at + 1..].windows(2).position(|two| two == b"\x80\x02").unwrap() + 1;
    bytes.splice(at.., object.iter().copied());
    let error = format!("{:#}", import(&bytes, None).unwrap_err());
    assert!(error.contains("os.system") && error.contains("nothing in a checkpoint is ever executed"), "{error}");
}

#[test]
fn a_storage_beyond_any_memory_is_an_error() {
    let mut bytes = golden("float.t7");
    // the element count stands before a storage's bytes: 432 of conv1.weight (one element, in this golden)
    let at = bytes.len() - 12;
    bytes[at..at + 8].copy_from_slice(&(1i64 << 62).to_le_bytes());
    let error = format!("{:#}", import(&bytes, None).unwrap_err());
    assert!(error.contains("claims 4611686018427387904 elements"), "{error}");
}

#[test]
fn mismatches_list_the_keys_and_name_the_right_architecture() {
    let bytes = golden("float.pt");
    let state = checkpoint::read(&bytes, None).unwrap();
    let error = format!("{:#}", matching::architecture("resnet56", &state).err().unwrap());
    assert!(error.contains("it is no resnet56 but a resnet20: --arch resnet20 imports it"), "{error}");
    let bytes = golden("bfloat16.pt");
    let error = format!("{:#}", import(&bytes, Some("ema")).unwrap_err());
    assert!(error.contains("unexpected (1): extra"), "{error}");
    let error = format!("{:#}", import(&bytes, Some("weights")).unwrap_err());
    assert!(error.contains("no entry \"weights\"") && error.contains("ema, model, args"), "{error}");
}
