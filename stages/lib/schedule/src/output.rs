//! The output of stages whose points are kept in a journal.

use std::path::Path;

use files::{Contents, Error, Provenance};
use stage::Output;

use crate::{Journal, journal::beside};

/// Checks, before any work, that an output may be written. Beside the journal of a run that was
/// killed at its very end, one that exists may be what this run would write, which is seen later.
///
/// # Errors
/// As [`Output::check`].
pub fn check_output<'a>(
    output: &Output,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> anyhow::Result<()> {
    match output.check(inputs) {
        Err(error) if exists(&error) && beside(output, ".partial").exists() => Ok(()),
        checked => checked,
    }
}

/// Writes what was measured, and removes the journal. An output that exists by now is as good where
/// it is the same, written by another run of the same command.
///
/// # Errors
/// It cannot be written, or holds something else.
pub fn publish(
    contents: &impl Contents,
    output: &Output,
    provenance: &Provenance,
    journal: Journal,
) -> anyhow::Result<()> {
    match contents.write(&output.target(), provenance) {
        Err(Error::Exists(path)) if is_same(&path, contents) => {}
        written => {
            written?;
        }
    }
    journal.remove();
    Ok(())
}

fn exists(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::Exists(_)))
}

fn is_same<T: Contents>(path: &Path, contents: &T) -> bool {
    T::read(path).is_ok_and(|file| file.header.id == contents.id())
}
