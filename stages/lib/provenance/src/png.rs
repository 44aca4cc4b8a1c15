//! PNG and APNG: a text chunk `iTXt` with the keyword `relief` (*PNG Specification, Third Edition*,
//! 11.3.3).

use crate::{Fault, Record};

pub(crate) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const KEYWORD: &[u8] = b"relief\0";
/// The signature and the header, which is always the first chunk and has always the same length.
const HEAD: usize = 8 + 4 + 4 + 13 + 4;

/// A PNG with a record after its header.
///
/// # Panics
/// It is not a whole PNG.
pub fn insert(png: &[u8], record: &Record) -> Vec<u8> {
    assert!(png.starts_with(SIGNATURE) && png.len() > HEAD, "a PNG");
    // no compression, no language, no translated keyword
    let mut chunk = [b"iTXt", KEYWORD, &[0, 0, 0, 0]].concat();
    chunk.extend(record.json().as_bytes());
    let length = (chunk.len() - 4) as u32;
    let sum = crc32fast::hash(&chunk);
    let (head, rest) = png.split_at(HEAD);
    [
        head,
        &length.to_be_bytes(),
        &chunk,
        &sum.to_be_bytes(),
        rest,
    ]
    .concat()
}

/// The record in a PNG.
pub(crate) fn find(png: &[u8]) -> Result<Option<Record>, Fault> {
    let mut rest = &png[SIGNATURE.len()..];
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = u32::from_be_bytes(*length) as usize;
        // the kind, the data, the sum; a file that ends before them has no more chunks
        let Some((chunk, after)) = after.split_at_checked(4usize.saturating_add(length)) else {
            break;
        };
        let Some((sum, after)) = after.split_first_chunk() else {
            break;
        };
        let (kind, data) = chunk.split_at(4);
        if let Some(text) = data.strip_prefix(KEYWORD) {
            if kind == b"iTXt" || kind == b"tEXt" {
                if crc32fast::hash(chunk) != u32::from_be_bytes(*sum) {
                    return Err(Fault::Damaged("its check sum differs".into()));
                }
                return plain(kind, text).map(Some);
            }
            if kind == b"zTXt" {
                return Err(Fault::Compressed);
            }
        }
        rest = after;
    }
    Ok(None)
}

/// The record that follows the keyword of a text chunk.
fn plain(kind: &[u8], text: &[u8]) -> Result<Record, Fault> {
    if kind == b"tEXt" {
        return crate::parse(text);
    }
    let Some(([compressed, _method], text)) = text.split_first_chunk() else {
        return Err(Fault::Damaged("its chunk is too short".into()));
    };
    if *compressed != 0 {
        return Err(Fault::Compressed);
    }
    // the language and the translated keyword
    let mut parts = text.splitn(3, |byte| *byte == 0);
    let Some(text) = parts.nth(2) else {
        return Err(Fault::Damaged("its chunk is too short".into()));
    };
    crate::parse(text)
}
