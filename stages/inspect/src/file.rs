use std::{fs, io::Read, path::Path};

use anyhow::{Context, ensure};
use files::{
    Contents, DatasetFile, Directions, Header, Kind, Model, Shard, Sharpness, Spectrum, Stated,
    Stored, Surface, Trajectory,
};
use provenance::Record;

/// What every HDF5 file begins with, where it holds nothing before it.
const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";

/// A file that was read, checked against its id. The arrays of a dataset stay on disk.
pub(crate) enum File {
    Model(Stated, Stored<Model>),
    Dataset(Stated, Box<DatasetFile>),
    Directions(Stated, Stored<Directions>),
    Shard(Stated, Stored<Shard>),
    Surface(Stated, Stored<Surface>),
    Trajectory(Stated, Box<Stored<Trajectory>>),
    Spectrum(Stated, Box<Stored<Spectrum>>),
    Sharpness(Stated, Box<Stored<Sharpness>>),
    /// A picture, page, mesh or table, by what it says of itself.
    Picture(Record),
}

impl File {
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        if !is_hdf5(path)? {
            let record = provenance::read(path)?;
            let record = record.with_context(|| {
                let what =
                    "is neither HDF5 nor a picture, mesh or table that says how relief made it";
                format!("{} {what}", path.display())
            })?;
            return Ok(Self::Picture(record));
        }
        let stated = Stated::read(path)?;
        Ok(match stated.kind {
            Kind::Model => Self::Model(stated, Model::read(path)?),
            Kind::Dataset => Self::Dataset(stated, Box::new(DatasetFile::open(path)?)),
            Kind::Directions => Self::Directions(stated, Directions::read(path)?),
            Kind::Shard => Self::Shard(stated, Shard::read(path)?),
            Kind::Surface => Self::Surface(stated, Surface::read(path)?),
            Kind::Trajectory => Self::Trajectory(stated, Box::new(Trajectory::read(path)?)),
            Kind::Spectrum => Self::Spectrum(stated, Box::new(Spectrum::read(path)?)),
            Kind::Sharpness => Self::Sharpness(stated, Box::new(Sharpness::read(path)?)),
        })
    }

    /// What it is, in a word.
    pub(crate) fn kind(&self) -> String {
        match self.stated() {
            Some(stated) => stated.kind.to_string(),
            None => "picture".into(),
        }
    }

    /// What an HDF5 file says of itself.
    pub(crate) fn stated(&self) -> Option<&Stated> {
        match self {
            Self::Model(stated, _)
            | Self::Dataset(stated, _)
            | Self::Directions(stated, _)
            | Self::Shard(stated, _)
            | Self::Surface(stated, _)
            | Self::Trajectory(stated, _)
            | Self::Spectrum(stated, _)
            | Self::Sharpness(stated, _) => Some(stated),
            Self::Picture(_) => None,
        }
    }

    /// The header of an HDF5 file.
    pub(crate) fn header(&self) -> Option<&Header> {
        match self {
            Self::Model(_, file) => Some(&file.header),
            Self::Dataset(_, file) => Some(&file.header),
            Self::Directions(_, file) => Some(&file.header),
            Self::Shard(_, file) => Some(&file.header),
            Self::Surface(_, file) => Some(&file.header),
            Self::Trajectory(_, file) => Some(&file.header),
            Self::Spectrum(_, file) => Some(&file.header),
            Self::Sharpness(_, file) => Some(&file.header),
            Self::Picture(_) => None,
        }
    }

    /// The id of an HDF5 file.
    pub(crate) fn id(&self) -> Option<&str> {
        let header = self.header()?;
        Some(&header.id)
    }

    /// The commands that led to it, oldest first.
    pub(crate) fn history(&self) -> &[String] {
        match self {
            Self::Picture(record) => &record.history,
            file => file.header().map_or(&[], |header| &header.history),
        }
    }
}

fn is_hdf5(path: &Path) -> anyhow::Result<bool> {
    let kind = fs::metadata(path).with_context(|| unreadable(path))?;
    // a pipe would wait for a writer
    ensure!(kind.is_file(), "{} is not a regular file", path.display());
    let mut start = Vec::new();
    let file = fs::File::open(path).with_context(|| unreadable(path))?;
    file.take(HDF5.len() as u64)
        .read_to_end(&mut start)
        .with_context(|| unreadable(path))?;
    Ok(start == HDF5)
}

fn unreadable(path: &Path) -> String {
    format!("{} cannot be read", path.display())
}
