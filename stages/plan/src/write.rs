use std::{fs, path::Path};

use anyhow::Context;
use files::Target;

/// Writes a text, unless the file holds it: a file that stays as it is keeps its time, and make has nothing to do.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    let write = || -> anyhow::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let target = Target::new(path, true);
        let is_script = path.extension().is_some_and(|ending| ending == "sh");
        let target = if is_script {
            target.executable()
        } else {
            target
        };
        Ok(target.publish(text.as_bytes())?)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}
