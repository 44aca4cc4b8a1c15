use std::ffi::{c_int, c_void};

use program::Arg;
use tch::{Device, Tensor};

use super::{number::Number, shim::*};

/// `c10::DeviceType` and the index of a device that has none.
const CPU: c_int = 0;
const CUDA: c_int = 1;
const NO_INDEX: c_int = -1;

/// A value of libtorch: a tensor, a number, a list, …
pub(super) struct Value(*mut c_void);

impl Value {
    /// A constant of a program that runs on a device; `None` for what names a value.
    pub(super) fn constant(arg: &Arg, device: Device) -> Option<Self> {
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
                    Device::Cpu | Device::Mps | Device::Vulkan => relief_device(CPU, NO_INDEX),
                },
                Arg::String(text) => relief_string(text.as_ptr().cast(), text.len()),
                Arg::State(_) | Arg::Value(_) | Arg::List(_) => return None,
            }
        };
        Some(Self(value))
    }

    /// A value that the shim made, which is ours.
    pub(super) fn from_shim(value: *mut c_void) -> Option<Self> {
        (!value.is_null()).then_some(Self(value))
    }

    /// A tensor; it shares the storage.
    pub(super) fn tensor(tensor: &Tensor) -> Self {
        // SAFETY: the tensor lives through the call, which copies the reference
        Self(unsafe { relief_tensor(tensor.as_ptr()) })
    }

    pub(super) fn number(number: Number) -> Self {
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
    pub(super) fn to_number(&self) -> Option<Number> {
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
    pub(super) fn to_tensor(&self) -> Option<Tensor> {
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
pub(super) enum Entry<'a> {
    One(&'a Value),
    /// Members of a list, each a value or None.
    List(Vec<Option<&'a Value>>),
}

impl Entry<'_> {
    /// The number that it is, if it is one.
    pub(super) fn to_number(&self) -> Option<Number> {
        match self {
            Self::One(value) => value.to_number(),
            Self::List(_) => None,
        }
    }

    /// The tensor that it is, if it is one.
    pub(super) fn to_tensor(&self) -> Option<Tensor> {
        match self {
            Self::One(value) => value.to_tensor(),
            Self::List(_) => None,
        }
    }

    /// Its value, or the members of its list, as the shim takes them.
    pub(super) fn pointers(&self) -> Vec<*const c_void> {
        match self {
            Self::One(value) => vec![value.0],
            Self::List(values) => {
                let mut pointers = Vec::with_capacity(values.len());
                for value in values {
                    pointers.push(match value {
                        Some(value) => value.0.cast_const(),
                        None => std::ptr::null(),
                    });
                }
                pointers
            }
        }
    }
}
