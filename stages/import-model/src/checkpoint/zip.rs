//! The form since PyTorch 1.6: a zip archive of `NAME/data.pkl` and of `NAME/data/KEY` for each storage, uncompressed.

use std::{collections::HashMap, io::Cursor};

use anyhow::{Context, ensure};
use zip::{CompressionMethod, ZipArchive};

use super::{Checkpoint, names};

pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

pub(super) fn read(bytes: &[u8]) -> anyhow::Result<Checkpoint<'_>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).context("the zip archive is damaged or cut short")?;
    let mut entries = HashMap::new();
    for index in 0..archive.len() {
        let (name, content) = entry(bytes, &mut archive, index)?;
        entries.insert(name, content);
    }
    let folder = entries.keys().find_map(|name| name.strip_suffix("/data.pkl")).map(str::to_string);
    let folder = folder.context("the zip archive holds no data.pkl: it was not written by torch.save")?;
    let order = entries.get(&format!("{folder}/byteorder")).copied().unwrap_or(b"little");
    ensure!(order == b"little", "it was saved on a big-endian machine: save it again on another");

    let pickle = names::read(entries[&format!("{folder}/data.pkl")])?;
    let folder = format!("{folder}/data/");
    let storage = |(name, content): (String, _)| Some((name.strip_prefix(&folder)?.to_string(), content));
    Ok(Checkpoint { pickle, storages: entries.into_iter().filter_map(storage).collect() })
}

/// Name and content of an entry, where it lies in the file.
fn entry<'a>(
    bytes: &'a [u8],
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
) -> anyhow::Result<(String, &'a [u8])> {
    let entry = archive.by_index_raw(index).context("the zip archive is damaged")?;
    let name = entry.name().context("the zip archive is damaged")?.into_owned();
    let shown = name.escape_debug();
    let method = entry.compression();
    ensure!(
        method == CompressionMethod::Stored && !entry.encrypted(),
        "{shown} in it is compressed ({method}) or encrypted, which torch.save does not do"
    );
    let range = entry.data_start().and_then(|start| {
        let (start, size) = (usize::try_from(start).ok()?, usize::try_from(entry.size()).ok()?);
        bytes.get(start..start.checked_add(size)?)
    });
    let content = range.with_context(|| format!("{shown} in it reaches beyond the file: it is cut short"))?;
    let (found, recorded) = (crc32fast::hash(content), entry.crc32());
    ensure!(
        found == recorded,
        "{shown} in it has the CRC-32 {found:08x} and should have {recorded:08x}: it is damaged (or was saved with \
         torch.serialization.set_crc32_options(False): save it again without)"
    );
    Ok((name, content))
}
