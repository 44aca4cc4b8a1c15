//! The schemas of libtorch's operators.

use std::{
    collections::BTreeSet,
    ffi::{CStr, c_char, c_void},
};

use super::operator::Operator;

unsafe extern "C" {
    fn relief_operators(
        show: extern "C" fn(*const c_char, *const c_char, *mut c_void),
        to: *mut c_void,
    );
}

/// The operators that programs may call, as PyTorch writes them:
/// `aten::relu(Tensor self) -> Tensor`.
pub fn allowed_schemas() -> Vec<String> {
    let mut schemas = Vec::new();
    for name in operators() {
        if !program::is_allowed(&name) {
            continue;
        }
        if let Ok(operator) = Operator::find(&name) {
            schemas.push(operator.schema());
        }
    }
    schemas
}

/// Full names of all operators of ATen.
fn operators() -> BTreeSet<String> {
    extern "C" fn keep(name: *const c_char, overload: *const c_char, to: *mut c_void) {
        // SAFETY: both are texts of libtorch, and `to` is the set below
        let (name, overload, all) = unsafe {
            (
                CStr::from_ptr(name).to_string_lossy(),
                CStr::from_ptr(overload).to_string_lossy(),
                &mut *to.cast::<BTreeSet<String>>(),
            )
        };
        if name.starts_with("aten::") {
            let dot = if overload.is_empty() { "" } else { "." };
            all.insert(format!("{name}{dot}{overload}"));
        }
    }
    let mut all = BTreeSet::new();
    // SAFETY: `keep` writes into the set, which lives through the call
    unsafe { relief_operators(keep, (&raw mut all).cast()) };
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of arguments that are texts; `refuse.rs` of the crate `program` bounds what they
    /// may say.
    const TEXTS: [&str; 12] = [
        "UPLO",
        "approximate",
        "assert_msg",
        "driver",
        "equation",
        "indexing",
        "interpolation",
        "mode",
        "ord",
        "padding",
        "reduce",
        "rounding_mode",
    ];
    /// Types of arguments that reach beyond the call.
    const BEYOND: [&str; 8] = [
        "Storage",
        "Generator",
        "Stream",
        "Dict(",
        "__torch__",
        "QScheme",
        "Any",
        "filename",
    ];

    /// What programs may call takes tensors, numbers and words: no files, storages, generators,
    /// devices' streams or objects.
    #[test]
    fn no_operator_that_programs_may_call_reaches_beyond_its_arguments() {
        let schemas = allowed_schemas();
        for schema in &schemas {
            for word in BEYOND {
                assert!(!schema.contains(word), "{schema}");
            }
            let parts = schema.split(['(', ',']);
            for (kind, argument) in parts.filter_map(|part| part.trim().split_once(' ')) {
                let argument = argument.split(['=', ')']).next().unwrap_or_default();
                let known = TEXTS.contains(&argument) || argument == "side";
                assert!(!kind.starts_with("str") || known, "{schema}");
            }
        }
        assert!(schemas.len() > 600, "{}", schemas.len());
    }

    /// Results that are arguments too are given another size, whatever else looks at their memory.
    #[test]
    fn no_operator_that_programs_may_call_returns_by_an_argument() {
        for name in operators().iter().filter(|name| program::is_allowed(name)) {
            let Ok(operator) = Operator::find(name) else {
                continue;
            };
            for (index, argument) in operator.arguments().iter().enumerate() {
                assert!(!operator.is_out(index), "{name} returns by {argument}");
            }
        }
    }

    /// The list stands in a crate without libtorch, and must say what libtorch says.
    #[test]
    fn the_operators_that_draw_are_those_that_pytorch_tags() {
        let all = operators();
        let mut drawing = BTreeSet::new();
        for name in &all {
            if Operator::find(name).is_ok_and(|operator| operator.draws()) {
                drawing.insert(name.split('.').next().unwrap_or(name));
            }
        }
        assert!(all.len() > 2000, "{} operators", all.len());
        assert_eq!(drawing, program::DRAWING.into_iter().collect());
    }
}
