use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use hdf5::{
    Container, Dataset, File, Group, H5Type, Hyperslab, LinkInfo, LinkType, Location, LocationType,
    SliceOrIndex,
    dataset::Layout,
    types::{
        FixedAscii, FixedUnicode, FloatSize, IntSize, TypeDescriptor, VarLenAscii, VarLenUnicode,
    },
};
use ndarray::ArrayD;

use crate::{Error, Header, Kind, Note, Origin, Result, Tensor, digest, names};

/// Groups within groups; the contract has two.
const DEEPEST: usize = 8;
/// The longest fixed-length text that is read, in bytes.
const TEXT: usize = 4096;

/// An open file of the contract.
pub struct Reader {
    file: File,
    path: PathBuf,
    kind: Kind,
    /// Names of the root's attributes: listing them is slow, and there may be thousands of files.
    attributes: Vec<String>,
}

impl Reader {
    /// Opens a file and checks its kind and version; a file that states no kind passes, so that other tools' are read.
    pub(crate) fn open(path: &Path, kind: Kind) -> Result<Self> {
        if !path.exists() {
            return Err(Error::Absent(path.into()));
        }
        let opened = |source| Error::Open {
            path: path.into(),
            source,
        };
        let file = File::open(path).map_err(opened)?;
        let attributes = file.attr_names().map_err(opened)?;
        let reader = Self {
            file,
            path: path.into(),
            kind,
            attributes,
        };
        reader.check_links(&reader.file, "", 0)?;
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
        self.file.attr(names::KIND).is_ok()
    }

    /// Whether there is such a dataset.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.dataset(name).is_some()
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
        for name in &self.attributes {
            if header.contains(&name.as_str()) || known.contains(&name.as_str()) {
                continue;
            }
            let unreadable = |source| self.unreadable(name, source);
            let attribute = self.file.attr(name).map_err(unreadable)?;
            let note = match attribute
                .dtype()
                .and_then(|dtype| dtype.to_descriptor())
                .map_err(unreadable)?
            {
                _ if attribute.ndim() > 0 => continue,
                TypeDescriptor::Integer(_) | TypeDescriptor::Unsigned(_) => {
                    Note::Integer(attribute.read_scalar().map_err(unreadable)?)
                }
                TypeDescriptor::Float(_) => {
                    Note::Real(attribute.read_scalar().map_err(unreadable)?)
                }
                _ => Note::Text(self.text("", name)?),
            };
            notes.push((name.clone(), note));
        }
        Ok(notes)
    }

    /// Names of the members of a group, sorted; none where there is no such group.
    pub(crate) fn members(&self, group: &str) -> Result<Vec<String>> {
        let Ok(group_of) = self.file.group(group) else {
            return Ok(Vec::new());
        };
        let mut names = group_of
            .member_names()
            .map_err(|source| self.unreadable(group, source))?;
        names.sort_unstable();
        Ok(names)
    }

    /// A dataset of any shape.
    pub(crate) fn tensor(&self, name: &str) -> Result<Tensor> {
        self.tensor_if_any(name)?.ok_or_else(|| self.lacks(name))
    }

    /// A dataset of any shape, where there is one.
    pub(crate) fn tensor_if_any(&self, name: &str) -> Result<Option<Tensor>> {
        let Some(dataset) = self.opened(name)? else {
            return Ok(None);
        };
        self.read_tensor(&dataset, name).map(Some)
    }

    fn read_tensor(&self, dataset: &Dataset, name: &str) -> Result<Tensor> {
        self.check_size(dataset, name)?;
        let tensor = match self.dtype(dataset, name)? {
            "f64" => dataset.read_dyn().map(Tensor::F64),
            "f32" => dataset.read_dyn().map(Tensor::F32),
            "i64" => dataset.read_dyn().map(Tensor::I64),
            "bool" => dataset
                .read_dyn::<bool>()
                .map(|values| Tensor::U8(values.mapv(u8::from))),
            _ => dataset.read_dyn().map(Tensor::U8),
        };
        tensor.map_err(|source| self.unreadable(name, source))
    }

    /// These entries of a dataset, as far as it has them.
    pub(crate) fn range(&self, name: &str, range: Range<usize>) -> Result<Tensor> {
        let dataset = self.open_dataset(name)?;
        self.check_size(&dataset, name)?;
        let shape = dataset.shape();
        let mut slices = vec![SliceOrIndex::from(..); shape.len()];
        if let [first, ..] = &mut slices[..] {
            *first = (range.start.min(shape[0])..range.end.min(shape[0])).into();
        }
        let part = Hyperslab::from(slices);
        let tensor = match self.dtype(&dataset, name)? {
            "f64" => dataset.read_slice(part).map(Tensor::F64),
            "f32" => dataset.read_slice(part).map(Tensor::F32),
            "i64" => dataset.read_slice(part).map(Tensor::I64),
            "bool" => {
                return Err(self.invalid(format!("\"{name}\" holds truth values, not numbers")));
            }
            _ => dataset.read_slice(part).map(Tensor::U8),
        };
        tensor.map_err(|source| self.unreadable(name, source))
    }

    /// The element type and shape of a dataset, without its values.
    pub(crate) fn form(&self, name: &str) -> Result<(&'static str, Vec<usize>)> {
        let dataset = self.open_dataset(name)?;
        Ok((self.dtype(&dataset, name)?, dataset.shape()))
    }

    /// The element type that a dataset is read as; halves are widened, which loses nothing.
    fn dtype(&self, dataset: &Container, name: &str) -> Result<&'static str> {
        let descriptor = dataset.dtype().and_then(|dtype| dtype.to_descriptor());
        match descriptor.map_err(|source| self.unreadable(name, source))? {
            TypeDescriptor::Float(FloatSize::U8) => Ok("f64"),
            TypeDescriptor::Float(_) => Ok("f32"),
            TypeDescriptor::Unsigned(IntSize::U1) => Ok("u8"),
            TypeDescriptor::Boolean => Ok("bool"),
            TypeDescriptor::Integer(_) | TypeDescriptor::Unsigned(_) => Ok("i64"),
            other => Err(self.invalid(format!(
                "\"{name}\" has the type {other}, which holds no numbers"
            ))),
        }
    }

    /// Refuses a dataset whose shape promises far more than the file holds, before memory is taken for it.
    fn check_size(&self, dataset: &Container, name: &str) -> Result<()> {
        let bytes = dataset
            .shape()
            .iter()
            .try_fold(8usize, |bytes, size| bytes.checked_mul(*size));
        let file = usize::try_from(self.file.size()).unwrap_or(usize::MAX);
        // deflate, the one filter that people use on such files, shrinks to a thousandth at best
        match bytes.filter(|bytes| *bytes / 8 <= file.saturating_mul(1024)) {
            Some(_) => Ok(()),
            None => Err(self.invalid(format!(
                "\"{name}\" has the shape {:?}, larger than the file",
                dataset.shape()
            ))),
        }
    }

    /// A dataset of reals, as f64, of any shape.
    pub(crate) fn reals(&self, name: &str) -> Result<ArrayD<f64>> {
        self.reals_if_any(name)?.ok_or_else(|| self.lacks(name))
    }

    /// A dataset of reals, where there is one.
    pub(crate) fn reals_if_any(&self, name: &str) -> Result<Option<ArrayD<f64>>> {
        self.array_if_any::<f64>(name)
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

    /// A dataset that HDF5 converts to `T`, where there is one.
    pub(crate) fn array_if_any<T: H5Type>(&self, name: &str) -> Result<Option<ArrayD<T>>> {
        let Some(dataset) = self.opened(name)? else {
            return Ok(None);
        };
        self.check_size(&dataset, name)?;
        dataset
            .read_dyn()
            .map(Some)
            .map_err(|source| self.unreadable(name, source))
    }

    /// A dataset that holds one text.
    pub(crate) fn text_dataset(&self, name: &str) -> Result<String> {
        let dataset = self.open_dataset(name)?;
        let texts = self.texts_of(&dataset, name)?;
        texts.into_iter().next().ok_or_else(|| self.lacks(name))
    }

    /// A dataset that holds texts.
    pub(crate) fn texts_dataset(&self, name: &str) -> Result<Vec<String>> {
        let dataset = self.open_dataset(name)?;
        self.texts_of(&dataset, name)
    }

    fn dataset(&self, name: &str) -> Option<Dataset> {
        self.file.dataset(name).ok()
    }

    /// The dataset itself, for reading a part of it.
    pub(crate) fn open_dataset(&self, name: &str) -> Result<Dataset> {
        self.opened(name)?.ok_or_else(|| self.lacks(name))
    }

    /// A dataset, where there is one, whose values lie in this file.
    fn opened(&self, name: &str) -> Result<Option<Dataset>> {
        let Some(dataset) = self.dataset(name) else {
            return Ok(None);
        };
        let settings = dataset
            .dcpl()
            .map_err(|source| self.unreadable(name, source))?;
        if !settings.external().is_empty() {
            return Err(self.invalid(format!(
                "\"{name}\" has its values in another file (external storage)"
            )));
        }
        // HDF5 before 1.10 has these three only, and no name for the fourth
        if !matches!(
            settings.layout(),
            Layout::Compact | Layout::Contiguous | Layout::Chunked
        ) {
            return Err(self.invalid(format!(
                "\"{name}\" has its values in other datasets (a virtual dataset)"
            )));
        }
        Ok(Some(dataset))
    }

    /// Refuses links that lead to other files, which a file from a stranger may have anywhere.
    fn check_links(&self, group: &Group, path: &str, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            return Err(self.invalid(format!("\"{path}\" lies more than {DEEPEST} groups deep")));
        }
        let mut links = Vec::new();
        let keep = |name: &str, link: LinkInfo| {
            links.push((name.to_string(), link.link_type));
            Ok(())
        };
        group
            .iter_visit_default(keep)
            .map_err(|source| self.unreadable(path, source))?;
        for (name, kind) in links {
            let path = format!("{path}/{name}");
            match kind {
                LinkType::External => {
                    return Err(self.invalid(format!("\"{path}\" is a link to another file")));
                }
                // it stays in the file, and what it leads to is looked at where it lies
                LinkType::Soft => continue,
                LinkType::Hard => {}
            }
            // asked first: an attempt to open each dataset as a group costs more
            if let Ok(LocationType::Group) = group.loc_type_by_name(&name) {
                let inner = group
                    .group(&name)
                    .map_err(|source| self.unreadable(&path, source))?;
                self.check_links(&inner, &path, depth + 1)?;
            }
        }
        Ok(())
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
        self.attribute(object, name)?
            .map(|attribute| self.texts_of(&attribute, name))
            .transpose()
    }

    /// An integer attribute, where there is one.
    pub(crate) fn integer_if_any(&self, object: &str, name: &str) -> Result<Option<i64>> {
        let attribute = self.attribute(object, name)?;
        attribute
            .map(|value| {
                value
                    .read_scalar()
                    .map_err(|source| self.unreadable(name, source))
            })
            .transpose()
    }

    /// A list of reals in an attribute, where there is one.
    pub(crate) fn numbers_if_any(&self, object: &str, name: &str) -> Result<Option<Vec<f64>>> {
        let attribute = self.attribute(object, name)?;
        attribute
            .map(|value| {
                value
                    .read_raw()
                    .map_err(|source| self.unreadable(name, source))
            })
            .transpose()
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

    fn attribute(&self, object: &str, name: &str) -> Result<Option<hdf5::Attribute>> {
        let read = |location: &Location| {
            location
                .attr(name)
                .map(Some)
                .map_err(|source| self.unreadable(name, source))
        };
        let is_there = |names: &[String]| names.iter().any(|found| found == name);
        if object.is_empty() {
            return if is_there(&self.attributes) {
                read(&self.file)
            } else {
                Ok(None)
            };
        }
        let object = self.open_dataset(object)?;
        let names = object
            .attr_names()
            .map_err(|source| self.unreadable(name, source))?;
        if is_there(&names) {
            read(&object)
        } else {
            Ok(None)
        }
    }

    /// Texts of fixed or variable length, as h5py, MATLAB and the Python tool write them.
    fn texts_of(&self, container: &Container, name: &str) -> Result<Vec<String>> {
        let read_error = |source| self.unreadable(name, source);
        self.check_size(container, name)?;
        match container
            .dtype()
            .and_then(|dtype| dtype.to_descriptor())
            .map_err(read_error)?
        {
            TypeDescriptor::VarLenUnicode => {
                strings(container.read_raw::<VarLenUnicode>()).map_err(read_error)
            }
            TypeDescriptor::VarLenAscii => {
                strings(container.read_raw::<VarLenAscii>()).map_err(read_error)
            }
            TypeDescriptor::FixedAscii(length) if length <= TEXT => {
                strings(container.read_raw::<FixedAscii<TEXT>>()).map_err(read_error)
            }
            TypeDescriptor::FixedUnicode(length) if length <= TEXT => {
                strings(container.read_raw::<FixedUnicode<TEXT>>()).map_err(read_error)
            }
            other => Err(self.invalid(format!(
                "\"{name}\" has the type {other}, but a text is wanted"
            ))),
        }
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

    pub(crate) fn unreadable(&self, name: &str, source: hdf5::Error) -> Error {
        Error::Read {
            path: self.path.clone(),
            name: name.into(),
            source,
        }
    }

    /// The digest of a dataset that was stored with it, or is made now.
    pub(crate) fn sealed(&self, name: &str) -> Result<String> {
        match self.text_if_any(name, crate::dataset::SEAL)? {
            Some(seal) => Ok(seal),
            None => Ok(digest::sha256(&(&self.tensor(name)?).into())),
        }
    }
}

fn strings<T: ToString>(texts: hdf5::Result<Vec<T>>) -> hdf5::Result<Vec<String>> {
    Ok(texts?.iter().map(T::to_string).collect())
}
