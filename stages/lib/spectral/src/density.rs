use serde::{Deserialize, Serialize};

use crate::Krylov;

/// The spectral density by stochastic Lanczos quadrature (Ubaru, Chen & Saad 2017): each probe
/// gives nodes on the axis of eigenvalues with weights that sum to 1; the density is the mean over
/// the probes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Density {
    /// For each probe its nodes in increasing order, as many as steps; NaN where a probe ended
    /// earlier.
    pub nodes: Vec<Vec<f64>>,
    /// The weight of each node, 0 where it is NaN.
    pub weights: Vec<Vec<f64>>,
}

impl Density {
    /// Adds what a run of so many steps found.
    pub(crate) fn add(&mut self, run: &Krylov, steps: usize) {
        let (mut nodes, mut weights) = (Vec::new(), Vec::new());
        if !run.is_broken() {
            let ritz = run.ritz();
            weights = ritz.weights();
            nodes = ritz.values;
        }
        nodes.resize(steps, f64::NAN);
        weights.resize(steps, 0.0);
        self.nodes.push(nodes);
        self.weights.push(weights);
    }

    /// For each probe the mean of the eigenvalues to a power: the trace of that power over the
    /// number of dimensions.
    pub fn moments(&self, power: i32) -> Vec<f64> {
        let mut moments = Vec::with_capacity(self.nodes.len());
        for (nodes, weights) in self.nodes.iter().zip(&self.weights) {
            let mut moment = 0.0;
            for (node, weight) in nodes.iter().zip(weights) {
                if *weight > 0.0 {
                    moment += weight * node.powi(power);
                }
            }
            moments.push(moment);
        }
        moments
    }
}
