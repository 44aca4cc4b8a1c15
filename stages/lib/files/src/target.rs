mod temporary;

use std::{
    fs::{self, File, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
    sync::LazyLock,
    time::SystemTime,
};

use rustix::{fs::RenameFlags, io::Errno};

use temporary::TemporaryNames;

use crate::{Error, Result};

/// Links to links that are followed, as Linux does.
const LINKS: usize = 40;

/// When this process first named a file to be written, which every stage does before it reads.
static STARTED: LazyLock<SystemTime> = LazyLock::new(SystemTime::now);

/// Where a file is written, and whether it may replace another.
#[derive(Debug, Clone)]
pub struct Target {
    path: PathBuf,
    replaces: bool,
    executable: bool,
}

impl Target {
    /// A file that `replaces` what is there, or must not be there. A symbolic link is followed: the
    /// file that it leads to is written.
    pub fn new(path: &Path, replaces: bool) -> Self {
        LazyLock::force(&STARTED);
        Self {
            path: path.into(),
            replaces,
            executable: false,
        }
    }

    /// The same as a program that everybody may run.
    pub fn executable(self) -> Self {
        Self {
            executable: true,
            ..self
        }
    }

    /// Its path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that the file may be written, and removes what killed runs left of it.
    ///
    /// # Errors
    /// It exists and must not be replaced, or is a folder, a device or a pipe; its folder does not
    /// exist.
    pub fn check(&self) -> Result<()> {
        let name = self.path.as_os_str().as_bytes();
        if name.ends_with(b"/") || name.ends_with(b"/.") || self.path.file_name().is_none() {
            return Err(Error::NotAFile(self.path.clone()));
        }
        let path = self.followed()?;
        TemporaryNames::of(&path).remove_leftovers();
        match fs::metadata(&path) {
            Ok(status) if !status.is_file() => return Err(Error::NotAFile(self.path.clone())),
            Ok(_) if !self.replaces => return Err(Error::Exists(self.path.clone())),
            _ => {}
        }
        let folder = folder_of(&path);
        if folder.is_dir() {
            Ok(())
        } else {
            Err(Error::NoFolder {
                path: self.path.clone(),
                folder: folder.into(),
            })
        }
    }

    /// Writes the file, whole or not at all: under a temporary name beside it, synced to disk, then
    /// renamed. Killed at any instant, it leaves either what was there before or the whole file.
    ///
    /// # Errors
    /// Those of [`Target::check`], of this moment; [`Error::Write`].
    pub fn publish(&self, bytes: &[u8]) -> Result<()> {
        self.check()?;
        let path = self.followed()?;
        match self.write(&path, bytes) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(Error::Exists(self.path.clone()))
            }
            written => written.map_err(|source| self.failed(source)),
        }
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let names = TemporaryNames::of(path);
        let mut temporary = names.create()?;
        temporary.file.write_all(bytes)?;
        if self.executable {
            temporary
                .file
                .set_permissions(Permissions::from_mode(0o755))?;
        } else if let Ok(before) = fs::metadata(path) {
            temporary.file.set_permissions(before.permissions())?;
        }
        // dated by the start of the run: where an input is replaced meanwhile, make takes the
        // output for older
        temporary.file.set_modified(*STARTED)?;
        temporary.file.sync_all()?;
        if self.replaces {
            fs::rename(&temporary.path, path)?;
        } else {
            rename_to_new(&temporary.path, path)?;
        }
        // a run that went on at the same time may have been killed meanwhile
        names.remove_leftovers();
        sync_folder(folder_of(path))
    }

    /// The path after symbolic links, which may lead to a file that is not there yet.
    fn followed(&self) -> Result<PathBuf> {
        let mut path = self.path.clone();
        for _ in 0..LINKS {
            match fs::read_link(&path) {
                Ok(next) => path = folder_of(&path).join(next),
                Err(_) => return Ok(path),
            }
        }
        Err(self.failed(Errno::LOOP.into()))
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Write {
            path: self.path.clone(),
            source,
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Renames a file, unless there is one of the new name.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    let here = rustix::fs::CWD;
    match rustix::fs::renameat_with(here, from, here, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // a file system, or a kernel, that does not know how: a second link is never made over a
        // file either
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::PERM) => {
            match fs::hard_link(from, to) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists && !to.exists() => {
                    fs::rename(from, to)
                }
                linked => linked,
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Brings the new name of a file to disk: it is a part of the folder.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // some file systems cannot sync a folder, and lose nothing by it
        Err(error)
            if matches!(
                Errno::from_io_error(&error),
                Some(Errno::INVAL | Errno::NOTSUP)
            ) =>
        {
            Ok(())
        }
        // a folder that may be written to but not read
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_that_is_there_is_replaced_on_demand_only_and_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.h5");
        Target::new(&path, false).publish(b"old").unwrap();
        let refused = Target::new(&path, false).publish(b"new").unwrap_err();
        assert!(refused.to_string().contains("--force"), "{refused}");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        Target::new(&path, true).publish(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        assert_eq!(names_in(folder.path()), ["a.h5"]);
    }

    #[test]
    fn a_file_that_appears_before_the_rename_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (temporary, path) = (folder.path().join("t"), folder.path().join("a.h5"));
        fs::write(&temporary, "mine").unwrap();
        fs::write(&path, "theirs").unwrap();
        let refused = rename_to_new(&temporary, &path).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
    }

    #[test]
    fn folders_devices_and_pipes_are_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path(), Path::new("/dev/null")] {
            let refused = Target::new(path, true).publish(b"x").unwrap_err();
            assert!(matches!(refused, Error::NotAFile(_)), "{refused}");
        }
    }

    #[test]
    fn symbolic_links_are_followed_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("scratch")).unwrap();
        let link = folder.path().join("a.h5");
        symlink("scratch/b.h5", &link).unwrap();
        for text in ["new", "newer"] {
            Target::new(&link, true).publish(text.as_bytes()).unwrap();
            let inner = folder.path().join("scratch/b.h5");
            assert_eq!(fs::read_to_string(inner).unwrap(), text);
        }
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        symlink("c.h5", folder.path().join("c.h5")).unwrap();
        let circle = Target::new(&folder.path().join("c.h5"), true);
        assert!(circle.publish(b"x").is_err());
    }

    #[test]
    fn what_killed_runs_left_is_removed_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let left = ".a.h5.0123456789abcdef.tmp";
        let (written, other) = (".a.h5.fedcba9876543210.tmp", ".b.h5.0123456789abcdef.tmp");
        for name in [left, written, other, ".a.h5.tmp"] {
            fs::write(folder.path().join(name), "half").unwrap();
        }
        let writer = File::open(folder.path().join(written)).unwrap();
        writer.try_lock().unwrap();
        let path = folder.path().join("a.h5");
        Target::new(&path, false).publish(b"whole").unwrap();
        assert_eq!(
            names_in(folder.path()),
            [written, ".a.h5.tmp", other, "a.h5"]
        );
    }

    #[test]
    fn names_of_255_bytes_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("n".repeat(255));
        Target::new(&path, false).publish(b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
