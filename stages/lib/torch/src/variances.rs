//! Running variances on the plane: where one is negative, normalisation takes the root of a negative number and nothing can
//! be measured. Fused kernels may turn that NaN into a number, so the plane decides, not the kernels.

use program::{Program, rewrite::Folded};
use tch::Kind;

use crate::{convert::values, plane::Moving};

/// The running variances of a network: their places in its state, and what normalisation adds to them.
pub(crate) struct Variances {
    entries: Vec<(usize, f64)>,
}

impl Variances {
    /// Those of a program, and of the normalisations that were folded out of it.
    pub(crate) fn new(program: &Program, folded: &[Folded], names: &[&str]) -> Self {
        let mut entries = Vec::new();
        let folded = folded
            .iter()
            .map(|folded| (folded.variance.as_str(), folded.eps));
        for (name, eps) in program.running_variances().into_iter().chain(folded) {
            let place = names.iter().position(|entry| *entry == name);
            entries.extend(place.map(|place| (place, eps)));
        }
        Self { entries }
    }

    /// Whether one of them is negative beyond what normalisation adds.
    pub(crate) fn are_negative(&self, state: &[Moving]) -> bool {
        self.entries.iter().any(|(place, eps)| {
            let variance = state[*place].now();
            match variance.kind() {
                Kind::Float => values::<f32>(variance)
                    .iter()
                    .any(|value| f64::from(*value) + eps < 0.0),
                Kind::Double => values::<f64>(variance)
                    .iter()
                    .any(|value| value + eps < 0.0),
                _ => false,
            }
        })
    }
}
