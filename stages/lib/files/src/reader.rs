use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use hdf5_reader::{Attribute, Dataset, RawAttribute, SliceInfo, SliceInfoElem};
use ndarray::ArrayD;

use crate::{
    Error, Header, Kind, Note, Origin, Result, Tensor, names,
    source::Source,
    values::{self, Element, Part, TextForm},
};

/// An open file of the contract.
pub struct Reader {
    source: Source,
    path: PathBuf,
    kind: Kind,
    /// The root's attributes: listing them is slow, and there may be thousands of files.
    attributes: Vec<RawAttribute>,
}

impl Reader {
    /// Opens a file and checks its kind and version; a file that states no kind passes, so that other tools' are read.
    pub(crate) fn open(path: &Path, kind: Kind) -> Result<Self> {
        if !path.exists() {
            return Err(Error::Absent(path.into()));
        }
        let not_opened = |source| Error::Open {
            path: path.into(),
            source,
        };
        let source = Source::open(path).map_err(not_opened)?;
        let reader = Self {
            attributes: source.attributes().map_err(not_opened)?,
            source,
            path: path.into(),
            kind,
        };
        if let Some(found) = reader.text_if_any("", names::KIND)?
            && Kind::from_name(&found) != Some(kind)
        {
            return Err(Error::Kind {
                path: path.into(),
                found,
                expected: kind,
            });
        }
        let version = reader
            .integer_if_any("", names::VERSION)?
            .unwrap_or(names::FORMAT_VERSION);
        if version != names::FORMAT_VERSION {
            return Err(Error::Version {
                path: path.into(),
                found: version,
            });
        }
        Ok(reader)
    }

    /// The header of the file, whose contents have the id `found`.
    pub(crate) fn header(&self, found: String) -> Result<Header> {
        let recorded = self.text_if_any("", names::ID)?;
        if let Some(recorded) = recorded.filter(|recorded| *recorded != found) {
            return Err(Error::Altered {
                path: self.path.clone(),
                found,
                recorded,
            });
        }
        Ok(Header {
            path: self.path.clone(),
            id: found,
            created_by: self
                .text_if_any("", names::CREATED_BY)?
                .unwrap_or_else(|| "another tool".into()),
            history: self.texts_if_any("", names::HISTORY)?.unwrap_or_default(),
        })
    }

    /// Whether the file says that it is of this contract, not another tool's.
    pub(crate) fn is_ours(&self) -> bool {
        self.root_attribute(names::KIND).is_some()
    }

    /// Whether there is such a dataset.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.source.dataset(name).is_some()
    }

    /// Attributes of the root that neither every file nor this kind (`known`) gives a meaning.
    pub(crate) fn notes(&self, known: &[&str]) -> Result<Vec<(String, Note)>> {
        let header = [
            names::KIND,
            names::VERSION,
            names::CREATED_BY,
            names::HISTORY,
            names::ID,
        ];
        let mut notes = Vec::new();
        for attribute in &self.attributes {
            let name = attribute.name();
            if header.contains(&name) || known.contains(&name) {
                continue;
            }
            let dataspace = &attribute.message().dataspace;
            if !dataspace.dims.is_empty() {
                continue;
            }
            let note = match self.numbers_of(attribute)? {
                Some(Tensor::I64(values)) => values.first().map(|value| Note::Integer(*value)),
                Some(Tensor::U8(values)) => {
                    values.first().map(|value| Note::Integer((*value).into()))
                }
                Some(Tensor::F64(values)) => values.first().map(|value| Note::Real(*value)),
                Some(Tensor::F32(values)) => {
                    values.first().map(|value| Note::Real((*value).into()))
                }
                None => Some(Note::Text(self.text("", name)?)),
            };
            notes.extend(note.map(|note| (name.to_string(), note)));
        }
        notes.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(notes)
    }

    /// Names of the members of a group, sorted; none where there is no such group.
    pub(crate) fn members(&self, group: &str) -> Vec<String> {
        self.source.members(group)
    }

    /// A dataset of any shape.
    pub(crate) fn tensor(&self, name: &str) -> Result<Tensor> {
        self.tensor_if_any(name)?.ok_or_else(|| self.lacks(name))
    }

    /// A dataset of any shape, where there is one.
    pub(crate) fn tensor_if_any(&self, name: &str) -> Result<Option<Tensor>> {
        let Some(dataset) = self.source.dataset(name) else {
            return Ok(None);
        };
        let element = self.element(dataset, name)?;
        self.take_note_of(dataset, values::width(element.dtype()), name)?;
        let tensor = values::tensor(dataset, element);
        tensor
            .map(Some)
            .map_err(|source| self.unreadable(name, source))
    }

    /// These entries of a dataset along its first axis, as far as it has them.
    pub(crate) fn range(&self, name: &str, range: Range<usize>) -> Result<Tensor> {
        let dataset = self.dataset(name)?;
        let unreadable = |source| self.unreadable(name, source);
        self.source.check_unchanged().map_err(unreadable)?;
        let mut selection = SliceInfo::all(dataset.ndim());
        if let [first, ..] = &mut selection.selections[..] {
            let count = dataset.shape()[0];
            *first = SliceInfoElem::Slice {
                start: count.min(range.start as u64),
                end: count.min(range.end as u64),
                step: 1,
            };
        }
        let element = self.element(dataset, name)?;
        values::tensor(&Part { dataset, selection }, element).map_err(unreadable)
    }

    /// The element type and shape of a dataset, without its values.
    pub(crate) fn form(&self, name: &str) -> Result<(&'static str, Vec<usize>)> {
        let dataset = self.dataset(name)?;
        let shape = dataset.shape().iter().map(|size| *size as usize);
        Ok((self.element(dataset, name)?.dtype(), shape.collect()))
    }

    fn element(&self, dataset: &Dataset, name: &str) -> Result<Element> {
        let raw = dataset.raw_datatype();
        let raw = raw.map_err(|source| self.unreadable(name, source))?;
        Element::of(dataset.dtype(), &raw).ok_or_else(|| {
            let what = values::described(dataset.dtype());
            self.invalid(format!("\"{name}\" holds {what}, but numbers are wanted"))
        })
    }

    /// Refuses a dataset whose shape promises far more than the file can hold, before memory is taken for it; its elements
    /// take `width` bytes as they are read.
    fn take_note_of(&self, dataset: &Dataset, width: usize, name: &str) -> Result<()> {
        let bytes = self.promised(dataset, width as u64);
        self.source
            .unfold(bytes)
            .map_err(|source| self.unreadable(name, source))
    }

    /// Refuses an array whose shape promises far more than the file can hold, before any of it is read.
    pub(crate) fn check_size(&self, name: &str) -> Result<()> {
        let dataset = self.dataset(name)?;
        let bytes = self.promised(dataset, 0);
        self.source
            .check_size(bytes)
            .map_err(|source| self.unreadable(name, source))
    }

    /// The bytes of a dataset by its shape, with elements as in the file or of the width that they are read as. An empty one
    /// counts as if it were not, for its other sizes are gone through.
    fn promised(&self, dataset: &Dataset, width: u64) -> u64 {
        let stored = dataset.raw_element_size().map_or(8, |size| size as u64);
        let mut bytes = stored.max(width);
        for size in dataset.shape() {
            bytes = bytes.saturating_mul((*size).max(1));
        }
        bytes
    }

    /// A dataset of reals, as f64, of any shape.
    pub(crate) fn reals(&self, name: &str) -> Result<ArrayD<f64>> {
        self.reals_if_any(name)?.ok_or_else(|| self.lacks(name))
    }

    /// A dataset of reals, where there is one.
    pub(crate) fn reals_if_any(&self, name: &str) -> Result<Option<ArrayD<f64>>> {
        let Some(tensor) = self.tensor_if_any(name)? else {
            return Ok(None);
        };
        if !matches!(tensor, Tensor::F64(_)) {
            // widened, it is in memory twice
            self.take_note_of(self.dataset(name)?, values::width("f64"), name)?;
        }
        Ok(Some(tensor.into_f64()))
    }

    /// A dataset over one axis.
    pub(crate) fn line(&self, name: &str) -> Result<Vec<f64>> {
        self.line_if_any(name)?.ok_or_else(|| self.lacks(name))
    }

    /// A dataset over one axis, where there is one.
    pub(crate) fn line_if_any(&self, name: &str) -> Result<Option<Vec<f64>>> {
        Ok(self
            .reals_if_any(name)?
            .map(|array| array.into_iter().collect()))
    }

    /// A dataset of marks 0 and 1, where there is one.
    pub(crate) fn marks_if_any(&self, name: &str) -> Result<Option<ArrayD<u8>>> {
        let Some(tensor) = self.tensor_if_any(name)? else {
            return Ok(None);
        };
        let marks = match tensor {
            Tensor::U8(marks) => marks,
            Tensor::I64(values) => values.mapv(|value| u8::from(value != 0)),
            Tensor::F32(values) => values.mapv(|value| u8::from(value != 0.0)),
            Tensor::F64(values) => values.mapv(|value| u8::from(value != 0.0)),
        };
        Ok(Some(marks))
    }

    /// A dataset that holds one text.
    pub(crate) fn text_dataset(&self, name: &str) -> Result<String> {
        let texts = self.texts_dataset(name)?;
        texts.into_iter().next().ok_or_else(|| self.lacks(name))
    }

    /// A dataset that holds texts.
    pub(crate) fn texts_dataset(&self, name: &str) -> Result<Vec<String>> {
        let dataset = self.dataset(name)?;
        let form = self.text_form(dataset.dtype(), name)?;
        self.take_note_of(dataset, 0, name)?;
        let bytes = dataset.read_raw_bytes();
        let bytes = bytes.map_err(|source| self.unreadable(name, source))?;
        self.texts_of(form, &bytes, name)
    }

    fn dataset(&self, name: &str) -> Result<&Dataset> {
        self.source.dataset(name).ok_or_else(|| self.lacks(name))
    }

    /// A text attribute of a dataset, or of the root ("").
    pub(crate) fn text(&self, object: &str, name: &str) -> Result<String> {
        self.text_if_any(object, name)?
            .ok_or_else(|| self.lacks(&format!("{object}@{name}")))
    }

    /// A text attribute, where there is one.
    pub(crate) fn text_if_any(&self, object: &str, name: &str) -> Result<Option<String>> {
        Ok(self
            .texts_if_any(object, name)?
            .and_then(|texts| texts.into_iter().next()))
    }

    /// A list of texts, where there is one.
    pub(crate) fn texts_if_any(&self, object: &str, name: &str) -> Result<Option<Vec<String>>> {
        let Some(attribute) = self.attribute(object, name)? else {
            return Ok(None);
        };
        let message = attribute.message();
        let form = self.text_form(&message.datatype, name)?;
        self.texts_of(form, &message.raw_data, name).map(Some)
    }

    fn text_form(&self, datatype: &hdf5_reader::Datatype, name: &str) -> Result<TextForm> {
        TextForm::of(datatype).ok_or_else(|| {
            let what = values::described(datatype);
            self.invalid(format!("\"{name}\" holds {what}, but a text is wanted"))
        })
    }

    /// Texts of fixed or variable length, as h5py, MATLAB and the Python tool write them.
    fn texts_of(&self, form: TextForm, bytes: &[u8], name: &str) -> Result<Vec<String>> {
        let unreadable = |source| self.unreadable(name, source);
        let mut texts = Vec::new();
        match form {
            TextForm::Fixed(length, _) => {
                for text in bytes.chunks_exact(length.max(1)) {
                    texts.push(form.text(text).map_err(unreadable)?);
                }
            }
            TextForm::Variable(_) => {
                for reference in bytes.chunks_exact(self.source.reference_size()) {
                    let text = self.source.referenced(reference).map_err(unreadable)?;
                    // many references may lead to one long text
                    self.source.unfold(text.len() as u64).map_err(unreadable)?;
                    texts.push(form.text(&text).map_err(unreadable)?);
                }
            }
        }
        Ok(texts)
    }

    /// An integer attribute, where there is one.
    pub(crate) fn integer_if_any(&self, object: &str, name: &str) -> Result<Option<i64>> {
        let Some(tensor) = self.numbers(object, name)? else {
            return Ok(None);
        };
        let number = match tensor {
            Tensor::I64(values) => values.first().copied(),
            Tensor::U8(values) => values.first().map(|value| i64::from(*value)),
            other => other.into_f64().first().map(|value| *value as i64),
        };
        Ok(number)
    }

    /// A list of reals in an attribute, where there is one.
    pub(crate) fn numbers_if_any(&self, object: &str, name: &str) -> Result<Option<Vec<f64>>> {
        let tensor = self.numbers(object, name)?;
        Ok(tensor.map(|tensor| tensor.into_f64().into_iter().collect()))
    }

    /// The numbers of an attribute, where there is one.
    fn numbers(&self, object: &str, name: &str) -> Result<Option<Tensor>> {
        let Some(attribute) = self.attribute(object, name)? else {
            return Ok(None);
        };
        let numbers = self.numbers_of(&attribute)?;
        numbers.map(Some).ok_or_else(|| {
            let what = values::described(&attribute.message().datatype);
            self.invalid(format!("\"{name}\" holds {what}, but numbers are wanted"))
        })
    }

    /// The numbers of an attribute; `None` where it holds none.
    fn numbers_of(&self, attribute: &RawAttribute) -> Result<Option<Tensor>> {
        let message = attribute.message();
        let Some(element) = Element::of(&message.datatype, attribute.raw_datatype()) else {
            return Ok(None);
        };
        let numbers = values::tensor(&Attribute::from_message(message.clone()), element);
        let unreadable = |source| self.unreadable(attribute.name(), source);
        numbers.map(Some).map_err(unreadable)
    }

    /// A file that this one was made from, where it is recorded.
    pub(crate) fn origin_if_any(&self, role: &str) -> Result<Option<Origin>> {
        let Some(id) = self.text_if_any("", &format!("{role}_id"))? else {
            return Ok(None);
        };
        let command = self
            .text_if_any("", &format!("{role}_command"))?
            .unwrap_or_else(|| "another tool".into());
        Ok(Some(Origin { id, command }))
    }

    /// A file that this one was made from.
    pub(crate) fn origin(&self, role: &str) -> Result<Origin> {
        self.origin_if_any(role)?
            .ok_or_else(|| self.lacks(&format!("{role}_id")))
    }

    fn attribute(&self, object: &str, name: &str) -> Result<Option<RawAttribute>> {
        if object.is_empty() {
            return Ok(self.root_attribute(name).cloned());
        }
        let attributes = self.dataset(object)?.raw_attributes();
        let attributes = attributes.map_err(|source| self.unreadable(object, source))?;
        Ok(attributes
            .into_iter()
            .find(|attribute| attribute.name() == name))
    }

    fn root_attribute(&self, name: &str) -> Option<&RawAttribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name() == name)
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// An error about the contents of this file.
    pub(crate) fn invalid(&self, what: String) -> Error {
        Error::Invalid {
            path: self.path.clone(),
            what,
        }
    }

    pub(crate) fn lacks(&self, name: &str) -> Error {
        Error::Lacks {
            path: self.path.clone(),
            name: name.into(),
            kind: self.kind,
        }
    }

    pub(crate) fn unreadable(&self, name: &str, mut source: hdf5_reader::error::Error) -> Error {
        // the library names the object once more, by a part of its path
        while let hdf5_reader::error::Error::Context { source: inner, .. } = source {
            source = *inner;
        }
        Error::Read {
            path: self.path.clone(),
            name: name.into(),
            source,
        }
    }
}
