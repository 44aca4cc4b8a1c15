//! Files by name, from a folder or from a gzipped tar.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::Read,
    path::Path,
};

use anyhow::{Context, bail, ensure};
use flate2::read::MultiGzDecoder;

/// A gzipped tar that unpacks to more than this is no data set that we know.
const LARGEST_ARCHIVE: u64 = 2 << 30;
/// So are files of more than this, together.
const LARGEST_TOGETHER: usize = 256 << 20;

/// The files of these names: in a folder, or in an archive, in whatever folder there.
///
/// # Errors
/// Nothing there, no gzipped tar, a file larger than `largest` bytes.
pub(crate) fn read(
    path: &Path,
    wanted: &[&str],
    largest: u64,
) -> anyhow::Result<HashMap<String, Vec<u8>>> {
    ensure!(path.exists(), "{} does not exist", path.display());
    let found = if path.is_dir() {
        from_folder(path, wanted, largest)
    } else {
        from_tar(path, wanted, largest)
    };
    found.with_context(|| format!("{} cannot be read", path.display()))
}

fn from_folder(
    folder: &Path,
    wanted: &[&str],
    largest: u64,
) -> anyhow::Result<HashMap<String, Vec<u8>>> {
    let mut found = HashMap::new();
    for name in wanted {
        let path = folder.join(name);
        if path.is_file() {
            ensure!(
                fs::metadata(&path)?.len() <= largest,
                "{name} is larger than {largest} bytes"
            );
            found.insert(
                name.to_string(),
                fs::read(&path).with_context(|| name.to_string())?,
            );
        }
    }
    Ok(found)
}

fn from_tar(
    path: &Path,
    wanted: &[&str],
    largest: u64,
) -> anyhow::Result<HashMap<String, Vec<u8>>> {
    let mut magic = [0; 2];
    let path = stage::regular(path)?;
    File::open(path)?.read_exact(&mut magic).ok();
    if magic != [0x1f, 0x8b] {
        bail!("it is neither a folder nor a gzipped tar archive");
    }
    let mut archive =
        tar::Archive::new(MultiGzDecoder::new(File::open(path)?).take(LARGEST_ARCHIVE));
    let (mut found, mut total) = (HashMap::new(), 0);
    for entry in archive.entries()? {
        let mut entry = entry.context("the archive is damaged or cut short")?;
        let path = entry.path()?.into_owned();
        let Some(name) = path
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|name| wanted.contains(name))
        else {
            continue;
        };
        ensure!(
            entry.size() <= largest,
            "{name} is larger than {largest} bytes"
        );
        let mut bytes = Vec::new();
        entry
            .read_to_end(&mut bytes)
            .with_context(|| format!("{name}: the archive is damaged or cut short"))?;
        total += bytes.len();
        ensure!(
            total <= LARGEST_TOGETHER,
            "its files are larger than {LARGEST_TOGETHER} bytes together"
        );
        found.insert(name.into(), bytes);
    }
    Ok(found)
}
