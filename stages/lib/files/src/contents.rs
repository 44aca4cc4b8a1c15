use std::{borrow::Cow, ops::Deref, path::Path};

use ndarray::ArrayViewD;

use crate::{
    Error, Header, Kind, Note, Origin, Provenance, Result, Tensor, digest, reader::Reader,
    target::Target, writer,
};

/// What a kind of file holds, apart from its header.
pub trait Contents: Sized {
    /// The kind of file.
    const KIND: Kind;

    /// Everything that is written, each dataset before the attributes on it.
    fn items(&self) -> Vec<Item<'_>>;

    /// The contents of an open file, checked for sense.
    ///
    /// # Errors
    /// What is missing, of another type or shape, or contradictory.
    fn load(reader: &Reader) -> Result<Self>;

    /// The id of a file with these contents.
    fn id(&self) -> String {
        digest::id(Self::KIND, &self.items())
    }

    /// Reads a file of this kind and checks its id. A file without an id, from another tool, gets
    /// one.
    ///
    /// # Errors
    /// No file, no HDF5, another kind or version, missing or senseless contents, an id that is not
    /// theirs.
    fn read(path: &Path) -> Result<Stored<Self>> {
        let reader = Reader::open(path, Self::KIND)?;
        let contents = Self::load(&reader)?;
        let header = reader.header(digest::id(Self::KIND, &contents.items()))?;
        Ok(Stored { header, contents })
    }

    /// Writes a file of this kind, whole or not at all, and returns its id.
    ///
    /// # Errors
    /// As [`Target::publish`].
    fn write(&self, target: &Target, provenance: &Provenance) -> Result<String> {
        let items = self.items();
        let id = digest::id(Self::KIND, &items);
        let image = writer::image(Self::KIND, &id, provenance, &items);
        let image = image.map_err(|source| Error::Write {
            path: target.path().into(),
            source: std::io::Error::other(source),
        })?;
        target.publish(&image)?;
        Ok(id)
    }
}

/// Contents as they were read, with the header of their file.
#[derive(Debug, Clone)]
pub struct Stored<T> {
    /// What the file says of itself.
    pub header: Header,
    /// What it holds.
    pub contents: T,
}

impl<T> Deref for Stored<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.contents
    }
}

/// A dataset (`attribute` is `None`) or an attribute of a file.
pub struct Item<'a> {
    /// The dataset; empty for the root.
    pub(crate) object: String,
    pub(crate) attribute: Option<String>,
    pub(crate) value: Value<'a>,
    /// Whether it enters the id.
    pub(crate) counts: bool,
    /// The digest of the value where it is known.
    pub(crate) sha256: Option<String>,
}

/// What an item holds.
pub(crate) enum Value<'a> {
    F32(ArrayViewD<'a, f32>),
    F64(ArrayViewD<'a, f64>),
    I64(ArrayViewD<'a, i64>),
    U8(ArrayViewD<'a, u8>),
    Integer(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Texts(Vec<Cow<'a, str>>),
}

impl<'a> Item<'a> {
    /// A dataset, which counts.
    pub(crate) fn dataset(name: impl Into<String>, value: impl Into<Value<'a>>) -> Self {
        Self {
            object: name.into(),
            attribute: None,
            value: value.into(),
            counts: true,
            sha256: None,
        }
    }

    /// An attribute of a dataset or of the root (""), which counts.
    pub(crate) fn attribute(
        object: &str,
        name: impl Into<String>,
        value: impl Into<Value<'a>>,
    ) -> Self {
        Self {
            attribute: Some(name.into()),
            ..Self::dataset(object, value)
        }
    }

    /// An attribute that says how the contents came about, and does not enter the id.
    pub(crate) fn note(object: &str, name: impl Into<String>, value: impl Into<Value<'a>>) -> Self {
        Self {
            counts: false,
            ..Self::attribute(object, name, value)
        }
    }

    /// Remarks on the root.
    pub(crate) fn notes(notes: &'a [(String, Note)]) -> impl Iterator<Item = Self> {
        notes.iter().map(|(name, note)| Self::note("", name, note))
    }

    /// A file that this one was made from: its id counts, the command that made it does not.
    pub(crate) fn origin(role: &str, origin: &'a Origin) -> [Self; 2] {
        [
            Self::attribute("", format!("{role}_id"), origin.id.as_str()),
            Self::note("", format!("{role}_command"), origin.command.as_str()),
        ]
    }

    /// Its name in the list that the id is made of.
    pub(crate) fn name(&self) -> String {
        match &self.attribute {
            Some(attribute) => format!("{}@{attribute}", self.object),
            None => self.object.clone(),
        }
    }
}

impl Value<'_> {
    pub(crate) fn dtype(&self) -> &'static str {
        match self {
            Self::F32(_) => "f32",
            Self::F64(_) | Self::Real(_) => "f64",
            Self::I64(_) | Self::Integer(_) => "i64",
            Self::U8(_) => "u8",
            Self::Text(_) | Self::Texts(_) => "text",
        }
    }

    pub(crate) fn shape(&self) -> Vec<usize> {
        match self {
            Self::F32(values) => values.shape().into(),
            Self::F64(values) => values.shape().into(),
            Self::I64(values) => values.shape().into(),
            Self::U8(values) => values.shape().into(),
            Self::Integer(_) | Self::Real(_) | Self::Text(_) => Vec::new(),
            Self::Texts(texts) => vec![texts.len()],
        }
    }
}

impl<'a> From<&'a Tensor> for Value<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        match tensor {
            Tensor::F32(array) => Self::F32(array.view()),
            Tensor::F64(array) => Self::F64(array.view()),
            Tensor::I64(array) => Self::I64(array.view()),
            Tensor::U8(array) => Self::U8(array.view()),
        }
    }
}

impl<'a> From<&'a Note> for Value<'a> {
    fn from(note: &'a Note) -> Self {
        match note {
            Note::Text(text) => Self::Text(text.into()),
            Note::Integer(number) => Self::Integer(*number),
            Note::Real(number) => Self::Real(*number),
        }
    }
}

impl From<Note> for Value<'_> {
    fn from(note: Note) -> Self {
        match note {
            Note::Text(text) => Self::Text(text.into()),
            Note::Integer(number) => Self::Integer(number),
            Note::Real(number) => Self::Real(number),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a [String]> for Value<'a> {
    fn from(texts: &'a [String]) -> Self {
        Self::Texts(texts.iter().map(Cow::from).collect())
    }
}

impl From<Vec<String>> for Value<'_> {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts.into_iter().map(Cow::from).collect())
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl<'a> From<&'a [i64]> for Value<'a> {
    fn from(values: &'a [i64]) -> Self {
        Self::I64(crate::tensor::line(values))
    }
}

impl<'a> From<&'a [f64]> for Value<'a> {
    fn from(values: &'a [f64]) -> Self {
        Self::F64(crate::tensor::line(values))
    }
}
