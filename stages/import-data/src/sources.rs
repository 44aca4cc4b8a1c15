//! The files that a data set was read from, for its history.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::args::Source;

/// The files of a source, each as `SHA-256:PATH`; none of a folder of images, which may be
/// millions.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn describe(source: &Source) -> io::Result<Vec<String>> {
    let path = source.path();
    let belongs: fn(&str) -> bool = match source {
        Source::Cifar10 { .. } => is_cifar10,
        Source::Idx { .. } => is_idx,
        Source::Npz { .. } => return Ok(vec![describe_file(path)?]),
        Source::Folder { .. } => return Ok(Vec::new()),
    };
    if path.is_file() {
        return Ok(vec![describe_file(path)?]);
    }
    let mut folders = vec![path.to_path_buf()];
    if let Source::Cifar10 { .. } = source {
        // archives unpack to a folder of their own
        folders.extend(inner_folders(path)?);
    }
    let mut files = Vec::new();
    for folder in folders {
        for file in files::entries_of(&folder)? {
            let file = file?;
            let name = file.file_name().and_then(|name| name.to_str());
            if name.is_some_and(belongs) && file.is_file() {
                files.push(file);
            }
        }
    }
    files.sort_unstable();
    files.iter().map(|file| describe_file(file)).collect()
}

fn describe_file(file: &Path) -> io::Result<String> {
    Ok(format!(
        "{}:{}",
        files::sha256_of_file(file)?,
        file.display()
    ))
}

fn inner_folders(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = files::entries_of(path)?.collect::<io::Result<Vec<PathBuf>>>()?;
    folders.retain(|folder| folder.is_dir());
    Ok(folders)
}

/// `train-images-idx3-ubyte.gz` and its like.
fn is_idx(name: &str) -> bool {
    let starts = ["train-", "t10k-"]
        .iter()
        .any(|start| name.starts_with(start));
    starts && name.contains("-ubyte")
}

/// Batches in any form, and the labels of the npm package.
fn is_cifar10(name: &str) -> bool {
    name.starts_with("data_batch_")
        || name.starts_with("test_batch")
        || name.ends_with("_lables.json")
}
