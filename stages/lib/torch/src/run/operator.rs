use std::ffi::{CStr, CString, c_char, c_int, c_void};

use program::Half;

use super::{
    shim::*,
    value::{Entry, Value},
};

/// An operator of the dispatcher.
pub(super) struct Operator(*const c_void);

impl Operator {
    /// Looks up `aten::name.overload`.
    pub(super) fn find(op: &str) -> Result<Self, String> {
        let (name, overload) = match op.rsplit_once('.') {
            Some((name, overload)) => (name, overload),
            None => (op, ""),
        };
        let name = text(name)?;
        let overload = text(overload)?;
        // SAFETY: both texts live through the call
        let found = reported(|error| {
            let operator = unsafe { relief_operator(name.as_ptr(), overload.as_ptr(), error) };
            (!operator.is_null()).then_some(operator)
        });
        found.map(Self)
    }

    /// The names of its arguments, in order.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut names = Vec::new();
        // SAFETY: the indices are in range, and the names live as long as the operator
        unsafe {
            for index in 0..relief_argument_count(self.0) {
                let name = CStr::from_ptr(relief_argument_name(self.0, index));
                names.push(name.to_string_lossy().into());
            }
        }
        names
    }

    /// Whether a result can share the memory of an argument.
    pub(super) fn shares(&self, index: usize) -> bool {
        // SAFETY: `arguments` gave the index
        unsafe { relief_argument_shared(self.0, index) }
    }

    /// Whether it writes into an argument.
    pub(super) fn writes(&self, index: usize) -> bool {
        // SAFETY: `arguments` gave the index
        unsafe { relief_argument_written(self.0, index) }
    }

    /// Whether an argument is there to be overwritten and given another size.
    #[cfg(test)]
    pub(super) fn is_out(&self, index: usize) -> bool {
        // SAFETY: `arguments` gave the index
        unsafe { relief_argument_is_out(self.0, index) }
    }

    /// Whether PyTorch says that it draws random numbers.
    #[cfg(test)]
    pub(super) fn draws(&self) -> bool {
        // SAFETY: the operator lives through the call
        unsafe { relief_operator_draws(self.0) }
    }

    /// Its schema, as PyTorch writes it.
    pub(super) fn schema(&self) -> String {
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
    pub(super) fn default(&self, index: usize) -> Option<Value> {
        // SAFETY: `arguments` gave the index; the value is ours
        let value = unsafe { relief_argument_default(self.0, index) };
        Value::from_shim(value)
    }

    /// Calls it with one entry per argument; returns `count` results. Where the program is run in a
    /// half precision, arguments of different precisions are brought to one where the operator
    /// takes only one.
    pub(super) fn call(
        &self,
        arguments: &[Entry],
        half: Option<Half>,
        count: usize,
    ) -> Result<Vec<Value>, String> {
        let members: Vec<Vec<*const c_void>> = arguments.iter().map(Entry::pointers).collect();
        let mut passed = Vec::with_capacity(arguments.len());
        for (members, entry) in members.iter().zip(arguments) {
            passed.push(Argument {
                values: members.as_ptr(),
                count: members.len(),
                list: matches!(entry, Entry::List(_)),
            });
        }
        let number = half.map_or(-1, |half| half.number() as c_int);
        let mut results = vec![std::ptr::null_mut(); count];
        // SAFETY: one argument for each of the schema (`Preparation` makes them so); `results`
        // has room for `count`
        reported(|error| {
            unsafe {
                relief_call(
                    self.0,
                    passed.as_ptr(),
                    number,
                    results.as_mut_ptr(),
                    count,
                    error,
                )
            }
            .then_some(())
        })?;
        Ok(results.into_iter().filter_map(Value::from_shim).collect())
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

fn text(text: &str) -> Result<CString, String> {
    CString::new(text).map_err(|_| "its name holds a zero byte".into())
}
