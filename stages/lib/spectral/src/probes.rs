use serde::{Deserialize, Serialize};

use crate::{
    Estimate, Krylov, random,
    vector::{dot, norm},
};

/// Random probes of what the trace has beyond a basis whose part of it is known (Hutch++, Meyer et
/// al. 2021, with the basis of Lanczos as sketch: nothing is multiplied twice). Probes are
/// independent of each other and of the basis, so the standard error of their mean is honest; the
/// one of XTrace is taken over estimates that share vectors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Probes {
    /// Of each probe z: zᵀ(I - P)A(I - P)z, P the projection on the basis.
    beyond: Vec<f64>,
    /// Of each probe: ‖Az‖².
    squares: Vec<f64>,
    /// The sum of z∘Az over the probes: an estimate of the diagonal (Bekas et al. 2007).
    diagonal: Vec<f64>,
    /// Of each probe from the second on: z∘Az times the sum before it.
    crossed: Vec<f64>,
    /// z∘Az of the last probe, where the next one makes a pair with it.
    partner: Option<Vec<f64>>,
    /// Of each pair of probes: the product of their z∘Az.
    pairs: Vec<f64>,
}

impl Probes {
    /// How many were taken.
    pub(crate) fn count(&self) -> usize {
        self.beyond.len()
    }

    /// The next probe without its part in the basis: what is to be multiplied.
    pub(crate) fn next(&self, run: &Krylov, seed: u64) -> Vec<f64> {
        let mut probe = random::signs(run.dimension(), seed, self.count() as u64);
        run.project_out(&mut probe);
        run.project_out(&mut probe);
        probe
    }

    /// Takes the product with what [`Probes::next`] gave.
    pub(crate) fn take(&mut self, mut product: Vec<f64>, run: &Krylov, seed: u64) {
        let probe = random::signs(run.dimension(), seed, self.count() as u64);
        let mut outside = probe.clone();
        let mut inside = run.project_out(&mut outside);
        let again = run.project_out(&mut outside);
        for (first, second) in inside.iter_mut().zip(&again) {
            *first += second;
        }
        self.beyond.push(dot(&outside, &product));
        run.add_product(&inside, &mut product);
        self.squares.push(norm(&product).powi(2));
        // the probe's entries are 1 and -1: now it is an estimate of the diagonal
        for (value, sign) in product.iter_mut().zip(&probe) {
            *value *= sign;
        }
        if self.diagonal.is_empty() {
            self.diagonal.clone_from(&product);
        } else {
            self.crossed.push(dot(&self.diagonal, &product));
            for (sum, value) in self.diagonal.iter_mut().zip(&product) {
                *sum += value;
            }
        }
        match self.partner.take() {
            Some(partner) => self.pairs.push(dot(&partner, &product)),
            None => self.partner = Some(product),
        }
    }

    /// The trace, of which the basis has a part.
    pub(crate) fn trace(&self, run: &Krylov) -> Estimate {
        let beyond = Estimate::of(&self.beyond);
        Estimate {
            value: run.trace() + beyond.value,
            ..beyond
        }
    }

    /// The squared Frobenius norm: the sum of the squares of the eigenvalues.
    pub(crate) fn frobenius(&self) -> Estimate {
        Estimate::of(&self.squares)
    }

    /// The squared norm of the diagonal: the mean over all pairs of different probes; its error is
    /// that of the mean over pairs that share none, which is an upper bound.
    pub(crate) fn diagonal(&self) -> Estimate {
        let count = self.count() as f64;
        let sum: f64 = self.crossed.iter().sum();
        Estimate {
            value: 2.0 * sum / (count * (count - 1.0)),
            ..Estimate::of(&self.pairs)
        }
    }

    /// Forgets what only further probes need.
    pub(crate) fn close(&mut self) {
        self.diagonal = Vec::new();
        self.partner = None;
    }
}
