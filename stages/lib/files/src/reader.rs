mod arrays;
mod attributes;

use std::path::{Path, PathBuf};

use hdf5_reader::RawAttribute;

use crate::{Error, Header, Kind, Result, names, source::Source};

/// An open file of the contract.
pub struct Reader {
    source: Source,
    path: PathBuf,
    kind: Kind,
    /// The root's attributes: listing them is slow, and there may be thousands of files.
    attributes: Vec<RawAttribute>,
}

impl Reader {
    /// Opens a file and checks its kind and version; a file that states no kind passes, so that
    /// other tools' are read.
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

    /// Names of the members of a group, sorted; none where there is no such group.
    pub(crate) fn members(&self, group: &str) -> Vec<String> {
        self.source.members(group)
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
