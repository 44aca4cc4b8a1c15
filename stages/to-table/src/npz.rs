//! numpy's `.npz`: a zip of `.npy` arrays (*NEP 1*, version 1.0), stored, with one date whatever the day.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::table::Table;

/// The whole file: `x`, `y`, `evaluated` and each metric.
pub(crate) fn document(table: &Table) -> anyhow::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, kind: &str, shape: &[usize], bytes: &[u8]| -> anyhow::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(true);
        archive.start_file(format!("{name}.npy"), options)?;
        archive.write_all(&header(kind, shape))?;
        archive.write_all(bytes)?;
        Ok(())
    };
    let reals = |values: &[f64]| {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    add("x", "<f8", &[table.x.len()], &reals(table.x))?;
    if let Some(y) = table.y {
        add("y", "<f8", &[y.len()], &reals(y))?;
    }
    add("evaluated", "|u1", &table.shape(), &table.evaluated)?;
    for (name, values) in &table.columns {
        add(name, "<f8", &table.shape(), &reals(values))?;
    }
    if let Some(comment) = provenance::zip_comment(&table.record) {
        archive.set_comment(comment)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// What stands before the numbers, filled up to a multiple of 64 bytes.
fn header(kind: &str, shape: &[usize]) -> Vec<u8> {
    let lengths: String = shape.iter().map(|length| format!("{length},")).collect();
    let mut text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({lengths}), }}");
    let whole = (10 + text.len() + 1).next_multiple_of(64);
    text += &" ".repeat(whole - 10 - text.len() - 1);
    text.push('\n');
    let length = (text.len() as u16).to_le_bytes();
    [&b"\x93NUMPY\x01\x00"[..], &length, text.as_bytes()].concat()
}
