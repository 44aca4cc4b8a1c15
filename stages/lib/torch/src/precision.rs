use std::fmt;

use program::Half;
use tch::{Kind, Tensor};

/// What activations are rounded to, and the weights that they are multiplied with. Losses are f64
/// in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// That of the program: f32, or f64.
    Full,
    /// bfloat16: 8 bits, the range of f32.
    Bf16,
    /// IEEE half precision: 11 bits, up to 65504.
    F16,
}

impl Precision {
    /// Its name on command lines and in files.
    fn name(self) -> &'static str {
        match self {
            Self::Full => "f32",
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
        }
    }

    /// The half precision that it is; `None` for that of the program.
    pub fn half(self) -> Option<Half> {
        match self {
            Self::Full => None,
            Self::Bf16 => Some(Half::Bf16),
            Self::F16 => Some(Half::F16),
        }
    }

    /// Its element type; `None` for that of the program.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Full => None,
            Self::Bf16 => Some(Kind::BFloat16),
            Self::F16 => Some(Kind::Half),
        }
    }
}

/// Inputs as a network in half precision takes them: of the first `fed`, those that are real are
/// rounded; targets come after them.
pub(crate) fn rounded(inputs: &[Tensor], fed: usize, half: Option<Kind>) -> Vec<Tensor> {
    let mut rounded = Vec::with_capacity(inputs.len());
    for (place, input) in inputs.iter().enumerate() {
        rounded.push(match half {
            Some(half) if place < fed && input.is_floating_point() => input.to_kind(half),
            Some(_) | None => input.shallow_clone(),
        });
    }
    rounded
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
