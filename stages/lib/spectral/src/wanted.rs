use serde::{Deserialize, Serialize};

/// What is to be learnt of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// How many of the smallest eigenvalues.
    pub bottom: usize,
    /// How many of the largest eigenvalues.
    pub top: usize,
    /// How far an eigenvalue may be off, over its own size.
    pub tolerance: f64,
    /// The most products that the eigenvalues may cost.
    pub max_products: usize,
    /// The most vectors in memory.
    pub max_basis: usize,
    /// Probes of the trace, of the Frobenius norm and of the diagonal; 0 where none is wanted.
    pub probes: usize,
    /// Probes of the density; 0 where it is not wanted.
    pub density_probes: usize,
    /// Products per probe of the density.
    pub density_steps: usize,
    /// Where random vectors come from.
    pub seed: u64,
}

impl Wanted {
    /// The smallest and the largest eigenvalue, within a tolerance.
    pub fn ends(tolerance: f64, max_products: usize, seed: u64) -> Self {
        Self {
            bottom: 1,
            top: 1,
            tolerance,
            max_products,
            max_basis: max_products,
            probes: 0,
            density_probes: 0,
            density_steps: 0,
            seed,
        }
    }

    /// Eigenvalues at both ends.
    pub fn pairs(&self) -> usize {
        self.bottom + self.top
    }

    /// The fewest vectors in memory with which restarts make progress.
    pub fn least_basis(&self) -> usize {
        2 * self.pairs() + 16
    }
}
