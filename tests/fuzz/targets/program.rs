//! Programs as JSON, as `model.h5` holds them, and what relief makes of them before it runs them.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use program::Program;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    fuzz::within(64 * bytes.len() + (16 << 20), || {
        let program = Program::from_json(text)?;
        let again = Program::from_json(&program.to_json())?;
        assert_eq!(again.to_json(), program.to_json());
        program.running_variances();
        let names = program.state_names();
        for name in names.into_iter().take(8) {
            for dims in 1..6 {
                let filters = program.filters(name, dims);
                filters.count(&vec![3; dims]);
                filters.number(&vec![3; dims], &vec![2; dims]);
            }
        }
        fuzz::rewritten::all(&program);
        Ok(())
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::mutate::file(data, size, most, seed)
});
