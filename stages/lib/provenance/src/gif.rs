//! GIF: a comment before the first picture (*GIF89a*, 24).

use crate::{Fault, Record};

pub(crate) const SIGNATURE: &[u8] = b"GIF89a";
/// The signature and the description of the screen.
const HEAD: usize = 13;
const EXTENSION: u8 = b'!';
const COMMENT: u8 = 0xfe;
/// What the comment begins with.
const MARK: &[u8] = b"relief ";
/// Bytes in a block of a comment.
const BLOCK: usize = 255;

/// A GIF with a record after its table of colours.
///
/// # Panics
/// It is not a whole GIF.
pub fn insert(gif: &[u8], record: &Record) -> Vec<u8> {
    let place = colours_end(gif).expect("a GIF");
    let text = [MARK, record.json().as_bytes()].concat();
    let mut comment = vec![EXTENSION, COMMENT];
    for block in text.chunks(BLOCK) {
        comment.push(block.len() as u8);
        comment.extend(block);
    }
    comment.push(0);
    [&gif[..place], &comment, &gif[place..]].concat()
}

/// The record in a GIF.
pub(crate) fn find(gif: &[u8]) -> Result<Option<Record>, Fault> {
    let mut rest = colours_end(gif).map_or(&[][..], |place| &gif[place..]);
    while let [EXTENSION, kind, blocks @ ..] = rest {
        let mut text = Vec::new();
        rest = blocks;
        while let Some((length, after)) = rest.split_first() {
            let Some((block, after)) = after.split_at_checked(usize::from(*length)) else {
                return Ok(None);
            };
            rest = after;
            if block.is_empty() {
                break;
            }
            text.extend(block);
        }
        if let (COMMENT, Some(json)) = (*kind, text.strip_prefix(MARK)) {
            return crate::parse(json).map(Some);
        }
    }
    Ok(None)
}

/// Where the table of colours ends.
fn colours_end(gif: &[u8]) -> Option<usize> {
    let flags = *gif.get(10).filter(|_| gif.starts_with(SIGNATURE))?;
    let colours = if flags & 0x80 == 0 {
        0
    } else {
        2 << (flags & 7)
    };
    let end = HEAD + 3 * colours;
    if end > gif.len() {
        return None;
    }
    Some(end)
}
