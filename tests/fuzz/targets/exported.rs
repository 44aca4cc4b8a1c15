//! Programs of `torch.export.save`, as programs and as weights.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| {
    fuzz::weights(bytes);
    fuzz::within(fuzz::of_checkpoint(bytes.len()), || {
        let exported = checkpoint::exported::read(bytes)?;
        program::Program::from_json(&exported.program.to_json())?;
        for used in &exported.state {
            used.tensor.values()?;
        }
        Ok(())
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::mutate::file(data, size, most, seed)
});
