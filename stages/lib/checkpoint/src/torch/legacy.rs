//! The form before PyTorch 1.6, as of the paper's `.t7` files: pickles of a magic number, of the
//! protocol, of facts of the system, of the object, and of the storages' keys; then for each key
//! the number of elements and their bytes.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use pickle::{Pickle, Value};

use super::{Checkpoint, names, storage::Storage};
use crate::Element;

/// `0x1950a86a20f9469cfc6c`, as it stands in the file.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const PROTOCOL: i64 = 1001;

pub(crate) fn is(bytes: &[u8]) -> bool {
    let magic =
        |pickle: &Pickle| matches!(pickle.root().value(), Value::Long(number) if **number == MAGIC);
    // the number is the first of all; what else there is need not be read
    Pickle::read(&bytes[..bytes.len().min(64)], &[], 1 << 12).is_ok_and(|pickle| magic(&pickle))
}

pub(super) fn read(bytes: &[u8]) -> anyhow::Result<Checkpoint<'_>> {
    let mut left = bytes;
    let most = bytes.len();
    next(&mut left, most, "the magic number")?;
    let protocol = next(&mut left, most, "the protocol")?.root().int();
    ensure!(
        protocol == Some(PROTOCOL),
        "it is of protocol {protocol:?}, {PROTOCOL} is wanted: save it again"
    );
    let system = next(&mut left, most, "the facts of its system")?;
    let little = system
        .root()
        .get("little_endian")
        .and_then(|little| little.bool());
    ensure!(
        little == Some(true),
        "it was saved on a big-endian machine: save it again on another"
    );
    let pickle = next(&mut left, most, "what was pickled")?;
    let keys = next(&mut left, most, "the list of storages")?;

    let elements = elements(&pickle)?;
    let mut storages = HashMap::new();
    for key in keys
        .root()
        .items()
        .context("the list of storages is none")?
    {
        let key = key.name().context("the key of a storage is no text")?;
        let element = elements
            .get(key)
            .with_context(|| format!("storage \"{key}\" belongs to no tensor"))?;
        storages.insert(
            key.to_string(),
            storage(&mut left, *element).with_context(|| format!("storage \"{key}\""))?,
        );
    }
    Ok(Checkpoint {
        pickle,
        storages,
        file_len: bytes.len(),
    })
}

/// The next of the pickles that follow one another; `file_len` bounds the memory that it may take.
fn next<'a>(left: &mut &'a [u8], file_len: usize, what: &str) -> anyhow::Result<Pickle<'a>> {
    let pickle = names::read(left, file_len).with_context(|| format!("{what} cannot be read"))?;
    *left = &left[pickle.len()..];
    Ok(pickle)
}

/// The element types of the storages, which stand in their persistent ids alone.
fn elements(pickle: &Pickle) -> anyhow::Result<HashMap<String, Element>> {
    let storages = pickle.values().filter(|value| value.persistent().is_some());
    storages
        .map(|value| Storage::of(value).map(|storage| (storage.key.to_string(), storage.element)))
        .collect()
}

/// The bytes of the next storage.
fn storage<'a>(left: &mut &'a [u8], element: Element) -> anyhow::Result<&'a [u8]> {
    let (count, rest) = left
        .split_first_chunk()
        .context("the file is cut short before it")?;
    let count = i64::from_le_bytes(*count);
    let bytes = usize::try_from(count)
        .ok()
        .and_then(|count| count.checked_mul(element.width()));
    let cut = bytes.and_then(|bytes| rest.split_at_checked(bytes));
    let (storage, rest) = cut.with_context(|| {
        format!(
            "it claims {count} elements, {} bytes are left: the file is cut short",
            rest.len()
        )
    })?;
    *left = rest;
    Ok(storage)
}
