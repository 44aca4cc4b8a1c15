use std::{fs, path::PathBuf};

/// A folder in memory of this process, for readers that take a path.
pub struct Folder {
    pub path: PathBuf,
}

impl Folder {
    /// The folder, with nothing in it.
    pub fn new() -> Self {
        let memory = PathBuf::from("/dev/shm");
        let within = if memory.is_dir() {
            memory
        } else {
            std::env::temp_dir()
        };
        let path = within.join(format!("relief-fuzz-{}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        Self { path }
    }

    /// A file in it, by a path such as `train/cat/1.png`.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path.join(name);
        let folder = path.parent().expect("a name in the folder");
        fs::create_dir_all(folder).expect("a folder in memory");
        fs::write(&path, bytes).expect("a file in memory");
        path
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.path).ok();
    }
}
