//! A checkpoint's state against what a network wants.

use std::{collections::HashSet, fmt::Write};

use anyhow::{Context, bail, ensure};
use checkpoint::{Entry, State};
use files::{Role, StateTensor, Tensor};
use zoo::{Architecture, EntryKind};

/// Names that an error lists before it counts the rest.
const LISTED: usize = 10;

/// A tensor that a network wants.
pub(crate) struct Wanted {
    pub(crate) name: String,
    /// Other names of the same tensor.
    pub(crate) aliases: Vec<String>,
    pub(crate) shape: Vec<usize>,
    pub(crate) role: Role,
    /// Whether it counts, so that real numbers are made integers.
    pub(crate) integer: bool,
    /// What it is where the checkpoint lacks it, if it may.
    pub(crate) default: Option<Tensor>,
}

impl Wanted {
    /// What an entry of an architecture is.
    pub(crate) fn of(entry: &zoo::Entry) -> Self {
        let counter = entry.kind == EntryKind::BatchCount;
        Self {
            name: entry.name.clone(),
            aliases: Vec::new(),
            shape: entry.shape.clone(),
            role: if entry.kind.is_parameter() {
                Role::Parameter
            } else {
                Role::Buffer
            },
            integer: counter,
            // PyTorch before 0.4.1 does not count batches
            default: counter.then(|| Tensor::I64(ndarray::arr0(0).into_dyn())),
        }
    }

    /// A parameter of one value, for tests of names.
    #[cfg(test)]
    pub(crate) fn named(name: &str) -> Self {
        let role = Role::Parameter;
        Self {
            name: name.into(),
            aliases: Vec::new(),
            shape: vec![1],
            role,
            integer: false,
            default: None,
        }
    }

    fn found<'s, 'a>(&self, state: &'s State<'a>) -> Option<&'s Entry<'a>> {
        self.names().find_map(|name| state.get(name))
    }

    /// Its name and its aliases.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        [&self.name]
            .into_iter()
            .chain(&self.aliases)
            .map(String::as_str)
    }
}

/// Numbers of elements of the parameters.
pub(crate) fn sizes(architecture: &Architecture) -> impl Iterator<Item = usize> {
    let parameters = architecture
        .state
        .iter()
        .filter(|entry| entry.kind.is_parameter());
    parameters.map(|entry| entry.shape.iter().product())
}

/// The architecture of this name with the channels and classes of the checkpoint, and its tensors,
/// after all keys and shapes were compared, so that no tensor of another shape is ever made.
///
/// # Errors
/// Keys and shapes that differ, all in one error; values that [`tensors`] refuses.
pub(crate) fn architecture(
    name: &str,
    state: &State,
) -> anyhow::Result<(Architecture, Vec<StateTensor>)> {
    let found = match build(name, state) {
        Some(found) => found,
        None => zoo::build(name, 3, 10)?,
    };
    let wanted = wanted(&found);
    let differences = differences(&wanted, state);
    if !differences.is_empty() {
        match zoo::names().find(|other| fits(other, state)) {
            Some(other) => bail!("it is not {name} but {other}: --arch {other} imports it"),
            None => bail!(
                "it is not {name}; import-model --list shows the other architectures{differences}"
            ),
        }
    }
    let state = values(wanted, state)?;
    Ok((found, state))
}

/// The tensors that an architecture wants.
pub(crate) fn wanted(architecture: &Architecture) -> Vec<Wanted> {
    architecture.state.iter().map(Wanted::of).collect()
}

/// Whether a checkpoint has the keys and shapes of the architecture of this name.
fn fits(name: &str, state: &State) -> bool {
    match build(name, state) {
        Some(other) => differences(&wanted(&other), state).is_empty(),
        None => false,
    }
}

/// `None` where the layers are missing that tell channels and classes.
fn build(name: &str, state: &State) -> Option<Architecture> {
    zoo::for_checkpoint(name, |key| {
        state.tensor(key).map(|tensor| tensor.shape.clone())
    })
    .ok()
}

/// The tensors that a program wants, after all keys and shapes were compared.
///
/// # Errors
/// Keys and shapes that differ, all in one error; integers where weights should be.
pub(crate) fn tensors(wanted: Vec<Wanted>, state: &State) -> anyhow::Result<Vec<StateTensor>> {
    let differences = differences(&wanted, state);
    ensure!(
        differences.is_empty(),
        "it holds other weights than the program wants{differences}"
    );
    values(wanted, state)
}

/// What is missing, unexpected or of another shape; empty where nothing is.
fn differences(wanted: &[Wanted], state: &State) -> String {
    let (mut missing, mut misshapen) = (Vec::new(), Vec::new());
    for wanted in wanted {
        match wanted.found(state) {
            None if wanted.default.is_some() => {}
            Some(Entry::Tensor(tensor)) if tensor.shape == wanted.shape => {}
            Some(Entry::Tensor(tensor)) => {
                misshapen.push(format!(
                    "{} is {:?} and should be {:?}",
                    wanted.name, tensor.shape, wanted.shape
                ));
            }
            None | Some(Entry::Other(_)) => missing.push(wanted.name.clone()),
        }
    }
    let known: HashSet<&str> = wanted.iter().flat_map(Wanted::names).collect();
    let unexpected = state.entries().filter_map(|(name, entry)| match entry {
        Entry::Tensor(_) if known.contains(name) => None,
        Entry::Tensor(_) => Some(name.escape_debug().to_string()),
        Entry::Other(what) => Some(format!("{} ({what})", name.escape_debug())),
    });
    let unexpected = unexpected.collect();

    let mut text = String::new();
    for (what, names) in [
        ("missing", missing),
        ("unexpected", unexpected),
        ("of another shape", misshapen),
    ] {
        if !names.is_empty() {
            let more = names.len().saturating_sub(LISTED);
            let more = if more > 0 {
                format!(", and {more} more")
            } else {
                String::new()
            };
            let listed = names[..names.len().min(LISTED)].join(", ");
            let _ = write!(text, "\n  {what} ({}): {listed}{more}", names.len());
        }
    }
    text
}

/// The values of tensors that were compared.
fn values(wanted: Vec<Wanted>, state: &State) -> anyhow::Result<Vec<StateTensor>> {
    let mut entries = Vec::with_capacity(wanted.len());
    for wanted in wanted {
        let tensor = value(&wanted, state).with_context(|| format!("\"{}\"", wanted.name))?;
        entries.push(StateTensor {
            name: wanted.name,
            role: wanted.role,
            tensor,
        });
    }
    Ok(entries)
}

/// The values of one of them.
fn value(wanted: &Wanted, state: &State) -> anyhow::Result<Tensor> {
    let tensor = match (wanted.found(state), &wanted.default) {
        (Some(Entry::Tensor(tensor)), _) => tensor.values()?,
        (_, Some(default)) => default.clone(),
        _ => bail!("it is missing"),
    };
    match (tensor, wanted.integer) {
        // averaging of weights makes real numbers of the counts too
        (Tensor::F32(values), true) => Ok(Tensor::I64(values.mapv(|value| value as i64))),
        (Tensor::F64(values), true) => Ok(Tensor::I64(values.mapv(|value| value as i64))),
        (Tensor::U8(values), true) if wanted.default.is_some() => {
            Ok(Tensor::I64(values.mapv(i64::from)))
        }
        (tensor, integer) => {
            let dtype = tensor.dtype();
            ensure!(
                integer || tensor.is_float(),
                "it holds integers ({dtype}), real numbers are wanted"
            );
            Ok(tensor)
        }
    }
}
