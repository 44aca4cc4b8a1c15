//! The shim over `c10::Dispatcher`: operators by name, values of any type, calls that return errors.

use std::ffi::{CStr, CString, c_char, c_int, c_void};

use program::{Arg, Half};
use tch::{Device, Tensor};

use crate::number::Number;

/// `c10::DeviceType` and the index of a device that has none.
const CPU: c_int = 0;
const CUDA: c_int = 1;
const NO_INDEX: c_int = -1;

type CTensor = torch_sys::C_tensor;

#[repr(C)]
struct Message {
    text: *mut c_char,
    size: usize,
}

#[repr(C)]
struct Argument {
    values: *const *const c_void,
    count: usize,
    list: bool,
}

// SAFETY: the signatures are those of shim.cpp
unsafe extern "C" {
    fn relief_operator(
        name: *const c_char,
        overload: *const c_char,
        error: Message,
    ) -> *const c_void;
    fn relief_operator_free(operator: *const c_void);
    fn relief_argument_count(operator: *const c_void) -> usize;
    fn relief_argument_name(operator: *const c_void, index: usize) -> *const c_char;
    fn relief_argument_shared(operator: *const c_void, index: usize) -> bool;
    fn relief_argument_written(operator: *const c_void, index: usize) -> bool;
    #[cfg(test)]
    fn relief_argument_is_out(operator: *const c_void, index: usize) -> bool;
    #[cfg(test)]
    fn relief_operator_draws(operator: *const c_void) -> bool;
    fn relief_operator_schema(
        operator: *const c_void,
        show: extern "C" fn(*const c_char, *mut c_void),
        to: *mut c_void,
    );
    fn relief_argument_default(operator: *const c_void, index: usize) -> *mut c_void;
    fn relief_none() -> *mut c_void;
    fn relief_int(value: i64) -> *mut c_void;
    fn relief_float(value: f64) -> *mut c_void;
    fn relief_bool(value: bool) -> *mut c_void;
    fn relief_ints(values: *const i64, count: usize) -> *mut c_void;
    fn relief_floats(values: *const f64, count: usize) -> *mut c_void;
    fn relief_bools(values: *const bool, count: usize) -> *mut c_void;
    fn relief_device(kind: c_int, index: c_int) -> *mut c_void;
    fn relief_string(text: *const c_char, size: usize) -> *mut c_void;
    fn relief_tensor(tensor: *const CTensor) -> *mut c_void;
    fn relief_free(value: *mut c_void);
    fn relief_to_tensor(value: *const c_void) -> *mut CTensor;
    fn relief_to_number(value: *const c_void, integer: *mut i64, real: *mut f64) -> c_int;
    fn relief_call(
        operator: *const c_void,
        arguments: *const Argument,
        half: c_int,
        results: *mut *mut c_void,
        count: usize,
        error: Message,
    ) -> bool;
    fn relief_load(library: *const c_char, error: Message) -> bool;
    fn relief_keep_memory();
    fn relief_leave_at_once();
}

/// Lets the process end, when it does, without freeing what libtorch holds: files must be closed by then.
pub fn leave_at_once() {
    // SAFETY: it registers a function that ends the process
    unsafe { relief_leave_at_once() }
}

/// Keeps freed memory in the process, which evaluates a batch as large as the last one next.
pub fn keep_memory() {
    // SAFETY: it sets parameters of the C allocator and touches no memory of ours.
    unsafe { relief_keep_memory() }
}

/// Runs a call of the shim that reports its failure into a buffer.
fn reported<T>(call: impl FnOnce(Message) -> Option<T>) -> Result<T, String> {
    let mut text = [0u8; 1024];
    let done = call(Message {
        text: text.as_mut_ptr().cast(),
        size: text.len(),
    });
    done.ok_or_else(|| {
        CStr::from_bytes_until_nul(&text)
            .map_or_else(|_| String::new(), |text| text.to_string_lossy().into())
    })
}

/// An operator of the dispatcher.
pub(crate) struct Operator(*const c_void);

impl Operator {
    /// Looks up `aten::name.overload`.
    pub(crate) fn find(op: &str) -> Result<Self, String> {
        let (name, overload) = match op.rsplit_once('.') {
            Some((name, overload)) => (name, overload),
            None => (op, ""),
        };
        let text =
            |text: &str| CString::new(text).map_err(|_| "its name holds a zero byte".to_string());
        let (name, overload) = (text(name)?, text(overload)?);
        // SAFETY: both texts live through the call
        let found = reported(|error| {
            let operator = unsafe { relief_operator(name.as_ptr(), overload.as_ptr(), error) };
            (!operator.is_null()).then_some(operator)
        });
        found.map(Self)
    }

    /// The names of its arguments, in order.
    pub(crate) fn arguments(&self) -> Vec<String> {
        // SAFETY: the indices are in range, and the names live as long as the operator
        let name = |index| unsafe { CStr::from_ptr(relief_argument_name(self.0, index)) };
        (0..unsafe { relief_argument_count(self.0) })
            .map(|index| name(index).to_string_lossy().into())
            .collect()
    }

    /// Whether a result can share the memory of an argument.
    pub(crate) fn shares(&self, index: usize) -> bool {
        // SAFETY: `arguments` gave the index
        unsafe { relief_argument_shared(self.0, index) }
    }

    /// Whether it writes into an argument.
    pub(crate) fn writes(&self, index: usize) -> bool {
        // SAFETY: `arguments` gave the index
        unsafe { relief_argument_written(self.0, index) }
    }

    /// Whether an argument is there to be overwritten and given another size.
    #[cfg(test)]
    pub(crate) fn is_out(&self, index: usize) -> bool {
        // SAFETY: `arguments` gave the index
        unsafe { relief_argument_is_out(self.0, index) }
    }

    /// Whether PyTorch says that it draws random numbers.
    #[cfg(test)]
    pub(crate) fn draws(&self) -> bool {
        // SAFETY: the operator lives through the call
        unsafe { relief_operator_draws(self.0) }
    }

    /// Its schema, as PyTorch writes it.
    pub(crate) fn schema(&self) -> String {
        extern "C" fn keep(text: *const c_char, to: *mut c_void) {
            // SAFETY: it is a text of libtorch, and `to` is the string below
            let (text, kept) = unsafe { (CStr::from_ptr(text), &mut *to.cast::<String>()) };
            *kept = text.to_string_lossy().into();
        }
        let mut schema = String::new();
        // SAFETY: `keep` writes into the string, which lives through the call
        unsafe { relief_operator_schema(self.0, keep, (&raw mut schema).cast()) };
        schema
    }

    /// The default of an argument, where it has one.
    pub(crate) fn default(&self, index: usize) -> Option<Value> {
        // SAFETY: `arguments` gave the index; the value is ours
        let value = unsafe { relief_argument_default(self.0, index) };
        (!value.is_null()).then_some(Value(value))
    }

    /// Calls it with one entry per argument; returns `count` results. Where the program is run in a half precision,
    /// arguments of different precisions are brought to one where the operator takes only one.
    pub(crate) fn call(
        &self,
        arguments: &[Entry],
        half: Option<Half>,
        count: usize,
    ) -> Result<Vec<Value>, String> {
        let members: Vec<Vec<*const c_void>> = arguments.iter().map(Entry::pointers).collect();
        let arguments: Vec<Argument> = (members.iter().zip(arguments))
            .map(|(members, entry)| Argument {
                values: members.as_ptr(),
                count: members.len(),
                list: matches!(entry, Entry::List(_)),
            })
            .collect();
        let number = half.map_or(-1, |half| half.number() as c_int);
        let mut results = vec![std::ptr::null_mut(); count];
        // SAFETY: one argument for each of the schema (`Network` makes them so); `results` has room for `count`
        reported(|error| {
            unsafe {
                relief_call(
                    self.0,
                    arguments.as_ptr(),
                    number,
                    results.as_mut_ptr(),
                    count,
                    error,
                )
            }
            .then_some(())
        })?;
        Ok(results.into_iter().map(Value).collect())
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        // SAFETY: it came from relief_operator and is freed once
        unsafe { relief_operator_free(self.0) }
    }
}

// SAFETY: an operator handle is only read, and the dispatcher's table outlives it
unsafe impl Send for Operator {}

/// A value of libtorch: a tensor, a number, a list, …
pub(crate) struct Value(*mut c_void);

impl Value {
    /// A constant of a program that runs on a device; `None` for what names a value.
    pub(crate) fn constant(arg: &Arg, device: Device) -> Option<Self> {
        // SAFETY: pointers and lengths are those of live slices
        let value = unsafe {
            match arg {
                Arg::None(()) => relief_none(),
                Arg::Int(value) => relief_int(*value),
                Arg::Ints(values) => relief_ints(values.as_ptr(), values.len()),
                Arg::Float(value) => relief_float(*value),
                Arg::Floats(values) => relief_floats(values.as_ptr(), values.len()),
                Arg::Bool(value) => relief_bool(*value),
                Arg::Bools(values) => relief_bools(values.as_ptr(), values.len()),
                Arg::Device(()) => match device {
                    Device::Cuda(index) => relief_device(CUDA, index as c_int),
                    _ => relief_device(CPU, NO_INDEX),
                },
                Arg::String(text) => relief_string(text.as_ptr().cast(), text.len()),
                Arg::State(_) | Arg::Value(_) | Arg::List(_) => return None,
            }
        };
        Some(Self(value))
    }

    /// A tensor; it shares the storage.
    pub(crate) fn tensor(tensor: &Tensor) -> Self {
        // SAFETY: the tensor lives through the call, which copies the reference
        Self(unsafe { relief_tensor(tensor.as_ptr()) })
    }

    pub(crate) fn number(number: Number) -> Self {
        // SAFETY: it takes plain numbers
        Self(unsafe {
            match number {
                Number::Int(value) => relief_int(value),
                Number::Float(value) => relief_float(value),
                Number::Bool(value) => relief_bool(value),
            }
        })
    }

    /// The number that it is, if it is one.
    pub(crate) fn to_number(&self) -> Option<Number> {
        let (mut integer, mut real) = (0, 0.0);
        // SAFETY: both places live through the call
        match unsafe { relief_to_number(self.0, &raw mut integer, &raw mut real) } {
            1 => Some(Number::Int(integer)),
            2 => Some(Number::Float(real)),
            3 => Some(Number::Bool(integer != 0)),
            _ => None,
        }
    }

    /// The tensor that it is, if it is one.
    pub(crate) fn to_tensor(&self) -> Option<Tensor> {
        // SAFETY: the pointer is a new tensor that is ours, or null
        let tensor = unsafe { relief_to_tensor(self.0) };
        (!tensor.is_null()).then(|| unsafe { Tensor::from_ptr(tensor) })
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        // SAFETY: every value is made by the shim and freed once
        unsafe { relief_free(self.0) }
    }
}

// SAFETY: its reference counts are atomic, and constants are only read
unsafe impl Send for Value {}

/// An argument of a call.
pub(crate) enum Entry<'a> {
    One(&'a Value),
    /// Members of a list, each a value or None.
    List(Vec<Option<&'a Value>>),
}

impl Entry<'_> {
    /// The tensor that it is, if it is one.
    pub(crate) fn to_tensor(&self) -> Option<Tensor> {
        if let Self::One(value) = self {
            value.to_tensor()
        } else {
            None
        }
    }

    fn pointers(&self) -> Vec<*const c_void> {
        match self {
            Self::One(value) => vec![value.0],
            Self::List(values) => values
                .iter()
                .map(|value| value.map_or(std::ptr::null(), |value| value.0.cast_const()))
                .collect(),
        }
    }
}

/// Loads a library of libtorch that the linker dropped.
pub(crate) fn load(library: &CStr) -> Result<(), String> {
    // SAFETY: the text lives through the call
    reported(|error| unsafe { relief_load(library.as_ptr(), error) }.then_some(()))
}
