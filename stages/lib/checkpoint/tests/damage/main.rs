//! Broken and hostile files: an error in one line, no panic, and no more memory than four times the
//! file and 16 MiB.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod hostile;
#[path = "../measured/mod.rs"]
mod measured;

use std::{fs, path::PathBuf};

use checkpoint::exported;
use files::Tensor;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Each form and layout.
const FILES: [&str; 12] = [
    "checkpoints/float.pt",
    "checkpoints/bfloat16.pt",
    "checkpoints/half.pt",
    "checkpoints/double.t7",
    "checkpoints/strided.t7",
    "programs/gpt.pt2",
    "programs/physics.pt2",
    "programs/vit-2.6.pt2",
    "programs/gpt-2.8.pt2",
    "programs/vit-b.safetensors",
    "programs/mlp-b.npz",
    "programs/cnn.npz",
];

fn golden(name: &str) -> Vec<u8> {
    fs::read(
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../../tests/golden")
            .join(name),
    )
    .unwrap()
}

/// All that can be read of a file.
fn read(name: &str, bytes: &[u8]) -> anyhow::Result<Vec<(String, Tensor)>> {
    if name.ends_with(".pt2") {
        let program = exported::read(bytes)?;
        return program
            .state
            .iter()
            .map(|used| Ok((used.name.clone(), used.tensor.values()?)))
            .collect();
    }
    let state = checkpoint::read(bytes, None).or_else(|error| match name {
        // it holds two dictionaries
        "checkpoints/bfloat16.pt" => checkpoint::read(bytes, Some("ema")),
        _ => Err(error),
    })?;
    state
        .tensors()
        .map(|(name, tensor)| Ok((name.to_string(), tensor.values()?)))
        .collect()
}

/// Reads a file that may be damaged, within the bounds of memory and of one line of error.
fn tried(name: &str, bytes: &[u8]) -> anyhow::Result<Vec<(String, Tensor)>> {
    let (result, most) = measured::most(|| read(name, bytes));
    assert!(
        most <= measured::allowed(bytes.len()),
        "{name}: {most} bytes of memory for {} in the file",
        bytes.len()
    );
    if let Err(error) = &result {
        let error = format!("{error:#}");
        assert!(
            !error.contains('\n') && error.len() < 1000,
            "{name}: {error}"
        );
    }
    result
}

fn refused(name: &str, bytes: &[u8]) -> String {
    format!("{:#}", tried(name, bytes).unwrap_err())
}

#[test]
fn a_file_that_is_cut_short_anywhere_is_an_error() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for name in FILES {
        let bytes = golden(name);
        tried(name, &bytes).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        for _ in 0..200 {
            let cut = random.random_range(0..bytes.len());
            assert!(
                tried(name, &bytes[..cut]).is_err(),
                "{name} cut at {cut} was read"
            );
        }
    }
}

/// The old form of torch.save and safetensors have no checksum, so a flipped bit of a weight stays
/// unseen there; all else is an error or does not change a value.
#[test]
fn a_flipped_bit_is_an_error_or_changes_nothing() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    // CI tries more of them
    let trials = match std::env::var_os("RELIEF_LONG_TESTS") {
        Some(_) => 2000,
        None => 200,
    };
    for name in FILES {
        let (bytes, whole) = (golden(name), read(name, &golden(name)).unwrap());
        let unseen = name.ends_with(".t7") || name.ends_with(".safetensors");
        for _ in 0..trials {
            let mut damaged = bytes.clone();
            let place = random.random_range(0..bytes.len());
            damaged[place] ^= 1 << random.random_range(0..8);
            let Ok(found) = tried(name, &damaged) else {
                continue;
            };
            assert!(
                found == whole || unseen,
                "{name} with byte {place} flipped gave other values"
            );
        }
    }
}

/// Names of tensors that no dataset of HDF5 can have are those of a checkpoint all the same.
#[test]
fn names_are_any_short_text() {
    let named = |name: &str| {
        let mut header = serde_json::Map::new();
        let entry = serde_json::json!({"dtype": "U8", "shape": [], "data_offsets": [0, 1]});
        header.insert(name.into(), entry);
        let header = serde_json::Value::Object(header).to_string();
        let len = (header.len() as u64).to_le_bytes();
        [&len[..], header.as_bytes(), &[0]].concat()
    };
    for name in ["", ".", "a/b", "a\0b", "a\nb", &"w".repeat(1000)] {
        let found = tried("names.safetensors", &named(name)).unwrap();
        assert_eq!(found[0].0, name);
    }
    let error = refused("names.safetensors", &named(&"w".repeat(1001)));
    assert!(error.contains("has 1001 bytes, more than 1000"), "{error}");
}

#[test]
fn what_the_fuzzer_found_stays_mended() {
    let found = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fuzz/found");
    for (target, ending) in [
        ("torch", "pt"),
        ("safetensors", "safetensors"),
        ("npz", "npz"),
        ("exported", "pt2"),
    ] {
        for entry in fs::read_dir(found.join(target)).into_iter().flatten() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            let _ = tried(&format!("found.{ending}"), &bytes);
        }
    }
}
