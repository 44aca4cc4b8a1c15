mod normalization;

use std::{collections::HashMap, ops::Range, path::Path};

use crate::{
    Examples, Header, Kind, Note, Result, Split,
    contents::{Contents, Item},
    digest,
    examples::inputs,
    reader::Reader,
    seal::{self, Seal},
    values,
};

pub use normalization::Normalization;

use normalization::{MEAN, SCALE, STD};

const CLASSES: &str = "classes";
/// Attributes that are no remarks.
pub(crate) const ATTRIBUTES: [&str; 4] = [SCALE, MEAN, STD, CLASSES];

/// Inputs and targets, with what is applied to the inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The splits that are there, train before test.
    pub splits: Vec<(Split, Examples)>,
    /// Applied to integer inputs never, to others always.
    pub normalization: Normalization,
    /// Names of the classes, in the order of their numbers; may be empty.
    pub classes: Vec<String>,
    /// Where it came from: `source`, `split`, `seed`, …
    pub notes: Vec<(String, Note)>,
}

/// An open dataset, of which only what is asked for is read.
pub struct DatasetFile {
    /// What the file says of itself.
    pub header: Header,
    /// Applied to the inputs.
    pub normalization: Normalization,
    /// Names of the classes; may be empty.
    pub classes: Vec<String>,
    splits: Vec<Split>,
    /// The digests of the arrays, by their names in the file.
    seals: HashMap<String, Seal>,
    reader: Reader,
}

impl DatasetFile {
    /// Opens a dataset; its arrays stay on disk.
    ///
    /// # Errors
    /// As [`Contents::read`].
    pub fn open(path: &Path) -> Result<Self> {
        let reader = Reader::open(path, Kind::Dataset)?;
        let normalization = Normalization::load(&reader)?;
        let classes = classes(&reader)?;
        let mut lines: Vec<String> = attributes(&normalization, &classes)
            .iter()
            .map(digest::line)
            .collect();
        let splits = Split::all(&reader)?;
        let mut seals = HashMap::new();
        for split in &splits {
            for name in arrays(&reader, split)? {
                let (dtype, shape) = reader.form(&name)?;
                let seal = Seal::read(&reader, &name)?;
                lines.push(digest::line_of(&name, dtype, &shape, &seal.whole));
                seals.insert(name, seal);
            }
        }
        let header = reader.header(digest::id_of_lines(Kind::Dataset, lines))?;
        Ok(Self {
            header,
            normalization,
            classes,
            splits,
            seals,
            reader,
        })
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The digests of the arrays, by their names in the file.
    pub(crate) fn seals(&self) -> &HashMap<String, Seal> {
        &self.seals
    }

    /// The splits that the file has.
    pub fn splits(&self) -> &[Split] {
        &self.splits
    }

    /// The number of examples in a split.
    ///
    /// # Errors
    /// No such split.
    pub fn count(&self, split: &Split) -> Result<usize> {
        let arrays = arrays(&self.reader, split)?;
        let first = arrays
            .first()
            .ok_or_else(|| self.reader.lacks(&split.inputs()))?;
        Ok(self.reader.form(first)?.1.first().copied().unwrap_or(0))
    }

    /// The memory that an example of a split takes, in bytes.
    ///
    /// # Errors
    /// No such split.
    pub fn example_bytes(&self, split: &Split) -> Result<usize> {
        let mut bytes = 0;
        for array in arrays(&self.reader, split)? {
            let (dtype, shape) = self.reader.form(&array)?;
            bytes += shape.iter().skip(1).product::<usize>() * values::width(dtype);
        }
        Ok(bytes)
    }

    /// The element type of a split's targets; `None` where it has none.
    ///
    /// # Errors
    /// Targets that cannot be read.
    pub fn target_dtype(&self, split: &Split) -> Result<Option<&'static str>> {
        let targets = split.targets();
        if !self.reader.has(&targets) {
            return Ok(None);
        }
        Ok(Some(self.reader.form(&targets)?.0))
    }

    /// The examples of a split: all, or the first `limit`.
    ///
    /// # Errors
    /// No such split, arrays that cannot be read or whose sizes differ, values that are not those
    /// of the digests.
    pub fn examples(&self, split: &Split, limit: Option<usize>) -> Result<Examples> {
        let count = self.count(split)?;
        self.range(split, 0..limit.map_or(count, |limit| limit.min(count)))
    }

    /// Some examples of a split, as far as it has them.
    ///
    /// # Errors
    /// As [`DatasetFile::examples`].
    pub fn range(&self, split: &Split, range: Range<usize>) -> Result<Examples> {
        Examples::read(&self.reader, split, |array| match self.seals.get(&array) {
            Some(seal) => seal.range(&self.reader, &array, range.clone()),
            None => Err(self.reader.lacks(&array)),
        })
    }
}

/// Names of the arrays of a split: inputs, then targets where there are any.
fn arrays(reader: &Reader, split: &Split) -> Result<Vec<String>> {
    let mut arrays = Vec::new();
    for (_, array) in inputs(reader, split)? {
        arrays.push(array);
    }
    arrays.push(split.targets());
    arrays.retain(|array| reader.has(array));
    Ok(arrays)
}

/// Names of the classes, in an attribute or in a dataset.
fn classes(reader: &Reader) -> Result<Vec<String>> {
    let dataset = format!("/{CLASSES}");
    match reader.texts_if_any("", CLASSES)? {
        Some(classes) => Ok(classes),
        None if reader.has(&dataset) => reader.texts_dataset(&dataset),
        None => Ok(Vec::new()),
    }
}

fn attributes<'a>(normalization: &'a Normalization, classes: &'a [String]) -> Vec<Item<'a>> {
    let mut items = Vec::from(normalization.items());
    if !classes.is_empty() {
        items.push(Item::attribute("", CLASSES, classes));
    }
    items
}

impl Contents for Dataset {
    const KIND: Kind = Kind::Dataset;

    fn items(&self) -> Vec<Item<'_>> {
        let mut items = Vec::new();
        for (split, examples) in &self.splits {
            let object = |name: &str| match name {
                "" => split.inputs(),
                name => format!("{}/{name}", split.inputs()),
            };
            let inputs = examples
                .inputs
                .iter()
                .map(|(name, tensor)| (object(name), tensor));
            let targets = examples
                .targets
                .iter()
                .map(|targets| (split.targets(), targets));
            for (name, tensor) in inputs.chain(targets) {
                items.extend(seal::items(&name, tensor));
            }
        }
        items.extend(attributes(&self.normalization, &self.classes));
        items.extend(Item::notes(&self.notes));
        items
    }

    fn load(reader: &Reader) -> Result<Self> {
        let mut splits = Vec::new();
        for split in Split::all(reader)? {
            let examples = Examples::read(reader, &split, |object| reader.tensor(&object))?;
            splits.push((split, examples));
        }
        Ok(Self {
            splits,
            normalization: Normalization::load(reader)?,
            classes: classes(reader)?,
            notes: reader.notes(&ATTRIBUTES)?,
        })
    }
}
