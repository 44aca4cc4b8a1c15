use std::{ops::Range, path::Path};

use crate::{
    Error, Examples, Header, Kind, Note, Result, Split, Tensor,
    contents::{Contents, Item, Value},
    digest,
    examples::inputs,
    reader::Reader,
};

/// The digest of an array, stored with it, so that the id is known without reading all images.
pub(crate) const SEAL: &str = "sha256";

const SCALE: &str = "scale";
const MEAN: &str = "mean";
const STD: &str = "std";
const CLASSES: &str = "classes";
/// Attributes that are no remarks.
pub(crate) const ATTRIBUTES: [&str; 4] = [SCALE, MEAN, STD, CLASSES];

/// What is fed to a network: `(inputs · scale − mean) / std`, per channel (dimension 1). Named inputs are fed as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalization {
    /// One factor, or one a channel.
    pub scale: Vec<f64>,
    /// One value, or one a channel.
    pub mean: Vec<f64>,
    /// One value, or one a channel.
    pub std: Vec<f64>,
}

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
    reader: Reader,
}

impl Normalization {
    /// Inputs as they are.
    pub fn none() -> Self {
        Self {
            scale: vec![1.0],
            mean: vec![0.0],
            std: vec![1.0],
        }
    }

    fn items(&self) -> [Item<'_>; 3] {
        [(SCALE, &self.scale), (MEAN, &self.mean), (STD, &self.std)]
            .map(|(name, values)| Item::attribute("", name, values.as_slice()))
    }

    fn load(reader: &Reader) -> Result<Self> {
        let values = |name, default| {
            Ok(reader
                .numbers_if_any("", name)?
                .unwrap_or_else(|| vec![default]))
        };
        Ok(Self {
            scale: values(SCALE, 1.0)?,
            mean: values(MEAN, 0.0)?,
            std: values(STD, 1.0)?,
        })
    }
}

impl DatasetFile {
    /// Opens a dataset; its arrays stay on disk.
    ///
    /// # Errors
    /// As [`Contents::read`].
    pub fn open(path: &Path) -> Result<Self> {
        let reader = Reader::open(path, Kind::Dataset)?;
        let normalization = Normalization::load(&reader)?;
        let classes = reader.texts_if_any("", CLASSES)?.unwrap_or_default();
        let mut lines: Vec<String> = attributes(&normalization, &classes)
            .iter()
            .map(digest::line)
            .collect();
        let splits = Split::all(&reader)?;
        for split in &splits {
            let inputs = inputs(&reader, split)?
                .into_iter()
                .map(|(_, object)| object);
            for name in inputs
                .chain([split.targets()])
                .filter(|name| reader.has(name))
            {
                let (dtype, shape) = reader.form(&name)?;
                lines.push(digest::line_of(
                    &name,
                    dtype,
                    &shape,
                    &reader.sealed(&name)?,
                ));
            }
        }
        let header = reader.header(digest::id_of_lines(Kind::Dataset, lines))?;
        Ok(Self {
            header,
            normalization,
            classes,
            splits,
            reader,
        })
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
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
        let objects = self.objects(split)?;
        let first = objects
            .first()
            .ok_or_else(|| self.reader.lacks(&split.inputs()))?;
        Ok(self.reader.form(first)?.1.first().copied().unwrap_or(0))
    }

    /// The arrays of a split: inputs, then targets where there are any.
    pub(crate) fn objects(&self, split: &Split) -> Result<Vec<String>> {
        let mut objects: Vec<String> = inputs(&self.reader, split)?
            .into_iter()
            .map(|(_, object)| object)
            .collect();
        objects.extend(Some(split.targets()).filter(|targets| self.reader.has(targets)));
        Ok(objects)
    }

    /// The memory that an example of a split takes, in bytes.
    ///
    /// # Errors
    /// No such split.
    pub fn example_bytes(&self, split: &Split) -> Result<usize> {
        let bytes = self
            .objects(split)?
            .into_iter()
            .map(|object| -> Result<usize> {
                let (dtype, shape) = self.reader.form(&object)?;
                let width = match dtype {
                    "u8" | "bool" => 1,
                    "f32" => 4,
                    _ => 8,
                };
                Ok(shape.iter().skip(1).product::<usize>() * width)
            });
        bytes.sum()
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

    /// The examples of a split: all, checked against their digest, or the first `limit`.
    ///
    /// # Errors
    /// No such split, arrays that cannot be read or whose sizes differ.
    pub fn examples(&self, split: &Split, limit: Option<usize>) -> Result<Examples> {
        if let Some(limit) = limit.filter(|limit| *limit < self.count(split).unwrap_or(0)) {
            return self.range(split, 0..limit);
        }
        let read = |name: String| {
            let tensor = self.reader.tensor(&name)?;
            let (found, recorded) = (
                digest::sha256(&(&tensor).into()),
                self.reader.sealed(&name)?,
            );
            if found != recorded {
                let path = self.header.path.clone();
                return Err(Error::Altered {
                    path,
                    found,
                    recorded,
                });
            }
            Ok(tensor)
        };
        self.read(split, read)
    }

    /// Some examples of a split, as far as it has them; not checked against the digest, which is that of all.
    ///
    /// # Errors
    /// As [`DatasetFile::examples`].
    pub fn range(&self, split: &Split, range: Range<usize>) -> Result<Examples> {
        self.read(split, |object| self.reader.range(&object, range.clone()))
    }

    fn read(&self, split: &Split, read: impl Fn(String) -> Result<Tensor>) -> Result<Examples> {
        Examples::read(&self.reader, split, read)
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
                let seal = digest::sha256(&Value::from(tensor));
                items.push(Item {
                    sha256: Some(seal.clone()),
                    ..Item::dataset(&name, tensor)
                });
                items.push(Item::note(&name, SEAL, seal));
            }
        }
        items.extend(attributes(&self.normalization, &self.classes));
        items.extend(
            self.notes
                .iter()
                .map(|(name, note)| Item::note("", name, note)),
        );
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
            classes: reader.texts_if_any("", CLASSES)?.unwrap_or_default(),
            notes: reader.notes(&ATTRIBUTES)?,
        })
    }
}
