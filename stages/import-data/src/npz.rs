//! numpy's `.npz`: the arrays `SPLIT_inputs` and `SPLIT_targets` of each split (`train`, `test`,
//! `val`, …), and for a program of several inputs `SPLIT_inputs_NAME`, …

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, ensure};
use files::{Examples, Split};

use crate::Raw;

/// The splits whose arrays are there.
///
/// # Errors
/// No such file, arrays of other names, inputs without targets, sizes that differ.
pub fn read(path: &Path) -> anyhow::Result<Raw> {
    let bytes = stage::regular(path).and_then(fs::read);
    let bytes = bytes.with_context(|| format!("{} cannot be read", path.display()))?;
    parse(&bytes).with_context(|| path.display().to_string())
}

/// The splits in the bytes of a file.
///
/// # Errors
/// What [`read`] refuses.
pub fn parse(bytes: &[u8]) -> anyhow::Result<Raw> {
    let arrays = checkpoint::arrays(bytes)?;
    let mut splits: BTreeMap<Split, Examples> = BTreeMap::new();
    for (name, array) in arrays.tensors() {
        let place = Place::of(name).with_context(|| {
            let names: Vec<&str> = arrays.entries().map(|(name, _)| name).collect();
            format!(
                "the array {name} is neither SPLIT_inputs nor SPLIT_targets, such as \
                 train_inputs; there is {}",
                names.join(", ")
            )
        })?;
        let values = array.values().with_context(|| name.to_string())?;
        let examples = splits.entry(place.split).or_insert_with(|| Examples {
            inputs: Vec::new(),
            targets: None,
        });
        match place.input {
            Some(input) => examples.inputs.push((input, values)),
            None => examples.targets = Some(values),
        }
    }
    ensure!(
        !splits.is_empty(),
        "it holds no array: numpy.savez(FILE, train_inputs=…, train_targets=…) writes some"
    );
    for (split, examples) in &splits {
        check(split, examples)?;
    }
    Ok(Raw {
        splits: splits.into_iter().collect(),
        classes: Vec::new(),
    })
}

/// What an array is, by its name.
struct Place {
    split: Split,
    /// The name of an input, empty where there is one only; `None` for targets.
    input: Option<String>,
}

impl Place {
    fn of(name: &str) -> Option<Self> {
        // inputs first: they have names of their own, `targets` among them
        let (split, input) = match name.split_once("_inputs_") {
            Some((split, input)) => (split, Some(input)),
            None => match name.strip_suffix("_inputs") {
                Some(split) => (split, Some("")),
                None => (name.strip_suffix("_targets")?, None),
            },
        };
        let unnamed = input.is_none_or(str::is_empty);
        if !unnamed && !input.is_some_and(checkpoint::is_dataset_name) {
            return None;
        }
        Some(Self {
            split: split.parse().ok()?,
            input: input.map(String::from),
        })
    }
}

fn check(split: &Split, examples: &Examples) -> anyhow::Result<()> {
    ensure!(
        !examples.inputs.is_empty(),
        "there is {split}_targets, but no {split}_inputs"
    );
    let unnamed = examples.inputs.iter().any(|(name, _)| name.is_empty());
    ensure!(
        !unnamed || examples.inputs.len() == 1,
        "{split}_inputs stands beside {split}_inputs_NAME: name all inputs or none"
    );
    let count = examples.count();
    ensure!(count > 0, "{split}_inputs holds no example");
    let targets = examples.targets.iter().map(|targets| ("targets", targets));
    for (name, array) in examples
        .inputs
        .iter()
        .map(|(name, array)| (name.as_str(), array))
        .chain(targets)
    {
        let (found, first) = (array.shape(), examples.input().shape());
        ensure!(
            found.first() == Some(&count),
            "the {split} array {name} has the shape {found:?}, the first inputs {first:?}; all \
             start with the number of examples"
        );
    }
    Ok(())
}
