use std::{io, path::PathBuf};

use crate::{Kind, Origin};

/// What can go wrong with a file of the contract; every message names the file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not there.
    #[error("{} does not exist", .0.display())]
    Absent(PathBuf),
    /// The file is not HDF5, is cut short, or cannot be read.
    #[error("{} cannot be read as an HDF5 file", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What HDF5 says.
        source: hdf5_reader::error::Error,
    },
    /// Something inside cannot be read.
    #[error("{}: \"{name}\" cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The dataset or attribute.
        name: String,
        /// What HDF5 says.
        source: hdf5_reader::error::Error,
    },
    /// Writing failed: a full disk, a missing folder.
    #[error("{} cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is there already.
    #[error("{} exists: --force overwrites it", .0.display())]
    Exists(PathBuf),
    /// A folder, a device, a pipe.
    #[error("{} is not a regular file, and is never replaced by one", .0.display())]
    NotAFile(PathBuf),
    /// The folder of a file to be written is missing.
    #[error(
        "{}: the folder {folder} does not exist: mkdir -p {folder}",
        path.display(),
        folder = folder.display()
    )]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
    },
    /// The file is of another kind.
    #[error(
        "{} is a {found} file, but a {expected} file is wanted here (from {})",
        path.display(),
        expected.made_by()
    )]
    Kind {
        /// The file.
        path: PathBuf,
        /// What it says of itself.
        found: String,
        /// What was asked for.
        expected: Kind,
    },
    /// The file is of a version that this build does not know.
    #[error(
        "{} has format version {found}, this build reads version 1: use a relief that reads it",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// A dataset or attribute is missing.
    #[error("{}: there is no \"{name}\", which a {kind} file has", path.display())]
    Lacks {
        /// The file.
        path: PathBuf,
        /// The dataset or attribute.
        name: String,
        /// The kind of the file.
        kind: Kind,
    },
    /// The contents contradict themselves or the contract.
    #[error("{}: {what}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The contents are not those that the id was made of.
    #[error(
        "{}: the contents have id {found}, the file says {recorded}: it was changed or damaged \
         after it \
         was written; delete the attribute \"id\" if the change was meant",
        path.display()
    )]
    Altered {
        /// The file.
        path: PathBuf,
        /// The id of the contents.
        found: String,
        /// The id in the file.
        recorded: String,
    },
    /// An array is not the one that its digest was made of.
    #[error(
        "{}: the values of \"{name}\" have SHA-256 {found}, the file says {recorded}: they were \
         changed or \
         damaged after they were written; make the file anew",
        path.display()
    )]
    AlteredArray {
        /// The file.
        path: PathBuf,
        /// The dataset.
        name: String,
        /// The digest of the values, or of a block of them.
        found: String,
        /// The digest in the file.
        recorded: String,
    },
    /// Two files that do not belong together.
    #[error(
        "{} was made with the {role} {}, {} goes with the {role} {}\n  \
         the first was made by: {}\n  \
         the second was made by: {}",
        path.display(), recorded.id, other.display(), found.id, recorded.command, found.command
    )]
    Foreign {
        /// The file that records what it was made with.
        path: PathBuf,
        /// What it records: the model, the data, …
        role: &'static str,
        /// What was recorded.
        recorded: Box<Origin>,
        /// The file handed over.
        other: PathBuf,
        /// Its own id and command.
        found: Box<Origin>,
    },
}

/// The result of reading or writing a file of the contract.
pub type Result<T> = std::result::Result<T, Error>;
