//! What a file is made from, as a text that changes when it does. make goes by times, and a file
//! that was replaced may well be older than the one before.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    io,
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::{
    shell,
    work::{Made, Work},
};

/// Texts of stamps, with the digests of files that exist already.
pub(crate) struct Stamps<'a> {
    /// Files that the plan makes.
    made: HashSet<&'a str>,
    digests: HashMap<&'a str, String>,
}

impl<'a> Stamps<'a> {
    pub(crate) fn new(work: &'a Work) -> Self {
        Self {
            made: work.made().iter().map(|made| made.path).collect(),
            digests: HashMap::new(),
        }
    }

    /// The command that makes something, and the digests of the foreign files that it needs.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn text(&mut self, made: &Made<'a>) -> anyhow::Result<String> {
        let mut text = format!("{}\n", shell::line(made.command));
        for need in made.needs {
            if self.made.contains(need.as_str()) {
                continue;
            }
            let digest = match self.digests.get(need.as_str()) {
                Some(digest) => digest.clone(),
                None => describe(Path::new(need)).with_context(|| need.clone())?,
            };
            text += &digest;
            self.digests.insert(need, digest);
        }
        Ok(text)
    }
}

/// A line for each file of a source: itself, or those that lie directly in a folder. A folder of
/// image folders has none, for it may hold millions; nor has a file that does not exist yet, which
/// make will miss.
fn describe(path: &Path) -> io::Result<String> {
    let mut files = if path.is_dir() {
        files::entries_of(path)?.collect::<io::Result<Vec<PathBuf>>>()?
    } else {
        vec![PathBuf::from(path)]
    };
    files.retain(|file| file.is_file());
    files.sort_unstable();
    let mut text = String::new();
    for file in files {
        let digest = files::sha256_of_file(&file)?;
        let _ = writeln!(text, "# {digest} {}", file.display());
    }
    Ok(text)
}
