//! Meshes and tables that are binary: GLB, STL, numpy's `.npz`; and tables in JSON.

use serde::Deserialize;

use crate::{Fault, Record, Shown};

pub(crate) const GLB: &[u8] = b"glTF";
pub(crate) const ZIP: &[u8] = b"PK";
/// What an STL of relief begins with; the id follows.
pub(crate) const STL: &[u8] = b"relief surface ";
/// Bytes before the triangles of an STL.
const STL_HEAD: usize = 80;
/// What the comment of a zip begins with.
const MARK: &str = "relief ";
/// The end of a zip, without its comment, and the longest comment (*APPNOTE.TXT*, 4.3.16).
const ZIP_END: &[u8] = b"PK\x05\x06";
const ZIP_END_LENGTH: usize = 22;
const LONGEST_COMMENT: usize = 65_535;

/// The head of a binary STL: its 80 bytes have room for the id of the surface, and for nothing
/// else.
pub fn stl_head(record: &Record) -> Vec<u8> {
    let mut head = STL.to_vec();
    if let Some(surface) = record.shows.first() {
        head.extend(surface.id.as_bytes());
    }
    head.resize(STL_HEAD, b' ');
    head
}

/// The comment of a zip; none where the record has no room.
pub fn zip_comment(record: &Record) -> Option<String> {
    let comment = format!("{MARK}{}", record.json());
    if comment.len() > LONGEST_COMMENT {
        return None;
    }
    Some(comment)
}

/// The record in a GLB: `asset.extras`.
pub(crate) fn find_in_glb(glb: &[u8]) -> Result<Option<Record>, Fault> {
    #[derive(Deserialize)]
    struct Scene {
        asset: Asset,
    }
    #[derive(Deserialize)]
    struct Asset {
        extras: Option<Record>,
    }
    // after the head of the file: the length of the first chunk, its kind
    let Some((length, rest)) = glb.get(12..).and_then(|rest| rest.split_first_chunk()) else {
        return Ok(None);
    };
    let length = u32::from_le_bytes(*length) as usize;
    let Some(text) = rest.get(4..).and_then(|text| text.get(..length)) else {
        return Ok(None);
    };
    match serde_json::from_slice::<Scene>(text) {
        Ok(scene) => Ok(scene.asset.extras),
        // the scene of another program
        Err(_) => Ok(None),
    }
}

/// The record of an STL, which knows the surface only.
pub(crate) fn find_in_stl(stl: &[u8]) -> Result<Option<Record>, Fault> {
    let id = stl.get(STL.len()..STL_HEAD).unwrap_or_default();
    let shown = Shown {
        kind: "surface".into(),
        id: String::from_utf8_lossy(id).trim_end().into(),
        file: String::new(),
    };
    Ok(Some(Record::new("to-vtp", &[], vec![shown])))
}

/// The record of a zip: its comment.
pub(crate) fn find_in_zip(zip: &[u8]) -> Result<Option<Record>, Fault> {
    let tail = &zip[zip.len().saturating_sub(ZIP_END_LENGTH + LONGEST_COMMENT)..];
    let Some(end) = memchr::memmem::rfind(tail, ZIP_END) else {
        return Ok(None);
    };
    let comment = tail.get(end + ZIP_END_LENGTH..).unwrap_or_default();
    match comment.strip_prefix(MARK.as_bytes()) {
        Some(json) => crate::parse(json).map(Some),
        None => Ok(None),
    }
}

/// The record of a table in JSON: `provenance`.
pub(crate) fn find_in_json(json: &[u8]) -> Result<Option<Record>, Fault> {
    #[derive(Deserialize)]
    struct Table {
        provenance: Option<Record>,
    }
    match serde_json::from_slice::<Table>(json) {
        Ok(table) => Ok(table.provenance),
        // another program's
        Err(_) => Ok(None),
    }
}
