//! numpy's `.npz`: a zip of `.npy` arrays (*NEP 1*, version 1.0), stored, with one date whatever
//! the day.

use std::io::{Cursor, Write};

use provenance::Record;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{models::Models, table::Table};

/// The whole file: `x`, `y`, `evaluated` and each metric.
pub(crate) fn document(table: &Table) -> anyhow::Result<Vec<u8>> {
    let mut archive = Archive(ZipWriter::new(Cursor::new(Vec::new())));
    archive.add_reals("x", &[table.x.len()], table.x)?;
    if let Some(y) = table.y {
        archive.add_reals("y", &[y.len()], y)?;
    }
    let shape = table.shape();
    archive.add("evaluated", "|u1", &shape, &table.evaluated)?;
    for column in &table.columns {
        archive.add_reals(&column.name, &shape, &column.values)?;
    }
    archive.finish(&table.record)
}

/// The whole file: the texts `models` and `model_ids`, and each column.
pub(crate) fn of_models(table: &Models) -> anyhow::Result<Vec<u8>> {
    let mut archive = Archive(ZipWriter::new(Cursor::new(Vec::new())));
    archive.add_texts("models", &table.names)?;
    let ids: Vec<&str> = table.ids.iter().map(String::as_str).collect();
    archive.add_texts("model_ids", &ids)?;
    for column in &table.columns {
        archive.add_reals(&column.name, &[ids.len()], &column.values)?;
    }
    archive.finish(&table.record)
}

/// The arrays of a file that is being written.
struct Archive(ZipWriter<Cursor<Vec<u8>>>);

impl Archive {
    fn add_reals(&mut self, name: &str, shape: &[usize], values: &[f64]) -> anyhow::Result<()> {
        let mut bytes = Vec::with_capacity(8 * values.len());
        for value in values {
            bytes.extend(value.to_le_bytes());
        }
        self.add(name, "<f8", shape, &bytes)
    }

    /// Texts as numpy has them: all as long as the longest, four bytes per character.
    fn add_texts(&mut self, name: &str, texts: &[&str]) -> anyhow::Result<()> {
        let longest = texts.iter().map(|text| text.chars().count()).max();
        let longest = longest.unwrap_or(0).max(1);
        let mut bytes = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            for character in text.chars() {
                bytes.extend(u32::from(character).to_le_bytes());
            }
            bytes.resize(4 * longest * (number + 1), 0);
        }
        self.add(name, &format!("<U{longest}"), &[texts.len()], &bytes)
    }

    fn add(&mut self, name: &str, kind: &str, shape: &[usize], bytes: &[u8]) -> anyhow::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(true);
        self.0.start_file(format!("{name}.npy"), options)?;
        self.0.write_all(&header(kind, shape))?;
        self.0.write_all(bytes)?;
        Ok(())
    }
}

impl Archive {
    fn finish(mut self, record: &Record) -> anyhow::Result<Vec<u8>> {
        if let Some(comment) = provenance::zip_comment(record) {
            self.0.set_comment(comment)?;
        }
        Ok(self.0.finish()?.into_inner())
    }
}

/// What comes before the numbers, filled up to a multiple of 64 bytes.
fn header(kind: &str, shape: &[usize]) -> Vec<u8> {
    let lengths: String = shape.iter().map(|length| format!("{length},")).collect();
    let mut text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({lengths}), }}");
    let whole = (10 + text.len() + 1).next_multiple_of(64);
    text += &" ".repeat(whole - 10 - text.len() - 1);
    text.push('\n');
    let length = (text.len() as u16).to_le_bytes();
    [&b"\x93NUMPY\x01\x00"[..], &length, text.as_bytes()].concat()
}
