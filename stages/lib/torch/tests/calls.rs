//! Some thousand random programs over the operators that programs may call: none crashes, changes
//! its weights or takes much memory. `make fuzz` runs more of them, and names the seed of one that
//! crashes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "calls/mod.rs"]
mod calls;

use calls::{Calls, Outcome};

/// Bytes that a program may hold.
const MOST: u64 = 1 << 30;

#[test]
fn random_programs_end_in_results_or_errors() {
    torch::one_thread();
    torch::guard_memory(MOST);
    let calls = Calls::new();
    // CI tries more of them
    let programs = match std::env::var_os("RELIEF_LONG_TESTS") {
        Some(_) => 3000,
        None => 800,
    };
    let [mut ran, mut failed] = [0, 0];
    for seed in 0..programs {
        match calls.run(seed) {
            Outcome::Ran => ran += 1,
            Outcome::Failed => failed += 1,
            Outcome::Unread => {}
        }
    }
    // both kinds, or the calls are not what they should be
    assert!(
        ran > programs / 6 && failed > programs / 6,
        "{ran} ran, {failed} failed"
    );
}
