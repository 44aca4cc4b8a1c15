//! The functions of shim.cpp, which calls `c10::Dispatcher`.

use std::ffi::{CStr, c_char, c_int, c_void};

pub(super) type CTensor = torch_sys::C_tensor;

/// Where a call writes why it failed.
#[repr(C)]
pub(super) struct Message {
    text: *mut c_char,
    size: usize,
}

/// An argument of a call: a value, or the members of a list.
#[repr(C)]
pub(super) struct Argument {
    pub(super) values: *const *const c_void,
    pub(super) count: usize,
    pub(super) list: bool,
}

// SAFETY: the signatures are those of shim.cpp
unsafe extern "C" {
    pub(super) fn relief_operator(
        name: *const c_char,
        overload: *const c_char,
        error: Message,
    ) -> *const c_void;
    pub(super) fn relief_operator_free(operator: *const c_void);
    pub(super) fn relief_argument_count(operator: *const c_void) -> usize;
    pub(super) fn relief_argument_name(operator: *const c_void, index: usize) -> *const c_char;
    pub(super) fn relief_argument_shared(operator: *const c_void, index: usize) -> bool;
    pub(super) fn relief_argument_written(operator: *const c_void, index: usize) -> bool;
    #[cfg(test)]
    pub(super) fn relief_argument_is_out(operator: *const c_void, index: usize) -> bool;
    #[cfg(test)]
    pub(super) fn relief_operator_draws(operator: *const c_void) -> bool;
    pub(super) fn relief_operator_schema(
        operator: *const c_void,
        show: extern "C" fn(*const c_char, *mut c_void),
        to: *mut c_void,
    );
    pub(super) fn relief_argument_default(operator: *const c_void, index: usize) -> *mut c_void;
    pub(super) fn relief_none() -> *mut c_void;
    pub(super) fn relief_int(value: i64) -> *mut c_void;
    pub(super) fn relief_float(value: f64) -> *mut c_void;
    pub(super) fn relief_bool(value: bool) -> *mut c_void;
    pub(super) fn relief_ints(values: *const i64, count: usize) -> *mut c_void;
    pub(super) fn relief_floats(values: *const f64, count: usize) -> *mut c_void;
    pub(super) fn relief_bools(values: *const bool, count: usize) -> *mut c_void;
    pub(super) fn relief_device(kind: c_int, index: c_int) -> *mut c_void;
    pub(super) fn relief_string(text: *const c_char, size: usize) -> *mut c_void;
    pub(super) fn relief_tensor(tensor: *const CTensor) -> *mut c_void;
    pub(super) fn relief_free(value: *mut c_void);
    pub(super) fn relief_to_tensor(value: *const c_void) -> *mut CTensor;
    pub(super) fn relief_to_number(
        value: *const c_void,
        integer: *mut i64,
        real: *mut f64,
    ) -> c_int;
    pub(super) fn relief_call(
        operator: *const c_void,
        arguments: *const Argument,
        half: c_int,
        results: *mut *mut c_void,
        count: usize,
        error: Message,
    ) -> bool;
    pub(super) fn relief_load(library: *const c_char, error: Message) -> bool;
    pub(super) fn relief_keep_memory();
    pub(super) fn relief_leave_at_once();
}

/// Lets the process end, when it does, without freeing what libtorch holds: files must be closed by
/// then.
pub fn leave_at_once() {
    // SAFETY: it registers a function that ends the process
    unsafe { relief_leave_at_once() }
}

/// Keeps freed memory in the process, which evaluates a batch as large as the last one next.
pub fn keep_memory() {
    // SAFETY: it sets parameters of the C allocator and touches no memory of ours.
    unsafe { relief_keep_memory() }
}

/// Loads a library of libtorch that the linker dropped.
pub(crate) fn load(library: &CStr) -> Result<(), String> {
    // SAFETY: the text lives through the call
    reported(|error| unsafe { relief_load(library.as_ptr(), error) }.then_some(()))
}

/// Runs a call of the shim that reports its failure into a buffer.
pub(super) fn reported<T>(call: impl FnOnce(Message) -> Option<T>) -> Result<T, String> {
    let mut text = [0u8; 1024];
    let message = Message {
        text: text.as_mut_ptr().cast(),
        size: text.len(),
    };
    if let Some(done) = call(message) {
        return Ok(done);
    }
    Err(match CStr::from_bytes_until_nul(&text) {
        Ok(text) => text.to_string_lossy().into(),
        Err(_) => String::new(),
    })
}
