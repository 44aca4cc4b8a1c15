//! Archives of PyTorch whose names have stems of every length
//! (`tests/golden/checkpoints/stems.py`): the names of their entries begin with the stem, and what
//! stands behind the list of entries moves with it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::io::Read;

use flate2::read::GzDecoder;
use tar::Archive;

const STEMS: &[u8] = include_bytes!("../../../../tests/golden/checkpoints/stems.tar.gz");

#[test]
fn no_length_of_a_name_is_refused() {
    let mut archive = Archive::new(GzDecoder::new(STEMS));
    let mut read = 0;
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        let state =
            checkpoint::read(&bytes, None).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        let names: Vec<&str> = state.entries().map(|(name, _)| name).collect();
        assert_eq!(names, ["weight", "bias"], "{name}");
        if name.ends_with(".pt2") {
            let exported = checkpoint::exported::read(&bytes);
            let exported = exported.unwrap_or_else(|error| panic!("{name}: {error:#}"));
            assert_eq!(exported.program.nodes.len(), 1, "{name}");
        }
        read += 1;
    }
    assert_eq!(read, 2 * 40);
}
