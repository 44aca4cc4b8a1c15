//! What reading a file may take: four times its size, however it is made, and [`ALWAYS`] for what
//! is small. The pickle, what is inflated, and the tensors have their parts of it.

/// Bytes that any file may take.
const ALWAYS: usize = 4 << 20;

/// Bytes for the values of a pickle; most are numbers and names, which take more here than there.
pub(crate) fn of_pickle(file_len: usize) -> usize {
    (2 * ALWAYS).saturating_add(file_len)
}

/// Bytes for what is inflated.
pub(crate) fn of_inflated(file_len: usize) -> usize {
    ALWAYS.saturating_add(file_len.saturating_mul(2))
}

/// Bytes for the tensors: halves are twice as large here, and tensors can share their bytes.
pub(crate) fn of_tensors(file_len: usize) -> usize {
    ALWAYS.saturating_add(file_len.saturating_mul(3))
}
