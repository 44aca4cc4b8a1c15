use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context;
use crc32fast::Hasher;
use files::Target;
use stage::Output;

use crate::{Journal, journal::beside};

/// What the name of such a file has behind that of the output, before the number of the point.
const END: &str = ".state-";
/// Bytes of the check at the end of a file.
const CHECK: usize = 4;

/// `OUTPUT.state-POINT`: what a point knows between two passes, each in a file of its own that is
/// replaced whole. The check at its end binds it to the settings of the journal.
pub struct States {
    output: Output,
    check: Hasher,
    /// The points that have such a file.
    points: HashSet<usize>,
}

impl States {
    /// Those beside an output, whose settings are those of the journal.
    pub fn find(output: &Output, journal: &Journal) -> Self {
        let mut states = Self {
            output: output.clone(),
            check: journal.check().clone(),
            points: HashSet::new(),
        };
        let folder = output.output.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        // in a folder that cannot be listed no state is found, and points start anew
        if let Ok(paths) = files::entries_of(folder.unwrap_or(Path::new("."))) {
            for path in paths.flatten() {
                states.points.extend(states.point_of(&path));
            }
        }
        // a run may have been killed between a point's values and the end of its state
        for point in states.points.clone() {
            if journal.has(point) {
                states.remove(point);
            }
        }
        states
    }

    /// What is kept of a point. A damaged file, or one of other settings, is none: the point starts
    /// anew.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(&self, point: usize) -> anyhow::Result<Option<Vec<u8>>> {
        if !self.points.contains(&point) {
            return Ok(None);
        }
        let path = self.path(point);
        let bytes = read(&path).with_context(|| path.display().to_string())?;
        match bytes.split_last_chunk::<CHECK>() {
            Some((state, check)) if *check == self.checked(state) => Ok(Some(state.into())),
            _ => {
                stage::tell(format_args!(
                    "warning: {} is damaged, or of other settings: point {point} starts anew",
                    path.display()
                ));
                Ok(None)
            }
        }
    }

    /// Keeps a state: when it returns, the file is on disk.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self, point: usize, state: &[u8]) -> anyhow::Result<()> {
        let mut bytes = state.to_vec();
        bytes.extend(self.checked(state));
        Target::new(&self.path(point), true).publish(&bytes)?;
        self.points.insert(point);
        Ok(())
    }

    /// Removes what is kept of a point, if anything is.
    pub fn remove(&mut self, point: usize) {
        if self.points.remove(&point) {
            // what is left of it is known as old: the point is in the journal
            let _ = fs::remove_file(self.path(point));
        }
    }

    /// The point whose state a file of this name holds.
    fn point_of(&self, path: &Path) -> Option<usize> {
        let output = self.output.output.file_name()?.to_str()?;
        let end = path.file_name()?.to_str()?.strip_prefix(output)?;
        end.strip_prefix(END)?.parse().ok()
    }

    fn path(&self, point: usize) -> PathBuf {
        beside(&self.output, &format!("{END}{point}"))
    }

    fn checked(&self, state: &[u8]) -> [u8; CHECK] {
        let mut check = self.check.clone();
        check.update(state);
        check.finalize().to_le_bytes()
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(stage::regular(path)?)
}
