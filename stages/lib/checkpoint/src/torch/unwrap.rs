//! Finds the `state_dict` in what people save.

use std::collections::HashSet;

use anyhow::{Context, bail};
use pickle::View;

use super::{
    Storages,
    storage::{is_tensor, tensor},
};
use crate::{Entry, State};

/// Entries that hold the network where several hold tensors (averaged weights, best weights, …).
const KNOWN: &[&str] = &["state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights"];

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
            let chosen =
                root.get(key).with_context(|| format!("it has no entry \"{key}\"; it is {}", describe(root)))?;
            unwrap(chosen).with_context(|| format!("entry \"{key}\""))?
        }
    };
    let mut entries = Vec::new();
    for (key, value) in dict.entries().unwrap_or_default() {
        let name = key.name().with_context(|| format!("a key of the state_dict is {key}, no name"))?;
        let entry = match is_tensor(value) {
            true => Entry::Tensor(tensor(value, storages).with_context(|| format!("\"{}\"", name.escape_debug()))?),
            false => Entry::Other(value.to_string()),
        };
        entries.push((name.to_string(), entry));
    }
    State::new(entries, file_len)
}

/// The dictionary of tensors: the one in a dictionary of other things, or that itself.
fn unwrap(root: View) -> anyhow::Result<View> {
    let entries = root.entries().with_context(|| format!("it holds {root}, a state_dict is wanted"))?;
    // a file can refer to one large dictionary a million times: each is looked at once
    let mut seen = HashSet::new();
    let inner =
        entries.iter().filter(|(key, value)| key.name().is_some() && seen.insert(value.id()) && is_state(*value));
    let inner: Vec<(&str, View)> = inner.map(|(key, value)| (key.name().unwrap_or_default(), *value)).collect();
    let known: Vec<_> = inner.iter().filter(|(name, _)| KNOWN.contains(name)).collect();
    match (inner.as_slice(), known.as_slice()) {
        ([], _) if entries.iter().any(|(_, value)| is_tensor(*value)) => Ok(root),
        ([], _) => bail!("it holds no state_dict; it is {}", describe(root)),
        ([(_, one)], _) | (_, [(_, one)]) => Ok(*one),
        (several, _) => {
            let names: Vec<String> = several.iter().take(10).map(|(name, _)| name.escape_debug().to_string()).collect();
            bail!("several of its entries hold tensors, --key chooses one: {}", names.join(", "));
        }
    }
}

fn is_state(value: View) -> bool {
    value.entries().is_some_and(|entries| entries.iter().any(|(_, value)| is_tensor(*value)))
}

/// What it is and, of a dictionary, its first keys.
fn describe(root: View) -> String {
    let entries = root.entries().unwrap_or_default();
    let names: Vec<String> =
        entries.iter().filter_map(|(key, _)| key.name()).take(10).map(|name| name.escape_debug().to_string()).collect();
    format!("{root}: {}", names.join(", "))
}
