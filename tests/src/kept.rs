//! What several tests begin with, made once and copied for each.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::Workdir;

/// The files of a folder, by their paths in it.
pub struct Kept(Vec<(PathBuf, Vec<u8>)>);

impl Kept {
    /// Keeps all files of a folder and of those in it.
    pub fn of(workdir: &Workdir) -> Self {
        let mut files = Vec::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(workdir.path("").join(&folder)).unwrap() {
                let entry = entry.unwrap();
                let path = folder.join(entry.file_name());
                if entry.file_type().unwrap().is_dir() {
                    folders.push(path);
                } else {
                    files.push((path, fs::read(entry.path()).unwrap()));
                }
            }
        }
        Self(files)
    }

    /// A folder of its own with these files.
    pub fn copy(&self) -> Workdir {
        let workdir = Workdir::new();
        for (path, bytes) in &self.0 {
            let file = workdir.path("").join(path);
            fs::create_dir_all(file.parent().unwrap_or(Path::new(""))).unwrap();
            fs::write(file, bytes).unwrap();
        }
        workdir
    }
}
