//! Attributes of datasets and of the root (""), and texts of both.

use hdf5_reader::{Attribute, Datatype, RawAttribute};

use super::Reader;
use crate::{
    Error, Note, Origin, Result, Tensor, names,
    values::{self, Element, TextForm},
};

impl Reader {
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
            let is_single = attribute.message().dataspace.dims.is_empty();
            if !is_single || header.contains(&name) || known.contains(&name) {
                continue;
            }
            if let Some(note) = self.note(attribute)? {
                notes.push((name.to_string(), note));
            }
        }
        notes.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(notes)
    }

    /// The remarks of these names, in their order, as far as they are there.
    pub(crate) fn notes_named(&self, names: &[&str]) -> Result<Vec<(String, Note)>> {
        let all = self.notes(&[])?;
        let mut named = Vec::new();
        for name in names {
            named.extend(all.iter().find(|(it, _)| it == name).cloned());
        }
        Ok(named)
    }

    /// The files of these roles that this one was made from, as far as it names them.
    pub(crate) fn origins(&self, roles: &[&str]) -> Result<Vec<(String, Origin)>> {
        let mut origins = Vec::new();
        for role in roles {
            let origin = self.origin_if_any(role)?;
            origins.extend(origin.map(|origin| (role.to_string(), origin)));
        }
        Ok(origins)
    }

    fn note(&self, attribute: &RawAttribute) -> Result<Option<Note>> {
        let Some(numbers) = self.numbers_of(attribute)? else {
            return Ok(Some(Note::Text(self.text("", attribute.name())?)));
        };
        Ok(match numbers {
            Tensor::I64(values) => values.first().map(|value| Note::Integer(*value)),
            Tensor::U8(values) => values.first().map(|value| Note::Integer((*value).into())),
            Tensor::F64(values) => values.first().map(|value| Note::Real(*value)),
            Tensor::F32(values) => values.first().map(|value| Note::Real((*value).into())),
        })
    }

    /// A text attribute.
    pub(crate) fn text(&self, object: &str, name: &str) -> Result<String> {
        self.text_if_any(object, name)?
            .ok_or_else(|| self.lacks(&format!("{object}@{name}")))
    }

    /// A text attribute, where there is one.
    pub(crate) fn text_if_any(&self, object: &str, name: &str) -> Result<Option<String>> {
        let texts = self.texts_if_any(object, name)?.unwrap_or_default();
        Ok(texts.into_iter().next())
    }

    /// A list of texts, where there is one.
    pub(crate) fn texts_if_any(&self, object: &str, name: &str) -> Result<Option<Vec<String>>> {
        let Some(attribute) = self.attribute(object, name)? else {
            return Ok(None);
        };
        let message = attribute.message();
        let form = self.text_form(&message.datatype, name)?;
        Ok(Some(self.texts_of(form, &message.raw_data, name)?))
    }

    pub(super) fn text_form(&self, datatype: &Datatype, name: &str) -> Result<TextForm> {
        match TextForm::of(datatype) {
            Some(form) => Ok(form),
            None => {
                let what = values::described(datatype);
                Err(self.invalid(format!("\"{name}\" holds {what}, but a text is wanted")))
            }
        }
    }

    /// Texts of fixed or variable length, as h5py, MATLAB and the Python tool write them.
    pub(super) fn texts_of(&self, form: TextForm, bytes: &[u8], name: &str) -> Result<Vec<String>> {
        self.decoded(form, bytes)
            .map_err(|source| self.unreadable(name, source))
    }

    fn decoded(
        &self,
        form: TextForm,
        bytes: &[u8],
    ) -> std::result::Result<Vec<String>, hdf5_reader::error::Error> {
        let mut texts = Vec::new();
        match form {
            TextForm::Fixed(length, _) => {
                for text in bytes.chunks_exact(length.max(1)) {
                    texts.push(form.text(text)?);
                }
            }
            TextForm::Variable(_) => {
                for reference in bytes.chunks_exact(self.source.reference_size()) {
                    let text = self.source.referenced(reference)?;
                    // many references may lead to one long text
                    self.source.unfold(text.len() as u64)?;
                    texts.push(form.text(&text)?);
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
        Ok(match tensor {
            Tensor::I64(values) => values.first().copied(),
            Tensor::U8(values) => values.first().map(|value| i64::from(*value)),
            reals @ (Tensor::F32(_) | Tensor::F64(_)) => {
                reals.into_f64().first().map(|value| *value as i64)
            }
        })
    }

    /// A real in an attribute, or the first of several, where there is one.
    pub(crate) fn real_if_any(&self, object: &str, name: &str) -> Result<Option<f64>> {
        let numbers = self.numbers_if_any(object, name)?.unwrap_or_default();
        Ok(numbers.first().copied())
    }

    /// A list of reals in an attribute, where there is one.
    pub(crate) fn numbers_if_any(&self, object: &str, name: &str) -> Result<Option<Vec<f64>>> {
        match self.numbers(object, name)? {
            Some(tensor) => Ok(Some(tensor.into_f64().into_iter().collect())),
            None => Ok(None),
        }
    }

    /// The numbers of an attribute, where there is one.
    fn numbers(&self, object: &str, name: &str) -> Result<Option<Tensor>> {
        let Some(attribute) = self.attribute(object, name)? else {
            return Ok(None);
        };
        match self.numbers_of(&attribute)? {
            Some(numbers) => Ok(Some(numbers)),
            None => Err(self.no_numbers(name, &attribute.message().datatype)),
        }
    }

    /// The numbers of an attribute; `None` where it holds something else.
    fn numbers_of(&self, attribute: &RawAttribute) -> Result<Option<Tensor>> {
        let message = attribute.message();
        let Some(element) = Element::of(&message.datatype, attribute.raw_datatype()) else {
            return Ok(None);
        };
        match values::tensor(&Attribute::from_message(message.clone()), element) {
            Ok(numbers) => Ok(Some(numbers)),
            Err(source) => Err(self.unreadable(attribute.name(), source)),
        }
    }

    /// The error of an object that holds no numbers.
    pub(super) fn no_numbers(&self, name: &str, datatype: &Datatype) -> Error {
        let what = values::described(datatype);
        self.invalid(format!("\"{name}\" holds {what}, but numbers are wanted"))
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
        let attributes = match self.dataset(object)?.raw_attributes() {
            Ok(attributes) => attributes,
            Err(source) => return Err(self.unreadable(object, source)),
        };
        let mut attributes = attributes.into_iter();
        Ok(attributes.find(|attribute| attribute.name() == name))
    }
}
