//! Whether a call of a stranger's program may be made, before libtorch sees it.

use crate::{Arg, Node, operators::is_allowed};

/// Arithmetic on numbers, which relief does itself.
const ARITHMETIC: &str = "operator::";
/// Texts that are arguments of operators: modes, orders, sides.
const WORDS: [&str; 45] = [
    "L",
    "U",
    "amax",
    "amin",
    "bicubic",
    "bilinear",
    "circular",
    "complete",
    "constant",
    "erf",
    "floor",
    "fro",
    "gesvd",
    "gesvda",
    "gesvdj",
    "higher",
    "ij",
    "left",
    "linear",
    "lower",
    "max",
    "mean",
    "midpoint",
    "min",
    "multiply",
    "add",
    "nearest",
    "nearest-exact",
    "none",
    "nuc",
    "prod",
    "r",
    "reduced",
    "reflect",
    "replicate",
    "right",
    "same",
    "sum",
    "tanh",
    "trilinear",
    "trunc",
    "valid",
    "xy",
    "zeros",
    "border",
];
/// Arguments that are texts of their own, of no more than [`TEXT`] bytes.
const TEXTS: [&str; 2] = ["assert_msg", "equation"];
const TEXT: usize = 4096;
/// ATen's numbers of element types, layouts and memory formats that a program may name
/// (c10/core/*.h).
const DTYPES: [i64; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 11, 15];
const STRIDED: i64 = 0;
const MEMORY_FORMATS: std::ops::RangeInclusive<i64> = 0..=3;
/// Elements of a tensor whose size stands in the program.
const ELEMENTS: i64 = 1 << 28;
/// Calls that make tensors of a size.
const MAKING: [&str; 9] = [
    "aten::full",
    "aten::zeros",
    "aten::ones",
    "aten::new_full",
    "aten::new_zeros",
    "aten::new_ones",
    "aten::eye",
    "aten::repeat",
    "aten::tile",
];

impl Node {
    /// Why a program may not make this call; `None` where it may.
    pub fn refusal(&self) -> Option<String> {
        if self.op.starts_with(ARITHMETIC) {
            return None;
        }
        if self.draws() {
            return Some(
                "it draws random numbers, and a landscape would differ from run to run: pass them \
                 as an input of the model, with the data, or take their mean instead"
                    .into(),
            );
        }
        if !is_allowed(&self.op) {
            return Some("it is not among the operators that programs may call".into());
        }
        self.args
            .iter()
            .find_map(|(name, arg)| self.refused(name, arg))
    }

    /// Why an argument is refused.
    fn refused(&self, name: &str, arg: &Arg) -> Option<String> {
        match (name, arg) {
            (name, Arg::String(text)) => refused_text(name, text),
            ("dtype" | "out_dtype", Arg::Int(number)) if !DTYPES.contains(number) => Some(format!(
                "{number} is not an element type that programs may name"
            )),
            ("layout", Arg::Int(number)) if *number != STRIDED => {
                Some(format!("the layout {number} is not that of dense tensors"))
            }
            ("memory_format", Arg::Int(number)) if !MEMORY_FORMATS.contains(number) => {
                Some(format!("{number} is not a memory format"))
            }
            (_, Arg::Ints(sizes)) if self.makes() => too_large(sizes),
            _ => None,
        }
    }

    fn makes(&self) -> bool {
        let (name, _) = self.name_and_overload();
        MAKING.contains(&name)
    }
}

/// Why a text may not be an argument: it is too long, or not one of the words of operators.
fn refused_text(name: &str, text: &str) -> Option<String> {
    if TEXTS.contains(&name) {
        let long = text.len() > TEXT;
        return long.then(|| format!("its \"{name}\" has {} bytes", text.len()));
    }
    if WORDS.contains(&text) {
        return None;
    }
    let shown = text.escape_debug();
    Some(format!("its argument \"{name}\" is the text \"{shown}\""))
}

/// Sizes of more elements than a program may make at once.
fn too_large(sizes: &[i64]) -> Option<String> {
    let mut count = Some(1i64);
    for size in sizes {
        count = count.and_then(|count| count.checked_mul((*size).max(1)));
    }
    match count {
        Some(count) if count <= ELEMENTS => None,
        _ => Some(format!(
            "it makes a tensor of the size {sizes:?}, of more than {ELEMENTS} elements"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(op: &str, name: &str, arg: Arg) -> Node {
        Node {
            op: op.into(),
            args: [(name.to_string(), arg)].into(),
            outputs: vec!["y".into()],
        }
    }

    #[test]
    fn calls_that_do_more_than_compute_are_refused() {
        let text = |text: &str| Arg::String(text.into());
        for (op, name, arg, said) in [
            (
                "aten::from_file",
                "filename",
                text("/etc/passwd"),
                "not among the operators",
            ),
            (
                "aten::pad",
                "mode",
                text("/etc/passwd"),
                "the text \"/etc/passwd\"",
            ),
            (
                "aten::to.dtype",
                "dtype",
                Arg::Int(200),
                "200 is not an element type",
            ),
            (
                "aten::to.dtype",
                "dtype",
                Arg::Int(-1),
                "-1 is not an element type",
            ),
            ("aten::ones", "layout", Arg::Int(1), "the layout 1"),
            (
                "aten::clone",
                "memory_format",
                Arg::Int(9),
                "9 is not a memory format",
            ),
            (
                "aten::ones",
                "size",
                Arg::Ints(vec![2_000_000_000]),
                "more than",
            ),
            (
                "aten::ones",
                "size",
                Arg::Ints(vec![1 << 40, 0, 1 << 40]),
                "more than",
            ),
        ] {
            let why = node(op, name, arg).refusal().unwrap_or_default();
            assert!(why.contains(said), "{op}: {why}");
        }
        for (op, name, arg) in [
            ("aten::pad", "mode", text("reflect")),
            ("aten::einsum", "equation", text("bi,io->bo")),
            ("aten::ones", "size", Arg::Ints(vec![512, 512])),
            ("operator::mul", "a", Arg::Int(2)),
        ] {
            assert_eq!(node(op, name, arg).refusal(), None, "{op}");
        }
    }
}
