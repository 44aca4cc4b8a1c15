//! Pickles: all values of any pickle, looked at in every way.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use pickle::{Names, Pickle};

/// Names that pickles of the goldens hold.
const NAMES: Names = &[
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch", "FloatStorage"),
    ("collections", "OrderedDict"),
    ("_codecs", "encode"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
];
/// Bytes that the values may take.
const MEMORY: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    fuzz::within(fuzz::of_checkpoint(bytes.len()), || {
        let pickle = Pickle::read(bytes, NAMES, MEMORY)?;
        assert!(pickle.len() <= bytes.len());
        for value in pickle.values() {
            value.to_string();
            value.bytes();
            value.get("state_dict");
            value.items().map(Iterator::count);
            value.call().map(|(name, args)| (name, args.tuple::<2>()));
            value.state();
            value.persistent();
        }
        Ok(())
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::mutate::file(data, size, most, seed)
});
