use std::{
    ffi::OsStr,
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use rustix::fs::{Dir, DirEntry, Mode, OFlags};

/// The paths of what lies in a folder, in no order. (`std::fs::read_dir` panics where the folder
/// cannot be closed, which happens on network file systems.)
///
/// # Errors
/// It is no folder, or cannot be read.
pub fn entries_of(folder: &Path) -> io::Result<impl Iterator<Item = io::Result<PathBuf>>> {
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let entries = Dir::new(rustix::fs::open(folder, flags, Mode::empty())?)?;
    Ok(entries.filter_map(|entry| path_of(folder, entry).transpose()))
}

/// The path of an entry; none of the folder itself and of the one above.
fn path_of(folder: &Path, entry: rustix::io::Result<DirEntry>) -> io::Result<Option<PathBuf>> {
    let entry = entry?;
    let name = entry.file_name().to_bytes();
    let is_entry = name != b"." && name != b"..";
    Ok(is_entry.then(|| folder.join(OsStr::from_bytes(name))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_those_of_the_folder_only() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", ".a", "c"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let wanted = [".a", "b", "c"].map(|name| folder.path().join(name));
        let found: io::Result<Vec<PathBuf>> = entries_of(folder.path()).unwrap().collect();
        let mut found = found.unwrap();
        found.sort_unstable();
        assert_eq!(found, wanted);
        assert!(entries_of(&folder.path().join("b")).is_err());
        assert!(entries_of(&folder.path().join("none")).is_err());
    }
}
