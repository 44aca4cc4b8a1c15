use std::{fs, io, os::unix::fs::FileTypeExt, path::Path};

/// Checks, before a file that somebody named is opened, that it is a regular one: a pipe would be
/// waited for, and a device may never end. Data go from stage to stage in files, so that each can
/// be made again.
///
/// # Errors
/// It is not there, or something else.
pub fn regular(path: &Path) -> io::Result<&Path> {
    let kind = fs::metadata(path)?.file_type();
    let what = match kind {
        _ if kind.is_file() => return Ok(path),
        _ if kind.is_dir() => "a folder",
        _ if kind.is_fifo() => "a pipe",
        _ if kind.is_socket() => "a socket",
        _ => "a device",
    };
    Err(io::Error::other(format!(
        "it is {what}, not a regular file"
    )))
}
