use std::collections::HashMap;

use anyhow::{bail, ensure};

use crate::{LONGEST_NAME, TensorRef, shown};

/// What `DataParallel`, `DistributedDataParallel` and `torch.compile` put before each key.
const PREFIXES: &[&str] = &["module.", "_orig_mod."];
/// A `state_dict`: tensors by name, in the order of the file.
#[derive(Debug)]
pub struct State<'a> {
    entries: Vec<(String, Entry<'a>)>,
    places: HashMap<String, usize>,
}

/// What a name stands for.
#[derive(Debug)]
pub enum Entry<'a> {
    /// A tensor.
    Tensor(TensorRef<'a>),
    /// Something else, described.
    Other(String),
}

/// The prefix that all names have, where there is a name.
fn common_prefix(entries: &[(String, Entry)]) -> Option<&'static str> {
    if entries.is_empty() {
        return None;
    }
    let mut prefixes = PREFIXES.iter().copied();
    prefixes.find(|prefix| entries.iter().all(|(name, _)| name.starts_with(prefix)))
}

/// Bytes that the shape of a tensor claims; `None` beyond any memory. A dimension of 0 must not
/// hide the others, which decide the channels and classes.
fn claimed(tensor: &TensorRef) -> Option<usize> {
    let mut size = tensor.element.width();
    for dim in &tensor.shape {
        size = size.checked_mul((*dim).max(1))?;
    }
    Some(size)
}

impl<'a> State<'a> {
    /// These entries, without the prefixes that all of them have.
    ///
    /// # Errors
    /// Tensors of more than `most` bytes together: many may share the bytes of a small file.
    pub(crate) fn new(mut entries: Vec<(String, Entry<'a>)>, most: usize) -> anyhow::Result<Self> {
        while let Some(prefix) = common_prefix(&entries) {
            for (name, _) in &mut entries {
                *name = name[prefix.len()..].to_string();
            }
        }
        let mut total = 0usize;
        for (name, entry) in &entries {
            ensure!(
                name.len() <= LONGEST_NAME,
                "the name \"{:.40}…\" has {} bytes, more than {LONGEST_NAME}",
                shown(name).to_string(),
                name.len()
            );
            let Entry::Tensor(tensor) = entry else {
                continue;
            };
            let sum = claimed(tensor).and_then(|size| total.checked_add(size));
            total = match sum {
                Some(sum) if sum <= most => sum,
                _ => bail!(
                    "\"{}\" claims the shape {:?}, and the tensors together more than {most} \
                     bytes, which is beyond the file: it is damaged",
                    shown(name),
                    tensor.shape
                ),
            };
        }
        let places = entries
            .iter()
            .enumerate()
            .map(|(place, (name, _))| (name.clone(), place))
            .collect();
        Ok(Self { entries, places })
    }

    /// The entry of this name.
    pub fn get(&self, name: &str) -> Option<&Entry<'a>> {
        self.places.get(name).map(|place| &self.entries[*place].1)
    }

    /// The tensor of this name.
    pub fn tensor(&self, name: &str) -> Option<&TensorRef<'a>> {
        match self.get(name) {
            Some(Entry::Tensor(tensor)) => Some(tensor),
            _ => None,
        }
    }

    /// All entries, in the order of the file; of a name that stands there twice, the last.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry<'a>)> {
        let entries = self.entries.iter().enumerate();
        let last = entries.filter(|(place, (name, _))| self.places[name] == *place);
        last.map(|(_, (name, entry))| (name.as_str(), entry))
    }

    /// All tensors.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &TensorRef<'a>)> {
        self.entries().filter_map(|(name, entry)| match entry {
            Entry::Tensor(tensor) => Some((name, tensor)),
            Entry::Other(_) => None,
        })
    }

    /// The entries under other names; those that get none are left out.
    pub fn renamed(self, name: impl Fn(&str) -> Option<String>) -> Self {
        let mut entries = Vec::with_capacity(self.entries.len());
        for (place, (old, entry)) in self.entries.into_iter().enumerate() {
            // of a name that stands there twice the last counts
            if self.places.get(&old) == Some(&place)
                && let Some(new) = name(&old)
            {
                entries.push((new, entry));
            }
        }
        let places = entries
            .iter()
            .enumerate()
            .map(|(place, (name, _))| (name.clone(), place))
            .collect();
        Self { entries, places }
    }

    /// The entries of several files as one.
    ///
    /// # Errors
    /// A name in two of them.
    pub fn joined(states: Vec<Self>) -> anyhow::Result<Self> {
        let entries: Vec<_> = states.into_iter().flat_map(|state| state.entries).collect();
        let mut places = HashMap::new();
        for (place, (name, _)) in entries.iter().enumerate() {
            ensure!(
                places.insert(name.clone(), place).is_none(),
                "\"{name}\" stands in two files"
            );
        }
        Ok(Self { entries, places })
    }
}
