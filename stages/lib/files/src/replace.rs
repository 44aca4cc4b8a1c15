use std::{
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
};

use crate::Error;

/// Writes `path` whole or not at all: `write` makes a temporary file beside it, which is synced to disk and renamed.
///
/// Killed at any instant, it leaves either the old target or the new one.
///
/// # Errors
/// What `write` returns, or [`Error::Write`].
pub fn replace<E: From<Error>>(
    path: &Path,
    write: impl FnOnce(&Path) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let temporary = Temporary::beside(path);
    write(&temporary.0)?;
    publish(&temporary.0, path).map_err(|source| Error::Write {
        path: path.into(),
        source,
    })?;
    Ok(())
}

fn publish(temporary: &Path, path: &Path) -> std::io::Result<()> {
    File::open(temporary)?.sync_all()?;
    fs::rename(temporary, path)?;
    // the rename itself lives in the folder; some file systems cannot sync one, and lose nothing by it
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// A file name of this process beside the target; what is left of it is removed.
struct Temporary(PathBuf);

impl Temporary {
    fn beside(path: &Path) -> Self {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.tmp", std::process::id()));
        Self(path.with_file_name(name))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Result;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.h5");
        let whole = |text: &'static str| {
            move |temporary: &Path| -> Result<()> {
                fs::write(temporary, text).unwrap();
                Ok(())
            }
        };
        replace(&path, whole("old")).unwrap();
        let failure = replace(&path, |temporary| {
            fs::write(temporary, "half").unwrap();
            Err(Error::Absent("b.h5".into()))
        });
        assert!(failure.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        replace(&path, whole("new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
