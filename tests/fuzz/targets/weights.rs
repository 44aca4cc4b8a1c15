//! Weights of safetensors and numpy.
#![no_main]

#[path = "../bounds.rs"]
mod bounds;

use libfuzzer_sys::fuzz_target;

// the first byte chooses: a file as it is, the header of safetensors, an array in an .npz file, an index
fuzz_target!(|bytes: &[u8]| {
    let Some((form, rest)) = bytes.split_first() else { return };
    match form % 4 {
        0 => bounds::weights(rest),
        1 => bounds::weights(&[&(rest.len() as u64).to_le_bytes()[..], rest, &[0; 64]].concat()),
        2 => bounds::weights(&bounds::archive(&[("w.npy", rest)])),
        _ => drop(checkpoint::shards(rest)),
    }
});
