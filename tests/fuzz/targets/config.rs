//! Configs of plan: read, checked, and expanded into rules and scripts.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| {
    let folder = fuzz::Folder::new();
    let config = folder.file("config.yaml", bytes);
    fuzz::within(256 << 20, || {
        let study = plan::Study::read(&config, "build")?;
        study.files("bin", true).ok();
        Ok(())
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::mutate::file(data, size, most, seed)
});
