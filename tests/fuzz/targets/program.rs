//! Programs of `torch.export.save`.
#![no_main]

#[path = "../bounds.rs"]
mod bounds;

use libfuzzer_sys::fuzz_target;

// the first byte chooses: a file as it is, or the graph and the index of the weights (behind a zero byte) of an archive
fuzz_target!(|bytes: &[u8]| {
    let Some((form, rest)) = bytes.split_first() else { return };
    if form % 4 == 0 {
        return bounds::program(rest);
    }
    let mut parts = rest.splitn(2, |byte| *byte == 0);
    let (graph, index) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    bounds::program(&bounds::archive(&[
        ("a/models/model.json", graph),
        ("a/data/weights/model_weights_config.json", index),
        ("a/data/weights/weight_0", &[0; 64]),
        ("a/data/constants/model_constants_config.json", br#"{"config": {}}"#),
    ]));
});
