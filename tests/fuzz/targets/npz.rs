//! Arrays of numpy, as weights and as a data set.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// Bytes of memory for each byte of an `.npz` of data, which may be compressed (to a hundredth, and bytes become i64).
const DATA: usize = 900;

fuzz_target!(|bytes: &[u8]| {
    fuzz::weights(bytes);
    let most = bytes.len() * DATA + (16 << 20);
    fuzz::within(most, || import_data::npz::parse(bytes).map(drop));
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::mutate::file(data, size, most, seed)
});
