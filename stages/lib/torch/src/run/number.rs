//! Arithmetic on numbers, as Python does it on the sizes of tensors: `operator::mul` and its like.

/// A number that is not a tensor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
    Bool(bool),
}

use Number::{Bool, Float, Int};

impl Number {
    fn real(self) -> f64 {
        match self {
            Int(value) => value as f64,
            Float(value) => value,
            Bool(value) => f64::from(u8::from(value)),
        }
    }

    fn integer(self) -> Option<i64> {
        match self {
            Int(value) => Some(value),
            Bool(value) => Some(value.into()),
            Float(_) => None,
        }
    }

    fn truth(self) -> bool {
        self.real() != 0.0
    }
}

/// Names the operators that are arithmetic on numbers.
const PREFIX: &str = "operator::";

/// Whether an operator is arithmetic on numbers.
pub(super) fn is_arithmetic(op: &str) -> bool {
    op.starts_with(PREFIX)
}

/// Applies an operation to its operands in order.
pub(super) fn apply(op: &str, operands: &[Number]) -> Result<Number, String> {
    let operation = op.trim_start_matches(PREFIX);
    let result = match *operands {
        [a] => unary(operation, a),
        [a, b] => binary(operation, a, b),
        _ => None,
    };
    result.ok_or_else(|| format!("there is no arithmetic {operation} of {operands:?}"))
}

fn unary(operation: &str, a: Number) -> Option<Number> {
    Some(match (operation, a) {
        ("neg", Float(a)) => Float(-a),
        ("neg", a) => Int(a.integer()?.checked_neg()?),
        ("pos", a) => a,
        ("abs", Float(a)) => Float(a.abs()),
        ("abs", a) => Int(a.integer()?.checked_abs()?),
        ("not", a) => Bool(!a.truth()),
        ("float", a) => Float(a.real()),
        ("int" | "trunc", Float(a)) => Int(a.trunc() as i64),
        ("floor", Float(a)) => Int(a.floor() as i64),
        ("ceil", Float(a)) => Int(a.ceil() as i64),
        ("round", Float(a)) => Int(a.round_ties_even() as i64),
        ("int" | "trunc" | "floor" | "ceil" | "round", a) => Int(a.integer()?),
        ("sqrt", a) => Float(a.real().sqrt()),
        _ => return None,
    })
}

fn binary(operation: &str, a: Number, b: Number) -> Option<Number> {
    if let Some(truth) = comparison(operation, a, b) {
        return Some(Bool(truth));
    }
    match (operation, a.integer(), b.integer()) {
        ("truediv", ..) => Some(Float(a.real() / b.real())),
        ("and", ..) => Some(if a.truth() { b } else { a }),
        ("or", ..) => Some(if a.truth() { a } else { b }),
        (_, Some(a), Some(b)) => integers(operation, a, b),
        _ => Some(Float(reals(operation, a.real(), b.real())?)),
    }
}

fn comparison(operation: &str, a: Number, b: Number) -> Option<bool> {
    let order = match (a.integer(), b.integer()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.real().partial_cmp(&b.real()),
    };
    Some(match operation {
        "eq" => order.is_some_and(|order| order.is_eq()),
        "ne" => order.is_none_or(|order| order.is_ne()),
        "lt" => order.is_some_and(|order| order.is_lt()),
        "le" => order.is_some_and(|order| order.is_le()),
        "gt" => order.is_some_and(|order| order.is_gt()),
        "ge" => order.is_some_and(|order| order.is_ge()),
        _ => return None,
    })
}

/// Division and remainder round down, as Python's do.
fn integers(operation: &str, a: i64, b: i64) -> Option<Number> {
    Some(Int(match operation {
        "add" => a.checked_add(b)?,
        "sub" => a.checked_sub(b)?,
        "mul" => a.checked_mul(b)?,
        "floordiv" => divided_down(a, b)?,
        "mod" => a - b * divided_down(a, b)?,
        "pow" => match u32::try_from(b) {
            Ok(b) => a.checked_pow(b)?,
            Err(_) => return Some(Float((a as f64).powf(b as f64))),
        },
        "min" => a.min(b),
        "max" => a.max(b),
        _ => return None,
    }))
}

fn divided_down(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let is_above = a % b != 0 && (a < 0) != (b < 0);
    Some(quotient - i64::from(is_above))
}

fn reals(operation: &str, a: f64, b: f64) -> Option<f64> {
    Some(match operation {
        "add" => a + b,
        "sub" => a - b,
        "mul" => a * b,
        "floordiv" => (a / b).floor(),
        "mod" => a - b * (a / b).floor(),
        "pow" => a.powf(b),
        "min" => a.min(b),
        "max" => a.max(b),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by Python.
    #[test]
    fn division_rounds_down_as_in_python() {
        for (a, b, quotient, rest) in [
            (7, 2, 3, 1),
            (-7, 2, -4, 1),
            (7, -2, -4, -1),
            (-7, -2, 3, -1),
            (6, -3, -2, 0),
        ] {
            assert_eq!(apply("floordiv", &[Int(a), Int(b)]), Ok(Int(quotient)));
            assert_eq!(apply("mod", &[Int(a), Int(b)]), Ok(Int(rest)));
        }
        assert_eq!(apply("truediv", &[Int(7), Int(2)]), Ok(Float(3.5)));
        assert_eq!(apply("round", &[Float(2.5)]), Ok(Int(2)));
        assert_eq!(apply("pow", &[Int(2), Int(-1)]), Ok(Float(0.5)));
        assert_eq!(apply("le", &[Int(2), Float(2.5)]), Ok(Bool(true)));
    }

    #[test]
    fn what_has_no_answer_is_an_error() {
        for (operation, a, b) in [
            ("floordiv", 1, 0),
            ("mod", 1, 0),
            ("mul", i64::MAX, 2),
            ("dot", 1, 1),
        ] {
            assert!(apply(operation, &[Int(a), Int(b)]).is_err(), "{operation}");
        }
    }
}
