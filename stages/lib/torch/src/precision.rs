use std::fmt;

use program::Half;
use tch::Kind;

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

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
