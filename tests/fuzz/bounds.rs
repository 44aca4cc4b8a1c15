//! What must hold for any file: no panic, an error of one line, and no more memory than its size allows.
#![allow(dead_code, reason = "each target uses a part")]

#[path = "../../stages/lib/checkpoint/tests/measured/mod.rs"]
mod measured;

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Reads all weights of a file.
pub(crate) fn weights(bytes: &[u8]) {
    within(bytes.len(), || {
        let state = checkpoint::read(bytes, None)?;
        for (_, tensor) in state.tensors() {
            tensor.norm()?;
            tensor.values()?;
        }
        Ok(())
    });
}

/// Reads a program and all its weights.
pub(crate) fn program(bytes: &[u8]) {
    within(bytes.len(), || {
        let program = checkpoint::exported::read(bytes)?;
        program.program.to_json();
        for used in &program.state {
            used.tensor.values()?;
        }
        Ok(())
    });
}

/// An archive of these entries, whose sums are right.
pub(crate) fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(*name, stored).expect("a name");
        zip.write_all(content).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

fn within(len: usize, body: impl FnOnce() -> anyhow::Result<()>) {
    let (result, most) = measured::most(body);
    assert!(most <= measured::allowed(len), "{most} bytes of memory for {len} in the file");
    if let Err(error) = result {
        let error = format!("{error:#}");
        assert!(!error.contains('\n') && error.len() < 2000, "{error}");
    }
}
