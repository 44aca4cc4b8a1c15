//! The pickle reader: the pickle of a checkpoint in either form of `torch.save`.
#![no_main]

#[path = "../bounds.rs"]
mod bounds;

use libfuzzer_sys::fuzz_target;

// the first byte chooses: a file as it is (the form before 1.6), or the pickle and a storage of a zip archive
fuzz_target!(|bytes: &[u8]| {
    let Some((form, rest)) = bytes.split_first() else { return };
    match form % 2 {
        0 => bounds::weights(rest),
        _ => bounds::weights(&bounds::archive(&[("a/data.pkl", rest), ("a/data/0", &[0; 64])])),
    }
});
