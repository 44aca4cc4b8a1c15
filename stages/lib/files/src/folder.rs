use std::{
    ffi::OsStr,
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use rustix::fs::{Dir, Mode, OFlags};

/// The paths of what lies in a folder, sorted. (`std::fs::read_dir` panics where the folder cannot be closed, which happens on
/// network file systems.)
///
/// # Errors
/// It is no folder, or cannot be read.
pub fn entries_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    for entry in Dir::new(rustix::fs::open(folder, flags, Mode::empty())?)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            paths.push(folder.join(OsStr::from_bytes(name)));
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_sorted_and_those_of_the_folder_only() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", ".a", "c"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let wanted = [".a", "b", "c"].map(|name| folder.path().join(name));
        assert_eq!(entries_of(folder.path()).unwrap(), wanted);
        assert!(entries_of(&folder.path().join("b")).is_err());
        assert!(entries_of(&folder.path().join("none")).is_err());
    }
}
