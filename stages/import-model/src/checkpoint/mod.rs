//! Checkpoints as `torch.save` writes them.

mod legacy;
mod names;
mod tensors;
mod unwrap;
mod zip;

use std::collections::HashMap;

use anyhow::bail;
use files::Tensor;
use pickle::Pickle;

pub(crate) use tensors::TensorRef;
pub(crate) use unwrap::State;

/// A checkpoint: what was pickled, and the bytes of its storages.
pub(crate) struct Checkpoint<'a> {
    pickle: Pickle<'a>,
    storages: HashMap<String, &'a [u8]>,
}

impl<'a> Checkpoint<'a> {
    /// The checkpoint in either form, told by its contents.
    ///
    /// # Errors
    /// Neither form, damage, or classes in it that are no plain data.
    pub(crate) fn read(bytes: &'a [u8]) -> anyhow::Result<Self> {
        if zip::is(bytes) {
            return zip::read(bytes);
        }
        if legacy::is(bytes) {
            return legacy::read(bytes);
        }
        bail!("it is no checkpoint of PyTorch: neither a zip archive of torch.save nor its form before 1.6");
    }

    /// The `state_dict` in it: the whole, or an entry of it.
    ///
    /// # Errors
    /// None, or several and no `key` that chooses one; a damaged tensor.
    pub(crate) fn state(&self, key: Option<&str>) -> anyhow::Result<State<'_>> {
        State::find(self.pickle.root(), key)
    }

    /// The values of a tensor.
    ///
    /// # Errors
    /// A storage that is not there, or is smaller than the tensor.
    pub(crate) fn tensor(&self, tensor: &TensorRef) -> anyhow::Result<Tensor> {
        tensor.values(&self.storages)
    }
}

#[cfg(test)]
mod tests;
