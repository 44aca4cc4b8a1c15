//! numpy's `.npz`: the arrays `train_inputs`, `train_targets`, `test_inputs`, `test_targets`, and for a program of
//! several inputs `train_inputs_NAME`, …

use std::{fs, path::Path};

use anyhow::{Context, bail, ensure};
use checkpoint::State;
use files::{Examples, Split, Tensor};

use crate::Raw;

/// The splits whose arrays are there.
///
/// # Errors
/// No such file, arrays of other names, inputs without targets, sizes that differ.
pub(crate) fn read(path: &Path) -> anyhow::Result<Raw> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    raw(&bytes).with_context(|| path.display().to_string())
}

fn raw(bytes: &[u8]) -> anyhow::Result<Raw> {
    let arrays = checkpoint::arrays(bytes)?;
    let mut splits = Vec::new();
    for split in Split::ALL {
        let (inputs, targets) = (inputs(&arrays, split)?, format!("{split}_targets"));
        match (inputs.as_slice(), arrays.tensor(&targets)) {
            ([], None) => {}
            ([_, ..], Some(array)) => {
                let targets = array.values().context(targets)?;
                splits.push((split, checked(split, Examples { inputs, targets })?));
            }
            ([], Some(_)) => bail!("there is {targets}, but no {split}_inputs"),
            ([_, ..], None) => bail!("there is {split}_inputs, but no {targets}"),
        }
    }
    let names = || arrays.entries().map(|(name, _)| name).collect::<Vec<_>>().join(", ");
    ensure!(!splits.is_empty(), "there is neither train_inputs nor test_inputs; there is {}", names());
    let known = |name: &str| {
        ["train_inputs", "train_targets", "test_inputs", "test_targets"].iter().any(|known| name.starts_with(known))
    };
    let unknown = arrays.entries().find(|(name, _)| !known(name));
    ensure!(
        unknown.is_none(),
        "the array {} has no meaning here; there is {}",
        unknown.map_or("", |(name, _)| name),
        names()
    );
    Ok(Raw { splits, classes: Vec::new() })
}

/// The one unnamed input of a split, or the named ones.
fn inputs(arrays: &State, split: Split) -> anyhow::Result<Vec<(String, Tensor)>> {
    let prefix = format!("{split}_inputs");
    let mut inputs = Vec::new();
    for (name, array) in arrays.tensors() {
        let Some(rest) = name.strip_prefix(&prefix) else { continue };
        let input = rest.trim_start_matches('_').to_string();
        inputs.push((input, array.values().context(name.to_string())?));
    }
    let unnamed = inputs.iter().filter(|(name, _)| name.is_empty()).count();
    ensure!(unnamed == 0 || inputs.len() == 1, "{prefix} stands beside {prefix}_NAME: name all inputs or none");
    Ok(inputs)
}

fn checked(split: Split, examples: Examples) -> anyhow::Result<Examples> {
    let count = examples.count();
    ensure!(count > 0, "{split}_targets holds no example");
    for (name, inputs) in &examples.inputs {
        let shape = inputs.shape();
        ensure!(
            shape.first() == Some(&count),
            "the {split} inputs {name} have the shape {shape:?}, the targets {:?}; both start with the number of examples",
            examples.targets.shape()
        );
    }
    Ok(examples)
}
