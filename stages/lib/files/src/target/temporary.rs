//! The names under which a file is written before it is whole.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, OpenOptions, TryLockError},
    hash::{BuildHasher, RandomState},
    io::{self, ErrorKind},
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
};

use super::folder_of;
use crate::{digest, folder::entries_of};

/// The longest part of a name that its temporary names repeat; names have at most 255 bytes.
const STEM: usize = 200;
/// What temporary names end in.
const ENDING: &str = ".tmp";

/// The names under which a file is written before it is whole: `.NAME.RANDOM.tmp`.
pub(super) struct TemporaryNames {
    folder: PathBuf,
    /// `.NAME.`
    start: OsString,
}

impl TemporaryNames {
    pub(super) fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().as_bytes();
        let mut start = OsString::from(".");
        if name.len() <= STEM {
            start.push(OsStr::from_bytes(name));
        } else {
            // long names may differ in their ends only
            start.push(OsStr::from_bytes(&name[..STEM - 16]));
            start.push(&digest::hex(name)[..16]);
        }
        start.push(".");
        Self {
            folder: folder_of(path).into(),
            start,
        }
    }

    /// A new file under such a name. It is locked as long as it is written, which tells it from
    /// what a killed run left.
    pub(super) fn create(&self) -> io::Result<Temporary> {
        loop {
            // the keys of a RandomState are random, and differ between machines and containers
            let random = RandomState::new().hash_one(std::process::id());
            let mut name = self.start.clone();
            name.push(format!("{random:016x}{ENDING}"));
            let path = self.folder.join(name);
            let file = match OpenOptions::new().write(true).create_new(true).open(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                file => file?,
            };
            let temporary = Temporary { path, file };
            let is_taken = matches!(lock(&temporary.file), Err(TryLockError::WouldBlock));
            // another run may have taken it for a left-over before it was locked
            if !is_taken && temporary.file.metadata()?.nlink() > 0 {
                return Ok(temporary);
            }
        }
    }

    /// Removes what killed runs left.
    pub(super) fn remove_leftovers(&self) {
        let Ok(entries) = entries_of(&self.folder) else {
            return;
        };
        for path in entries.flatten() {
            if !self.matches(path.file_name().unwrap_or_default()) {
                continue;
            }
            if !fs::symlink_metadata(&path).is_ok_and(|status| status.is_file()) {
                continue;
            }
            // a lock that cannot be had, or file systems without locks: somebody may be writing it
            if let Ok(file) = OpenOptions::new().write(true).open(&path)
                && lock(&file).is_ok()
            {
                let _ = fs::remove_file(&path);
            }
        }
    }

    fn matches(&self, name: &OsStr) -> bool {
        let inner = name.as_bytes().strip_prefix(self.start.as_bytes());
        let random = inner.and_then(|inner| inner.strip_suffix(ENDING.as_bytes()));
        random.is_some_and(|random| random.len() == 16 && random.iter().all(u8::is_ascii_hexdigit))
    }
}

/// Locks a file, however often a signal comes between.
fn lock(file: &File) -> std::result::Result<(), TryLockError> {
    loop {
        match file.try_lock() {
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            locked => return locked,
        }
    }
}

/// A file that is not whole yet; it is removed where it does not become the target.
pub(super) struct Temporary {
    pub(super) path: PathBuf,
    pub(super) file: File,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
