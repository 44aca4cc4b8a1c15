//! The file of a journal: held by one run, and appended to whole or not at all.

use std::{
    fs::{self, File, TryLockError},
    io::{ErrorKind, Write},
    os::unix::fs::MetadataExt,
    path::Path,
};

use anyhow::bail;

/// Whether a path still leads to an open file.
pub(super) fn is_named(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), fs::metadata(path)) else {
        return false;
    };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

/// Two runs must not write one journal. Where a file system has no locks, it is said.
pub(super) fn lock(file: &File) -> anyhow::Result<()> {
    let locked = loop {
        match file.try_lock() {
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            locked => break locked,
        }
    };
    match locked {
        Err(TryLockError::WouldBlock) => {
            bail!("another run is writing it: wait for that, or use another --output")
        }
        Err(TryLockError::Error(why)) => {
            stage::tell(format_args!(
                "warning: the points of a run cannot be locked here ({why}): start no second run \
                 with the same --output"
            ));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Appends a record, whole or not at all: other points of this run may follow it. Returns where it
/// begins.
pub(super) fn append(file: &mut File, record: &[u8]) -> std::io::Result<u64> {
    let before = file.metadata()?.len();
    if let Err(why) = file.write_all(record) {
        let _ = file.set_len(before);
        return Err(why);
    }
    Ok(before)
}
