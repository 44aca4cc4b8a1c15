//! HDF5 files of every kind, as all stages read them.
#![no_main]

use std::{fs, path::PathBuf};

use files::{
    Contents, DatasetFile, Directions, Model, Shard, Sharpness, Split, Stated, Surface, Trajectory,
};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// Bytes of memory for a file: what it may unfold to, as it is read and as it is widened.
const MOST: usize = 512 << 20;

fuzz_target!(|bytes: &[u8]| {
    let path = PathBuf::from(format!("/dev/shm/relief-fuzz-{}.h5", std::process::id()));
    if fs::write(&path, bytes).is_err() {
        return;
    }
    fuzz::within(MOST, || Ok(Stated::read(&path).map(drop)?));
    fuzz::within(MOST, || Ok(Model::read(&path).map(drop)?));
    fuzz::within(MOST, || Ok(Directions::read(&path).map(drop)?));
    fuzz::within(MOST, || Ok(Shard::read(&path).map(drop)?));
    fuzz::within(MOST, || Ok(Surface::read(&path).map(drop)?));
    fuzz::within(MOST, || Ok(Trajectory::read(&path).map(drop)?));
    fuzz::within(MOST, || Ok(Sharpness::read(&path).map(drop)?));
    fuzz::within(MOST, || {
        let data = DatasetFile::open(&path)?;
        data.verify()?;
        Ok(data.examples(&Split::Train, Some(3)).map(drop)?)
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::mutate::file(data, size, most, seed)
});
