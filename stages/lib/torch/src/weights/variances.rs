//! Running variances on the plane. Where one is negative, normalisation takes the root of a
//! negative number and nothing can be measured. Fused kernels may turn that NaN into a number, so
//! the plane decides, not the kernels.

use program::{Program, rewrite::Folded};
use tch::Kind;

use super::moving::Moving;
use crate::layout::{Real, values};

/// The running variances of a network: their places in its state, and what normalisation adds to
/// them.
pub(super) struct Variances {
    entries: Vec<(usize, f64)>,
}

impl Variances {
    /// Those of a program, and of the normalisations that were folded out of it.
    pub(super) fn new(program: &Program, folded: &[Folded], names: &[&str]) -> Self {
        let mut variances = program.running_variances();
        for folded in folded {
            variances.push((&folded.variance, folded.eps));
        }
        let mut entries = Vec::new();
        for (name, eps) in variances {
            if let Some(place) = names.iter().position(|entry| *entry == name) {
                entries.push((place, eps));
            }
        }
        Self { entries }
    }

    /// Whether one of them is negative beyond what normalisation adds.
    pub(super) fn are_negative(&self, state: &[Moving]) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|(place, eps)| is_negative(&state[*place], *eps))
    }
}

fn is_negative(variance: &Moving, eps: f64) -> bool {
    match variance.now().kind() {
        Kind::Float => has_negative::<f32>(variance, eps),
        Kind::Double => has_negative::<f64>(variance, eps),
        _ => false,
    }
}

fn has_negative<T: Real>(variance: &Moving, eps: f64) -> bool {
    let mut values = values::<T>(variance.now()).iter();
    values.any(|value| (*value).into() + eps < 0.0)
}
