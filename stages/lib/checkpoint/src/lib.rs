//! Reads what other tools keep of a network: weights as PyTorch (zip or legacy), safetensors or
//! numpy keep them, and programs as `torch.export.save` does. Nothing in such a file is ever
//! executed or believed: sizes are checked against the bytes that are there before memory is taken.

mod archive;
mod element;
pub mod exported;
mod memory;
mod npz;
mod safetensors;
mod state;
mod tensor;
mod torch;

use std::path::Path;

use anyhow::{anyhow, bail};

use archive::Archive;
pub use element::Element;
pub use npz::arrays;
pub use safetensors::shards;
pub use state::{Entry, State};
pub use tensor::TensorRef;

/// Bytes of a tensor's name.
const LONGEST_NAME: usize = 1000;
/// Characters of an error.
const MOST_SAID: usize = 700;

/// The weights in a file, told by its contents: the `state_dict` of `key`, or the only one.
///
/// # Errors
/// None of the forms, damage, classes that are no plain data; no `state_dict`, or several and no
/// `key`.
pub fn read<'a>(bytes: &'a [u8], key: Option<&str>) -> anyhow::Result<State<'a>> {
    harmless(state(bytes, key))
}

fn state<'a>(bytes: &'a [u8], key: Option<&str>) -> anyhow::Result<State<'a>> {
    if archive::is(bytes) {
        let archive = Archive::read(bytes, memory::of_inflated(bytes.len()))?;
        if exported::is(&archive) {
            return keyless(exported::state(&archive)?, key);
        }
        if npz::is(&archive) {
            let most = memory::of_tensors(bytes.len());
            return keyless(npz::state(&archive, most)?, key);
        }
        return torch::zipped(&archive, key);
    }
    if torch::is_legacy(bytes) {
        return torch::legacy(bytes, key);
    }
    if safetensors::is(bytes) {
        return keyless(safetensors::state(bytes)?, key);
    }
    bail!(
        "it is no checkpoint that relief knows: torch.save (either form), torch.export.save, \
         safetensors or numpy's .npz"
    );
}

/// The state of a form that holds a single one, and so has no keys to choose from.
fn keyless<'a>(state: State<'a>, key: Option<&str>) -> anyhow::Result<State<'a>> {
    match key {
        None => Ok(state),
        Some(key) => bail!("it holds one dictionary of tensors only: leave --key {key} out"),
    }
}

/// An error may quote the file: no more than a line of it, and no control characters.
fn harmless<T>(result: anyhow::Result<T>) -> anyhow::Result<T> {
    result.map_err(|error| {
        let text = format!("{error:#}").replace(char::is_control, " ");
        let end = text
            .char_indices()
            .nth(MOST_SAID)
            .map_or(text.len(), |(end, _)| end);
        anyhow!(
            "{}{}",
            &text[..end],
            if end < text.len() { "…" } else { "" }
        )
    })
}

/// Whether a dataset of HDF5 can have this name, which is a part of a path there.
pub fn is_dataset_name(name: &str) -> bool {
    // control characters: a line of the digest is a dataset
    let plain = !name.contains(|c: char| c == '/' || c.is_control());
    plain && !matches!(name, "" | ".") && name.len() <= LONGEST_NAME
}

/// A path as messages name it.
fn shown(path: &str) -> impl std::fmt::Display + '_ {
    path.escape_debug()
}

/// The file name alone, of one that lies beside another; `None` for any other path.
fn plain_name(name: &str) -> Option<&str> {
    (Path::new(name).file_name()? == name).then_some(name)
}
