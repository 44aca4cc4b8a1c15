//! Programs of strangers: what the fuzzer found, and many calls.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod rewritten;

use std::{fs, path::Path};

use program::{Arg, Builder, Program};

#[test]
fn what_the_fuzzer_found_stays_mended() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fuzz/found/program");
    for entry in fs::read_dir(found).into_iter().flatten() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        if let Ok(program) = Program::from_json(&text) {
            rewritten::all(&program);
        }
    }
}

/// Each kind of call took the square of their number, or its cube.
#[test]
fn programs_of_many_calls_are_rewritten() {
    // CI makes longer ones
    let many = match std::env::var_os("RELIEF_LONG_TESTS") {
        Some(_) => 30_000,
        None => 10_000,
    };
    for fused in [false, true] {
        let mut builder = Builder::new("input", &[None, Some(8), None, None], "f32");
        let input = builder.input();
        let mut x = input.clone();
        for k in 0..if fused { 500 } else { many } {
            let weight = Arg::State(format!("{k}"));
            let layer = [("input", x.clone()), ("weight", weight)];
            let y = builder.call("aten::conv2d", layer);
            let sum = builder.call("aten::add.Tensor", [("self", y), ("other", x)]);
            // nobody uses the last of these, so nobody uses any
            builder.call("aten::relu", [("self", sum.clone())]);
            x = sum;
        }
        rewritten::all(&builder.finish(input));
    }
}
