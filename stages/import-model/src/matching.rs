//! A checkpoint's state against that of an architecture.

use std::fmt::Write;

use anyhow::{Context, bail, ensure};
use files::{Role, StateTensor, Tensor};
use zoo::{Architecture, Entry, EntryKind};

use crate::checkpoint::{Checkpoint, State};

/// Names that an error lists before it counts the rest.
const LISTED: usize = 10;

/// Numbers of elements of the parameters.
pub(crate) fn sizes(architecture: &Architecture) -> impl Iterator<Item = usize> {
    let parameters = architecture.state.iter().filter(|entry| entry.kind.is_parameter());
    parameters.map(|entry| entry.shape.iter().product())
}

/// The architecture of this name with the channels and classes of the checkpoint, after all keys and shapes were
/// compared, so that no tensor of another shape is ever made.
///
/// # Errors
/// Shapes beyond what a file of so many bytes can hold; keys and shapes that differ, all in one error.
pub(crate) fn architecture(name: &str, state: &State, file_len: usize) -> anyhow::Result<Architecture> {
    let usual = zoo::build(name, 3, 10)?;
    check_size(&usual, state, file_len)?;
    let found = build(name, state).unwrap_or(usual);
    let differences = differences(&found, state);
    if differences.is_empty() {
        return Ok(found);
    }
    let fits = |name: &&&str| build(name, state).is_some_and(|other| self::differences(&other, state).is_empty());
    match zoo::NAMES.iter().find(fits) {
        Some(other) => bail!("it is no {name} but a {other}: --arch {other} imports it"),
        None => bail!("it is no {name}; import-model --list shows the other architectures{differences}"),
    }
}

/// `None` where the layers are missing that tell channels and classes.
fn build(name: &str, state: &State) -> Option<Architecture> {
    zoo::for_checkpoint(name, |key| state.tensor(key).map(|tensor| tensor.shape.clone())).ok()
}

/// Tensors that share storages can be larger than their file, but not by much in a real one.
fn check_size(architecture: &Architecture, state: &State, file_len: usize) -> anyhow::Result<()> {
    let own: usize = sizes(architecture).sum();
    let most = file_len.saturating_mul(4).saturating_add(own * 8);
    let mut total = 0usize;
    for (name, tensor) in state.tensors() {
        // a dimension of 0 must not hide the others, which decide the channels and classes
        let size =
            tensor.shape.iter().try_fold(tensor.element.width_here(), |size, dim| size.checked_mul((*dim).max(1)));
        let sum = size.and_then(|size| total.checked_add(size)).filter(|sum| *sum <= most);
        total = sum.with_context(|| {
            let shape = &tensor.shape;
            format!("\"{name}\" claims the shape {shape:?}, which is beyond a file of {file_len} bytes: it is damaged")
        })?;
    }
    Ok(())
}

/// What is missing, unexpected or of another shape; empty where nothing is.
fn differences(architecture: &Architecture, state: &State) -> String {
    let (mut missing, mut misshapen) = (Vec::new(), Vec::new());
    for entry in &architecture.state {
        match state.tensor(&entry.name) {
            // PyTorch before 0.4.1 does not count batches
            None if entry.kind == EntryKind::BatchCount && !state.has(&entry.name) => {}
            None => missing.push(entry.name.clone()),
            Some(tensor) if tensor.shape == entry.shape => {}
            Some(tensor) => {
                misshapen.push(format!("{} is {:?} and should be {:?}", entry.name, tensor.shape, entry.shape))
            }
        }
    }
    let known: std::collections::HashSet<&str> = architecture.state.iter().map(|entry| &*entry.name).collect();
    let mut unexpected: Vec<String> = state
        .tensors()
        .filter(|(name, _)| !known.contains(name))
        .map(|(name, _)| name.escape_debug().to_string())
        .collect();
    unexpected.sort_unstable();
    unexpected.extend(state.others().map(|(name, what)| format!("{} ({what})", name.escape_debug())));

    let mut text = String::new();
    for (what, names) in [("missing", missing), ("unexpected", unexpected), ("of another shape", misshapen)] {
        if !names.is_empty() {
            let more = names.len().saturating_sub(LISTED);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            let listed = names[..names.len().min(LISTED)].join(", ");
            let _ = write!(text, "\n  {what} ({}): {listed}{more}", names.len());
        }
    }
    text
}

/// The tensors of the state in the architecture's order.
///
/// # Errors
/// A tensor that reaches beyond its storage, integers where weights should be.
pub(crate) fn tensors(
    architecture: &Architecture,
    checkpoint: &Checkpoint,
    state: &State,
) -> anyhow::Result<Vec<StateTensor>> {
    let tensor = |entry: &Entry| {
        let Some(tensor) = state.tensor(&entry.name) else { return Ok(count(0)) };
        match (checkpoint.tensor(tensor)?, entry.kind) {
            (Tensor::I64(values), EntryKind::BatchCount) => Ok(Tensor::I64(values)),
            // averaging of weights makes real numbers of the counts too
            (Tensor::F32(values), EntryKind::BatchCount) => Ok(Tensor::I64(values.mapv(|value| value as i64))),
            (Tensor::F64(values), EntryKind::BatchCount) => Ok(Tensor::I64(values.mapv(|value| value as i64))),
            (Tensor::U8(values), EntryKind::BatchCount) => Ok(Tensor::I64(values.mapv(i64::from))),
            (tensor, _) => {
                let dtype = tensor.dtype();
                ensure!(tensor.is_float(), "it holds integers ({dtype}), real numbers are wanted");
                Ok(tensor)
            }
        }
    };
    let entry = |entry: &Entry| {
        let tensor = tensor(entry).with_context(|| format!("\"{}\"", entry.name))?;
        let role = if entry.kind.is_parameter() { Role::Parameter } else { Role::Buffer };
        Ok(StateTensor { name: entry.name.clone(), role, tensor })
    };
    architecture.state.iter().map(entry).collect()
}

fn count(count: i64) -> Tensor {
    Tensor::I64(ndarray::arr0(count).into_dyn())
}
