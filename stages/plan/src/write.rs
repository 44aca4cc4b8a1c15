use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use anyhow::Context;

/// Writes a text, unless the file holds it: a file that stays as it is keeps its time, and make has nothing to do.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    let write = || -> anyhow::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        files::replace(path, |temporary| {
            fs::write(temporary, text)?;
            if path.extension().is_some_and(|ending| ending == "sh") {
                fs::set_permissions(temporary, fs::Permissions::from_mode(0o755))?;
            }
            Ok::<(), anyhow::Error>(())
        })
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}
