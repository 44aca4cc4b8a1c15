//! Finds the `state_dict` in what people save.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, bail};
use pickle::View;

use super::{
    Storages,
    storage::{is_tensor, tensor},
};
use crate::{Entry, State, memory, shown};

/// Entries that hold the network where several hold tensors (averaged weights, best weights, …).
const KNOWN: &[&str] = &[
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "net",
    "network",
    "weights",
];

/// The `state_dict` in what was pickled: the whole, or an entry of it.
pub(super) fn state<'a>(
    root: View,
    storages: &Storages<'a>,
    file_len: usize,
    key: Option<&str>,
) -> anyhow::Result<State<'a>> {
    let dict = match key {
        None => unwrap(root)?,
        Some(key) => {
            let chosen = root
                .get(key)
                .with_context(|| format!("it has no entry \"{key}\"; it is {}", describe(root)))?;
            unwrap(chosen).with_context(|| format!("entry \"{key}\""))?
        }
    };
    // where a key stands twice the last counts, and a file can name one a million times
    let mut places = HashMap::new();
    let mut last: Vec<(&str, View)> = Vec::new();
    for (key, value) in dict.entries().unwrap_or_default() {
        let name = key
            .name()
            .with_context(|| format!("a key of the state_dict is {key}, no name"))?;
        let place = *places.entry(name).or_insert(last.len());
        match last.get_mut(place) {
            Some(entry) => entry.1 = value,
            None => last.push((name, value)),
        }
    }
    let entry = |(name, value): (&str, View)| {
        let entry = match is_tensor(value) {
            true => Entry::Tensor(
                tensor(value, storages).with_context(|| format!("\"{}\"", shown(name)))?,
            ),
            false => Entry::Other(value.to_string()),
        };
        Ok((name.to_string(), entry))
    };
    State::new(
        last.into_iter().map(entry).collect::<anyhow::Result<_>>()?,
        memory::of_tensors(file_len),
    )
}

/// The dictionary of tensors: the one in a dictionary of other things, or that itself.
fn unwrap(root: View) -> anyhow::Result<View> {
    let entries = root
        .entries()
        .with_context(|| format!("it holds {root}, a state_dict is wanted"))?;
    // a file can refer to one large dictionary a million times: each is looked at once
    let mut seen = HashSet::new();
    let inner = entries
        .iter()
        .filter(|(key, value)| key.name().is_some() && seen.insert(value.id()) && is_state(*value));
    let inner: Vec<(&str, View)> = inner
        .map(|(key, value)| (key.name().unwrap_or_default(), *value))
        .collect();
    let known: Vec<_> = inner
        .iter()
        .filter(|(name, _)| KNOWN.contains(name))
        .collect();
    match (inner.as_slice(), known.as_slice()) {
        ([], _) if entries.iter().any(|(_, value)| is_tensor(*value)) => Ok(root),
        ([], _) => bail!("it holds no state_dict; it is {}", describe(root)),
        ([(_, one)], _) | (_, [(_, one)]) => Ok(*one),
        (several, _) => {
            let names: Vec<String> = several
                .iter()
                .take(10)
                .map(|(name, _)| name.escape_debug().to_string())
                .collect();
            bail!(
                "several of its entries hold tensors, --key chooses one: {}",
                names.join(", ")
            );
        }
    }
}

fn is_state(value: View) -> bool {
    value
        .entries()
        .is_some_and(|entries| entries.iter().any(|(_, value)| is_tensor(*value)))
}

/// What it is and, of a dictionary, its first keys.
fn describe(root: View) -> String {
    let entries = root.entries().unwrap_or_default();
    let names: Vec<String> = entries
        .iter()
        .filter_map(|(key, _)| key.name())
        .take(10)
        .map(|name| name.escape_debug().to_string())
        .collect();
    format!("{root}: {}", names.join(", "))
}
