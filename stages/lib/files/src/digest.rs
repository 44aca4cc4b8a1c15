use std::{
    fmt::Write,
    fs::File,
    io::{self, Read},
    path::Path,
};

use ndarray::ArrayViewD;
use sha2::{Digest, Sha256};

use crate::{
    contents::{Item, Value},
    names::Kind,
};

/// The id of contents: SHA-256 over one line for each item that counts (README, "The id").
pub(crate) fn id(kind: Kind, items: &[Item]) -> String {
    id_of_lines(
        kind,
        items.iter().filter(|item| item.counts).map(line).collect(),
    )
}

/// The id of contents by their lines, in any order.
pub(crate) fn id_of_lines(kind: Kind, mut lines: Vec<String>) -> String {
    lines.sort_unstable();
    lines.insert(0, format!("relief 1 {kind}\n"));
    hex(lines.concat().as_bytes())
}

/// SHA-256 of bytes, in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    in_hex(&Sha256::digest(bytes))
}

/// A digest in hexadecimal.
pub(crate) fn in_hex(digest: &[u8]) -> String {
    digest
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// It cannot be read.
pub fn sha256_of_file(path: &Path) -> io::Result<String> {
    let (mut file, mut sha256) = (File::open(path)?, Sha256::new());
    let mut part = vec![0; 1 << 20];
    loop {
        match file.read(&mut part) {
            Ok(0) => return Ok(in_hex(&sha256.finalize())),
            Ok(count) => sha256.update(&part[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The line of an item.
pub(crate) fn line(item: &Item) -> String {
    let digest = item.sha256.clone().unwrap_or_else(|| sha256(&item.value));
    line_of(
        &item.name(),
        item.value.dtype(),
        &item.value.shape(),
        &digest,
    )
}

/// The line of one item: its name, element type, shape and digest.
pub(crate) fn line_of(name: &str, dtype: &str, shape: &[usize], digest: &str) -> String {
    format!("{name} {dtype} {shape:?} {digest}\n")
}

/// SHA-256 of a value's bytes: little-endian numbers in row-major order, or UTF-8 texts, each ended
/// by a zero byte.
pub(crate) fn sha256(value: &Value) -> String {
    fn array<T: bytemuck::NoUninit>(values: &ArrayViewD<T>) -> String {
        hex(bytemuck::cast_slice(
            values
                .as_standard_layout()
                .as_slice()
                .expect("standard layout is one slice"),
        ))
    }
    match value {
        Value::F32(values) => array(values),
        Value::F64(values) => array(values),
        Value::I64(values) => array(values),
        Value::U8(values) => array(values),
        Value::Integer(number) => hex(&number.to_le_bytes()),
        Value::Real(number) => hex(&number.to_le_bytes()),
        Value::Text(text) => hex(text.as_bytes()),
        Value::Texts(texts) => {
            let mut bytes = Vec::new();
            for text in texts {
                bytes.extend(text.bytes());
                bytes.push(0);
            }
            hex(&bytes)
        }
    }
}

#[cfg(target_endian = "big")]
compile_error!("ids are made of little-endian bytes");
