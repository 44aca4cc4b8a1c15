use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use checkpoint::{
    State,
    exported::{self, Exported},
};
use sha2::{Digest, Sha256};

/// A checkpoint's bytes: one file, or those that the index of a large one names.
pub(crate) struct Weights {
    path: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
    /// SHA-256 of the file (of the index), in hexadecimal.
    pub(crate) sha256: String,
}

impl Weights {
    /// Reads them.
    ///
    /// # Errors
    /// A file that cannot be read, with its path.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = bytes_of(path)?;
        let sha256 = in_hex(&bytes);
        let shards = checkpoint::shards(&bytes).with_context(|| path.display().to_string())?;
        let mut files = Vec::new();
        match shards {
            None => files.push((path.to_path_buf(), bytes)),
            Some(names) => {
                for name in names {
                    let file = path.with_file_name(name);
                    let bytes = bytes_of(&file)?;
                    files.push((file, bytes));
                }
            }
        }
        Ok(Self {
            path: path.into(),
            files,
            sha256,
        })
    }

    /// The files that were read: `SHA-256:PATH`.
    pub(crate) fn read_files(&self) -> Vec<String> {
        let mut read = vec![format!("{}:{}", self.sha256, self.path.display())];
        for (file, bytes) in self.files.iter().filter(|(file, _)| *file != self.path) {
            read.push(format!("{}:{}", in_hex(bytes), file.display()));
        }
        read
    }

    /// The program of a file that torch.export wrote.
    ///
    /// # Errors
    /// What [`exported::read`] refuses, with the file.
    pub(crate) fn exported(&self) -> anyhow::Result<Exported<'_>> {
        let bytes = self.files.first().map_or(&[][..], |(_, bytes)| bytes);
        exported::read(bytes).with_context(|| self.path.display().to_string())
    }

    /// The tensors by name.
    ///
    /// # Errors
    /// What [`checkpoint::read`] refuses, with the file.
    pub(crate) fn state(&self, key: Option<&str>) -> anyhow::Result<State<'_>> {
        let mut states = Vec::new();
        for (file, bytes) in &self.files {
            let state = checkpoint::read(bytes, key);
            states.push(state.with_context(|| file.display().to_string())?);
        }
        ensure!(!states.is_empty(), "{} names no file", self.path.display());
        State::joined(states).with_context(|| self.path.display().to_string())
    }
}

/// The bytes of a file.
fn bytes_of(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = stage::regular(path).and_then(fs::read);
    bytes.with_context(|| format!("{} cannot be read", path.display()))
}

/// SHA-256 in hexadecimal.
fn in_hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
