#![doc = include_str!("../README.md")]

mod binary;
mod gif;
mod png;
mod record;
#[cfg(test)]
mod tests;
mod text;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

pub use binary::{stl_head, zip_comment};
pub use gif::insert as insert_into_gif;
pub use png::insert as insert_into_png;
pub use record::{Fault, Record, Shown};
pub use text::{html_element, insert_into_svg, obj_line, xml_comment};

/// Bytes of a file that are looked through.
const MOST: u64 = 256 << 20;
/// Bytes of the longest record that is read: some ten thousand command lines.
const LONGEST: usize = 4 << 20;

/// Why no record can be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{path} cannot be read", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What it says of itself cannot be trusted.
    #[error("{path}", path = path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Fault,
    },
}

/// The record in a file; `None` where it tells nothing of itself.
///
/// # Errors
/// The file cannot be read, or its record is damaged, compressed or of a later version.
pub fn read(path: &Path) -> Result<Option<Record>, Error> {
    let bytes = bytes(path).map_err(|source| Error::Unreadable {
        path: path.into(),
        source,
    })?;
    find(&bytes).map_err(|source| Error::Fault {
        path: path.into(),
        source,
    })
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        // a pipe would wait for a writer
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The record in the bytes of a file, whose format their beginning tells.
///
/// # Errors
/// The record is damaged, compressed or of a later version.
pub fn find(bytes: &[u8]) -> Result<Option<Record>, Fault> {
    match bytes {
        _ if bytes.starts_with(png::SIGNATURE) => png::find(bytes),
        _ if bytes.starts_with(gif::SIGNATURE) => gif::find(bytes),
        _ if bytes.starts_with(b"%PDF-") => text::find_in_pdf(bytes),
        _ if bytes.starts_with(binary::GLB) => binary::find_in_glb(bytes),
        _ if bytes.starts_with(binary::ZIP) => binary::find_in_zip(bytes),
        _ if bytes.starts_with(binary::STL) => binary::find_in_stl(bytes),
        [b'{', ..] => binary::find_in_json(bytes),
        [b'<' | b'#', ..] => text::find(bytes),
        _ => Ok(None),
    }
}

/// The record in a text of bounded length.
fn parse(text: &[u8]) -> Result<Record, Fault> {
    if text.len() > LONGEST {
        return Err(Fault::Damaged(format!("it has {} bytes", text.len())));
    }
    let text = std::str::from_utf8(text).map_err(|why| Fault::Damaged(why.to_string()))?;
    Record::from_json(text.trim())
}
