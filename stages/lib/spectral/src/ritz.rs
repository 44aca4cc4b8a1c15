use nalgebra::DMatrix;

/// What a run knows of eigenvalues: the Ritz values, in increasing order.
#[derive(Debug, Clone, PartialEq)]
pub struct Ritz {
    /// Approximate eigenvalues.
    pub values: Vec<f64>,
    /// For each, an eigenvalue lies within this distance of it.
    pub bounds: Vec<f64>,
    /// The coefficients of the vector of value `i` on the basis: column `i`.
    pub(crate) vectors: DMatrix<f64>,
}

impl Ritz {
    /// The squares of the first coefficients: the weights of a Gauss quadrature for the density as
    /// the start vector sees it (Golub & Welsch 1969). They sum to 1.
    pub fn weights(&self) -> Vec<f64> {
        let mut weights = Vec::with_capacity(self.values.len());
        for place in 0..self.values.len() {
            weights.push(self.vectors[(0, place)].powi(2));
        }
        weights
    }

    /// The coefficients of the vector of value `place`.
    pub fn coefficients(&self, place: usize) -> Vec<f64> {
        self.vectors.column(place).iter().copied().collect()
    }
}
