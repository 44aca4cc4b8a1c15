//! Zip archives, as `torch.save`, `torch.export.save` and `numpy.savez` write them.

use std::{
    borrow::Cow,
    cell::Cell,
    collections::BTreeMap,
    io::{Cursor, Read},
};

use anyhow::{Context, ensure};
use flate2::read::DeflateDecoder;
use memchr::memmem;
use zip::{
    CompressionMethod, ZipArchive,
    read::{ArchiveOffset, Config},
};

use crate::{memory, shown};

/// What each entry of an archive's list begins with.
const LISTED: &[u8] = b"PK\x01\x02";
/// Where the name stands in what an entry begins with.
const NAME: usize = 30;
/// Bytes of memory that an entry of the list takes.
const ENTRY: usize = 600;

/// An archive: its entries where they lie in the file.
pub(crate) struct Archive<'a> {
    entries: BTreeMap<String, Packed<'a>>,
    /// Bytes of the file.
    pub(crate) len: usize,
}

struct Packed<'a> {
    bytes: &'a [u8],
    size: u64,
    deflated: bool,
    crc32: u32,
    /// Whether its bytes were checked: a file can refer to them a million times.
    checked: Cell<bool>,
}

pub(crate) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

impl<'a> Archive<'a> {
    /// The archive in these bytes, whose entries may be `most` bytes together once they are
    /// inflated.
    pub(crate) fn read(bytes: &'a [u8], most: usize) -> anyhow::Result<Self> {
        let entries = memmem::find_iter(bytes, LISTED).count();
        let fits = entries.saturating_mul(ENTRY) <= memory::of_inflated(bytes.len());
        ensure!(
            fits,
            "the zip archive lists {entries} entries, too many for {} bytes: it is damaged",
            bytes.len()
        );
        // the file is the archive: guessing where it starts goes wrong beside PyTorch's trailer of
        // 76 bytes
        let config = Config {
            archive_offset: ArchiveOffset::Known(0),
        };
        let mut archive = ZipArchive::with_config(config, Cursor::new(bytes))
            .context("the zip archive is damaged or cut short")?;
        let mut entries = BTreeMap::new();
        let (mut total, mut inflated) = (0usize, 0u64);
        for index in 0..archive.len() {
            let (name, packed) = entry(bytes, &mut archive, index)?;
            total = total.saturating_add(packed.bytes.len());
            inflated = inflated.saturating_add(if packed.deflated { packed.size } else { 0 });
            ensure!(
                inflated <= most as u64,
                "{} in it claims {} bytes, in a file of {}: save it uncompressed",
                shown(&name),
                packed.size,
                bytes.len()
            );
            entries.insert(name, packed);
        }
        ensure!(
            total <= bytes.len(),
            "the entries of the zip archive overlap: it is damaged"
        );
        Ok(Self {
            entries,
            len: bytes.len(),
        })
    }

    /// Names of the entries, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// What lies before a suffix in the name of an entry that has it.
    pub(crate) fn before(&self, suffix: &str) -> Option<&str> {
        self.names().find_map(|name| name.strip_suffix(suffix))
    }

    /// The content of an entry, checked; `None` where there is none of this name.
    pub(crate) fn get(&self, name: &str) -> anyhow::Result<Option<Cow<'a, [u8]>>> {
        self.entries
            .get(name)
            .map(|packed| packed.content().with_context(|| shown(name).to_string()))
            .transpose()
    }

    /// The content of an entry that must be there.
    pub(crate) fn content(&self, name: &str) -> anyhow::Result<Cow<'a, [u8]>> {
        self.get(name)?
            .with_context(|| format!("the zip archive holds no {}: it is cut short", shown(name)))
    }
}

/// Name and place of an entry.
fn entry<'a>(
    bytes: &'a [u8],
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
) -> anyhow::Result<(String, Packed<'a>)> {
    let entry = archive
        .by_index_raw(index)
        .context("the zip archive is damaged")?;
    let name = entry
        .name()
        .context("the zip archive is damaged")?
        .into_owned();
    let method = entry.compression();
    ensure!(
        matches!(
            method,
            CompressionMethod::Stored | CompressionMethod::DEFLATE
        ) && !entry.encrypted(),
        "{} in it is encrypted or compressed in a way that is not read here ({method})",
        shown(&name)
    );
    // the name stands in the list, and once more before the content
    let header = usize::try_from(entry.header_start())
        .ok()
        .and_then(|start| bytes.get(start..)?.get(NAME..));
    let agrees = header.is_some_and(|header| header.starts_with(entry.name_raw()));
    ensure!(
        agrees,
        "{} in it has another name in the archive's list: it is damaged",
        shown(&name)
    );
    let range = entry.data_start().and_then(|start| {
        let (start, size) = (
            usize::try_from(start).ok()?,
            usize::try_from(entry.compressed_size()).ok()?,
        );
        bytes.get(start..start.checked_add(size)?)
    });
    let bytes = range.with_context(|| {
        format!(
            "{} in it reaches beyond the file: it is cut short",
            shown(&name)
        )
    })?;
    let deflated = method == CompressionMethod::DEFLATE;
    Ok((
        name,
        Packed {
            bytes,
            size: entry.size(),
            deflated,
            crc32: entry.crc32(),
            checked: Cell::new(false),
        },
    ))
}

impl<'a> Packed<'a> {
    fn content(&self) -> anyhow::Result<Cow<'a, [u8]>> {
        let content = if self.deflated {
            Cow::Owned(self.inflated()?)
        } else {
            Cow::Borrowed(self.bytes)
        };
        if self.checked.replace(true) {
            return Ok(content);
        }
        let (found, recorded) = (crc32fast::hash(&content), self.crc32);
        ensure!(
            found == recorded,
            "its CRC-32 is {found:08x} and should be {recorded:08x}: the file is damaged (or was \
             saved with torch.serialization.set_crc32_options(False): save it again without)"
        );
        Ok(content)
    }

    fn inflated(&self) -> anyhow::Result<Vec<u8>> {
        // read, never reserve, what the archive promises
        let mut content = Vec::new();
        let decoder = DeflateDecoder::new(self.bytes).take(self.size + 1);
        { decoder }
            .read_to_end(&mut content)
            .context("it is damaged or cut short")?;
        let found = content.len() as u64;
        ensure!(
            found == self.size,
            "it has other than the {} bytes that the archive promises: it is damaged",
            self.size
        );
        Ok(content)
    }
}
