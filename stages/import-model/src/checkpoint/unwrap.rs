//! Finds the `state_dict` in what people save.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, bail};
use pickle::View;

use super::TensorRef;

/// Entries that hold the network where several hold tensors (averaged weights, best weights, …).
const KNOWN: &[&str] = &["state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights"];
/// What `DataParallel`, `DistributedDataParallel` and `torch.compile` put before each key.
const PREFIXES: &[&str] = &["module.", "_orig_mod."];

/// A `state_dict`: shapes and places of tensors by name.
pub(crate) struct State<'a> {
    entries: HashMap<String, Entry<'a>>,
}

enum Entry<'a> {
    Tensor(TensorRef<'a>),
    Other(View<'a>),
}

impl<'a> State<'a> {
    pub(super) fn find(root: View<'a>, key: Option<&str>) -> anyhow::Result<Self> {
        let Some(key) = key else { return Self::of(unwrap(root)?) };
        let chosen = root.get(key).with_context(|| format!("it has no entry \"{key}\"; it is {}", describe(root)))?;
        Self::of(unwrap(chosen).with_context(|| format!("entry \"{key}\""))?)
    }

    fn of(dict: View<'a>) -> anyhow::Result<Self> {
        let mut entries = HashMap::new();
        for (key, value) in dict.entries().unwrap_or_default() {
            let name = key.name().with_context(|| format!("a key of the state_dict is {key}, no name"))?;
            let entry = match TensorRef::is(value) {
                true => Entry::Tensor(TensorRef::of(value).with_context(|| format!("\"{}\"", name.escape_debug()))?),
                false => Entry::Other(value),
            };
            entries.insert(name.to_string(), entry);
        }
        while let Some(prefix) = PREFIXES.iter().find(|prefix| entries.keys().all(|name| name.starts_with(**prefix))) {
            entries = entries.into_iter().map(|(name, entry)| (name[prefix.len()..].to_string(), entry)).collect();
        }
        Ok(Self { entries })
    }

    /// The tensor of this name.
    pub(crate) fn tensor(&self, name: &str) -> Option<&TensorRef<'a>> {
        match self.entries.get(name) {
            Some(Entry::Tensor(tensor)) => Some(tensor),
            _ => None,
        }
    }

    /// Whether there is anything of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// All tensors, in no order.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = (&str, &TensorRef<'a>)> {
        self.entries.iter().filter_map(|(name, entry)| match entry {
            Entry::Tensor(tensor) => Some((&**name, tensor)),
            Entry::Other(_) => None,
        })
    }

    /// What else stands among them.
    pub(crate) fn others(&self) -> impl Iterator<Item = (&str, View<'a>)> {
        self.entries.iter().filter_map(|(name, entry)| match entry {
            Entry::Tensor(_) => None,
            Entry::Other(value) => Some((&**name, *value)),
        })
    }
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
        ([], _) if entries.iter().any(|(_, value)| TensorRef::is(*value)) => Ok(root),
        ([], _) => bail!("it holds no state_dict; it is {}", describe(root)),
        ([(_, one)], _) | (_, [(_, one)]) => Ok(*one),
        (several, _) => {
            let names: Vec<String> = several.iter().take(10).map(|(name, _)| name.escape_debug().to_string()).collect();
            bail!("several of its entries hold tensors, --key chooses one: {}", names.join(", "));
        }
    }
}

fn is_state(value: View) -> bool {
    value.entries().is_some_and(|entries| entries.iter().any(|(_, value)| TensorRef::is(*value)))
}

/// What it is and, of a dictionary, its first keys.
fn describe(root: View) -> String {
    let entries = root.entries().unwrap_or_default();
    let names: Vec<String> =
        entries.iter().filter_map(|(key, _)| key.name()).take(10).map(|name| name.escape_debug().to_string()).collect();
    format!("{root}: {}", names.join(", "))
}
