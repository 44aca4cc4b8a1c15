use std::path::Path;

use crate::{Error, Kind, Result, names, reader::Reader};

/// What a file says of itself before its contents are read.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// Its kind, or the one whose datasets it has.
    pub kind: Kind,
    /// The version of the format; `None` in files of other tools.
    pub version: Option<i64>,
    /// The id that it states; `None` in files of other tools.
    pub id: Option<String>,
}

impl Stated {
    /// Reads it.
    ///
    /// # Errors
    /// No file, no HDF5, a kind or version that this build does not know, datasets of no kind.
    pub fn read(path: &Path) -> Result<Self> {
        // opened as some kind, it names its own
        let reader = match Reader::open(path, Kind::Surface) {
            Err(Error::Kind { found, .. }) => {
                let kind = Kind::from_name(&found).ok_or_else(|| Error::Invalid {
                    path: path.into(),
                    what: format!("its kind is \"{found}\", which needs a newer relief"),
                })?;
                Reader::open(path, kind)?
            }
            opened => opened?,
        };
        let kind = match reader.text_if_any("", names::KIND)? {
            Some(name) => Kind::from_name(&name),
            None => guessed(&reader)?,
        };
        let Some(kind) = kind else {
            let members = reader.members("/").join(", ");
            return Err(reader.invalid(format!(
                "it is no file of relief and none that relief reads; it holds {members}"
            )));
        };
        Ok(Self {
            kind,
            version: reader.integer_if_any("", names::VERSION)?,
            id: reader.text_if_any("", names::ID)?,
        })
    }
}

/// The kind of a file that names none, by what it holds.
fn guessed(reader: &Reader) -> Result<Option<Kind>> {
    let signs = [
        ("program", Kind::Model),
        ("xdirection", Kind::Directions),
        ("proj_xcoord", Kind::Trajectory),
        ("eigenvalues", Kind::Spectrum),
        // spectra have them, too, and come before
        ("model_ids", Kind::Sharpness),
        ("point", Kind::Shard),
        ("xcoordinates", Kind::Surface),
    ];
    let members = reader.members("/");
    for (sign, kind) in signs {
        if members.iter().any(|member| member == sign) {
            return Ok(Some(kind));
        }
    }
    let has_splits = !crate::Split::all(reader)?.is_empty();
    Ok(has_splits.then_some(Kind::Dataset))
}
