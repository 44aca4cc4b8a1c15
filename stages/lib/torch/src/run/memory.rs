//! How much memory a program may hold. It comes from a stranger's file and can ask for tensors of
//! any size, some of which it computes itself, so the limit stands where libtorch allocates.

use std::sync::atomic::{AtomicU64, Ordering};

use tch::Tensor;

/// Bytes that every program may hold.
const BASE: f64 = (4u64 << 30) as f64;
/// Bytes more for each byte that it is called with. The tensors of networks take 2 to 200 times the
/// bytes of their weights and inputs, the most in language models with narrow layers and large
/// vocabularies.
const FACTOR: f64 = 1024.0;

/// What no program may exceed in this process.
static MOST: AtomicU64 = AtomicU64::new(u64::MAX);

unsafe extern "C" {
    fn relief_bound_memory();
    fn relief_guard_memory();
    fn relief_start_run(bytes: f64);
    fn relief_end_run();
}

/// Bounds what a run of a program holds at once in the memory of the CPU: 4 GiB and 1024 times the
/// bytes of its weights and inputs, and no more than `most`. libtorch takes its memory through a
/// count of ours from here on.
pub fn bound_memory(most: u64) {
    MOST.store(most, Ordering::Relaxed);
    // SAFETY: it replaces libtorch's allocator by one that uses it; blocks are freed by the one
    // that they came from
    unsafe { relief_bound_memory() }
}

/// For fuzzing: puts each tensor before memory that nobody may touch, so that reads and writes
/// beyond it end the process.
pub fn guard_memory(most: u64) {
    MOST.store(most, Ordering::Relaxed);
    // SAFETY: as above
    unsafe { relief_guard_memory() }
}

/// A run of a program by this thread, whose memory is bounded until it is dropped.
pub(super) struct Run;

impl Run {
    /// A program that is called with these tensors.
    pub(super) fn start(tensors: &[&Tensor]) -> Self {
        let mut given = 0.0;
        for tensor in tensors {
            given += tensor.numel() as f64 * tensor.kind().elt_size_in_bytes() as f64;
        }
        let most = MOST.load(Ordering::Relaxed) as f64;
        // SAFETY: it writes numbers of this thread
        unsafe { relief_start_run((BASE + FACTOR * given).min(most)) }
        Self
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // SAFETY: as above
        unsafe { relief_end_run() }
    }
}
