//! Checkpoints as `torch.save` writes them, in the form since PyTorch 1.6 and in that before.

mod legacy;
mod names;
mod storage;
mod unwrap;

use std::{borrow::Cow, collections::HashMap};

use anyhow::{Context, ensure};
use pickle::Pickle;

use crate::{Archive, State};

pub(crate) use legacy::is as is_legacy;

/// What was pickled, and the bytes of its storages.
struct Checkpoint<'a> {
    pickle: Pickle<'a>,
    storages: Storages<'a>,
    file_len: usize,
}

/// Bytes by key.
type Storages<'a> = HashMap<String, &'a [u8]>;

/// The weights in the form before 1.6.
pub(crate) fn legacy<'a>(bytes: &'a [u8], key: Option<&str>) -> anyhow::Result<State<'a>> {
    legacy::read(bytes)?.state(key)
}

/// The weights in the form since 1.6: `NAME/data.pkl`, and `NAME/data/KEY` for each storage,
/// uncompressed.
pub(crate) fn zipped<'a>(archive: &Archive<'a>, key: Option<&str>) -> anyhow::Result<State<'a>> {
    let folder = archive.before("/data.pkl");
    let folder =
        folder.context("the zip archive holds no data.pkl: it was not written by torch.save")?;
    let order = archive.get(&format!("{folder}/byteorder"))?;
    ensure!(
        order.is_none_or(|order| *order == *b"little"),
        "it was saved on a big-endian machine: save it again on another"
    );
    let pickle = borrowed(archive, &format!("{folder}/data.pkl"))?;
    let pickle = names::read(pickle, archive.len)?;
    let data = format!("{folder}/data/");
    let mut storages = Storages::new();
    for name in archive.names() {
        if let Some(key) = name.strip_prefix(&data) {
            storages.insert(key.to_string(), borrowed(archive, name)?);
        }
    }
    Checkpoint {
        pickle,
        storages,
        file_len: archive.len,
    }
    .state(key)
}

/// The bytes of a file in the archive, which lie there uncompressed.
fn borrowed<'a>(archive: &Archive<'a>, name: &str) -> anyhow::Result<&'a [u8]> {
    match archive.content(name)? {
        Cow::Borrowed(bytes) => Ok(bytes),
        Cow::Owned(_) => anyhow::bail!(
            "{} in it is compressed, which torch.save does not do",
            crate::shown(name)
        ),
    }
}

impl<'a> Checkpoint<'a> {
    fn state(&self, key: Option<&str>) -> anyhow::Result<State<'a>> {
        unwrap::state(self.pickle.root(), &self.storages, self.file_len, key)
    }
}
