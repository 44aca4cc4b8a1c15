use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::{Error, Result, Tensor, contents::Item, digest, reader::Reader};

/// The digest of an array, stored with it, so that the id is known without reading all values.
const WHOLE: &str = "sha256";
/// The digests of its blocks, so that a part can be checked on its own.
const BLOCKS: &str = "block_sha256";
/// Examples per block.
const EXAMPLES: &str = "block_examples";

/// What a block should take, in bytes: little enough to read for a few examples, much beside its
/// digest.
const BLOCK: usize = 4 << 20;

/// How much is read at once, in bytes.
const READ: usize = 64 << 20;

/// The digest of an array of examples, and those of its blocks where the file has them.
pub(crate) struct Seal {
    pub(crate) whole: String,
    blocks: Option<Blocks>,
}

struct Blocks {
    examples: usize,
    digests: Vec<String>,
}

/// An array with its digests, as items of a file.
pub(crate) fn items<'a>(name: &str, tensor: &'a Tensor) -> Vec<Item<'a>> {
    let seal = Seal::of(tensor);
    let mut items = vec![
        Item {
            sha256: Some(seal.whole.clone()),
            ..Item::dataset(name, tensor)
        },
        Item::note(name, WHOLE, seal.whole),
    ];
    if let Some(blocks) = seal.blocks {
        items.push(Item::note(name, EXAMPLES, blocks.examples as i64));
        items.push(Item::note(name, BLOCKS, blocks.digests.join("\n")));
    }
    items
}

impl Seal {
    fn of(tensor: &Tensor) -> Self {
        let bytes = tensor.bytes();
        let count = tensor.shape().first().copied().unwrap_or(1).max(1);
        let examples = (BLOCK / (bytes.len() / count).max(1)).max(1);
        let block = (bytes.len() / count * examples).max(1);
        Self {
            whole: digest::hex(&bytes),
            blocks: Some(Blocks {
                examples,
                digests: bytes.chunks(block).map(digest::hex).collect(),
            }),
        }
    }

    /// The digests that are stored with an array. Where those of blocks are missing, the whole
    /// array is read and checked, since its parts cannot be.
    pub(crate) fn read(reader: &Reader, name: &str) -> Result<Self> {
        reader.check_size(name)?;
        let recorded = reader.text_if_any(name, WHOLE)?;
        let blocks = Blocks::read(reader, name)?;
        match (recorded, blocks) {
            (Some(whole), Some(blocks)) => Ok(Self {
                whole,
                blocks: Some(blocks),
            }),
            (recorded, _) => {
                let found = hashed(reader, name)?;
                if let Some(recorded) = recorded.filter(|recorded| *recorded != found) {
                    return Err(altered(reader, name, found, recorded));
                }
                Ok(Self {
                    whole: found,
                    blocks: None,
                })
            }
        }
    }

    /// Reads the whole array and checks it.
    pub(crate) fn verify(&self, reader: &Reader, name: &str) -> Result<()> {
        let found = hashed(reader, name)?;
        if found != self.whole {
            return Err(altered(reader, name, found, self.whole.clone()));
        }
        Ok(())
    }

    /// Some entries of the array, checked against the digests of their blocks. They are read in
    /// parts, since the bytes of a part and its values are in memory together.
    pub(crate) fn range(&self, reader: &Reader, name: &str, range: Range<usize>) -> Result<Tensor> {
        let step = examples_in(READ, reader, name)?;
        let first = range.end.min(range.start.saturating_add(step));
        let mut entries = self.part(reader, name, range.start..first)?;
        if first < range.end {
            entries.reserve(range.end - first);
        }
        for start in (first..range.end).step_by(step) {
            let part = start..range.end.min(start.saturating_add(step));
            entries.append(&self.part(reader, name, part)?);
        }
        Ok(entries)
    }

    fn part(&self, reader: &Reader, name: &str, range: Range<usize>) -> Result<Tensor> {
        let Some(blocks) = &self.blocks else {
            // the whole was checked when the file was opened
            return reader.range(name, range);
        };
        let first = range.start / blocks.examples;
        let start = first * blocks.examples;
        let end = range.end.div_ceil(blocks.examples) * blocks.examples;
        let tensor = reader.range(name, start..end)?;
        blocks.check(reader, name, &tensor, first)?;
        Ok(tensor.entries(range.start - start..range.end - start))
    }
}

impl Blocks {
    fn read(reader: &Reader, name: &str) -> Result<Option<Self>> {
        let examples = reader.integer_if_any(name, EXAMPLES)?;
        let examples = examples.and_then(|examples| usize::try_from(examples).ok());
        let digests = reader.text_if_any(name, BLOCKS)?;
        let (Some(examples), Some(digests)) = (examples.filter(|count| *count > 0), digests) else {
            return Ok(None);
        };
        let digests: Vec<String> = digests.lines().map(String::from).collect();
        let (_, shape) = reader.form(name)?;
        let count = shape.first().copied().unwrap_or(0);
        // of another array, or damaged: then it is checked as a whole
        let examples = examples.min(count.max(1));
        let fits = digests.len() == count.div_ceil(examples);
        Ok(fits.then_some(Self { examples, digests }))
    }

    /// Checks entries of the array that start with block number `first`.
    fn check(&self, reader: &Reader, name: &str, tensor: &Tensor, first: usize) -> Result<()> {
        let bytes = tensor.bytes();
        let count = tensor.shape().first().copied().unwrap_or(0);
        if count == 0 {
            return Ok(());
        }
        let block = (bytes.len() / count * self.examples).max(1);
        for (bytes, recorded) in bytes.chunks(block).zip(&self.digests[first..]) {
            let found = digest::hex(bytes);
            if found != *recorded {
                return Err(altered(reader, name, found, recorded.clone()));
            }
        }
        Ok(())
    }
}

/// The examples that take so many bytes, or one.
fn examples_in(bytes: usize, reader: &Reader, name: &str) -> Result<usize> {
    let (_, shape) = reader.form(name)?;
    let sizes = shape.iter().skip(1);
    let example = sizes.fold(8usize, |bytes, size| bytes.saturating_mul(*size));
    Ok((bytes / example.max(1)).max(1))
}

/// The digest of a whole array, which is read in parts.
fn hashed(reader: &Reader, name: &str) -> Result<String> {
    let (_, shape) = reader.form(name)?;
    let count = shape.first().copied().unwrap_or(0);
    let examples = examples_in(READ, reader, name)?;
    let mut hasher = Sha256::new();
    for start in (0..count).step_by(examples) {
        let part = reader.range(name, start..start + examples)?;
        hasher.update(part.bytes());
    }
    Ok(digest::in_hex(&hasher.finalize()))
}

fn altered(reader: &Reader, name: &str, found: String, recorded: String) -> Error {
    Error::AlteredArray {
        path: reader.path().into(),
        name: name.into(),
        found,
        recorded,
    }
}
