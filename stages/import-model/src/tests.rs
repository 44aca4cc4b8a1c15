//! Checkpoints written by PyTorch (`tests/golden/checkpoints/make.py`) against the values that
//! PyTorch had.

use std::{collections::BTreeMap, fs, path::PathBuf};

use files::{StateTensor, Tensor};

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
    let expected: BTreeMap<String, Expected> =
        serde_json::from_slice(&golden("expected.json")).unwrap();
    assert_eq!(expected.len(), 7);
    for (file, expected) in expected {
        let state =
            import(&golden(&file), None).unwrap_or_else(|error| panic!("{file}: {error:#}"));
        for entry in &state {
            let Some((dtype, shape, wanted)) = expected.get(&entry.name) else {
                assert!(
                    entry.name.ends_with("num_batches_tracked"),
                    "{file}: {}",
                    entry.name
                );
                assert_eq!(values(&entry.tensor), [0.0]);
                continue;
            };
            let found = values(&entry.tensor);
            assert_eq!(entry.tensor.shape(), shape, "{file}: {}", entry.name);
            assert!(
                found.iter().zip(wanted.iter().cycle()).all(|(a, b)| a == b),
                "{file}: {}",
                entry.name
            );
            assert!(
                wanted.len() == 1 || wanted.len() == found.len(),
                "{file}: {}",
                entry.name
            );
            let wide = entry.tensor.dtype().to_string();
            assert_eq!(
                wide,
                dtype.replace("float", "f").replace("int", "i"),
                "{file}: {}",
                entry.name
            );
        }
    }
}

#[test]
fn mismatches_list_the_keys_and_name_the_right_architecture() {
    let bytes = golden("float.pt");
    let state = checkpoint::read(&bytes, None).unwrap();
    let error = format!(
        "{:#}",
        matching::architecture("resnet56", &state).err().unwrap()
    );
    assert!(
        error.contains("it is not resnet56 but resnet20: --arch resnet20 imports it"),
        "{error}"
    );
    let bytes = golden("bfloat16.pt");
    let error = format!("{:#}", import(&bytes, Some("ema")).unwrap_err());
    assert!(error.contains("unexpected (1): extra"), "{error}");
    let error = format!("{:#}", import(&bytes, Some("weights")).unwrap_err());
    assert!(
        error.contains("no entry \"weights\"") && error.contains("ema, model, args"),
        "{error}"
    );
}
