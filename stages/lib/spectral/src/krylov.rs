use nalgebra::{DMatrix, SymmetricEigen};
use serde::{Deserialize, Serialize};

use crate::{
    Ritz, random,
    vector::{Element, Vector, norm},
};

/// A residual below this part of the operator's size is one of rounding: the basis spans a subspace
/// that the operator does not leave.
const INVARIANT: f64 = 1e-13;
/// Vectors beyond the wanted ones that a restart keeps at each end.
const SPARE: usize = 3;

/// A Lanczos run with full reorthogonalisation (twice, in f64) and thick restarts (Wu & Simon 2000;
/// Stewart's Krylov-Schur for a symmetric operator). It asks for products one by one:
/// multiply [`Krylov::next`], then [`Krylov::take`] the product.
///
/// With a basis of m vectors of P values it holds m·P values in memory, in the precision of the
/// vectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Krylov {
    dimension: usize,
    element: Element,
    /// Orthonormal vectors, of which the last one is not multiplied yet.
    #[serde(skip)]
    basis: Vec<Vector>,
    /// The operator on the multiplied vectors, row by row, symmetric.
    projected: Vec<f64>,
    /// The part of the last product beyond the basis: its length.
    residual: f64,
    /// The largest product so far: the size of the operator, from below.
    size: f64,
    products: usize,
    restarts: u64,
    /// Random vectors come from here.
    seed: u64,
    /// How many were drawn.
    drawn: u64,
    /// A product held NaN or infinities.
    is_broken: bool,
}

impl Krylov {
    /// A run in so many dimensions, at least one, from a random vector of this seed and number.
    pub fn new(dimension: usize, element: Element, (seed, number): (u64, u64)) -> Self {
        let mut run = Self {
            dimension,
            element,
            basis: Vec::new(),
            projected: Vec::new(),
            residual: 0.0,
            size: 0.0,
            products: 0,
            restarts: 0,
            seed,
            drawn: number,
            is_broken: false,
        };
        run.extend_at_random();
        run
    }

    /// A run from a vector of one's own, of any length but 0.
    pub fn from(start: &[f64], element: Element, seed: u64) -> Self {
        let mut run = Self::new(start.len(), element, (seed, 0));
        run.basis = vec![Vector::scaled(start, 1.0 / norm(start), element)];
        run
    }

    /// The vector to multiply next, of unit length; `None` where nothing is left to learn.
    pub fn next(&self) -> Option<&Vector> {
        if self.is_broken || self.basis.len() == self.multiplied() {
            None
        } else {
            self.basis.last()
        }
    }

    /// Takes the product of the operator with [`Krylov::next`].
    pub fn take(&mut self, mut product: Vec<f64>) {
        self.products += 1;
        let length = norm(&product);
        if !length.is_finite() {
            self.is_broken = true;
            return;
        }
        self.size = self.size.max(length);
        let mut column = subtract(&self.basis, &mut product);
        let again = subtract(&self.basis, &mut product);
        for (first, second) in column.iter_mut().zip(&again) {
            *first += second;
        }
        self.add_column(&column);
        self.residual = norm(&product);
        if self.basis.len() == self.dimension {
            self.residual = 0.0;
        } else if self.residual <= INVARIANT * self.size {
            self.residual = 0.0;
            self.extend_at_random();
        } else {
            let next = Vector::scaled(&product, 1.0 / self.residual, self.element);
            self.basis.push(next);
        }
    }

    /// How many vectors of the basis were multiplied.
    pub fn multiplied(&self) -> usize {
        self.projected.len().isqrt()
    }

    /// How far eigenvalues may be off by the rounding of products alone.
    pub fn noise(&self) -> f64 {
        self.element.noise() * self.size
    }

    /// How many products were taken.
    pub fn products(&self) -> usize {
        self.products
    }

    /// Whether the basis spans the whole space: the Ritz values are the eigenvalues.
    pub fn is_complete(&self) -> bool {
        self.multiplied() == self.dimension
    }

    /// Whether a product held NaN or infinities.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// The number of dimensions.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The trace of the operator on the multiplied vectors.
    pub fn trace(&self) -> f64 {
        let count = self.multiplied();
        let mut trace = 0.0;
        for place in 0..count {
            trace += self.projected[place * count + place];
        }
        trace
    }

    /// What is known now, after a product.
    pub fn ritz(&self) -> Ritz {
        let count = self.multiplied();
        let matrix = DMatrix::from_row_slice(count, count, &self.projected);
        let eigen = SymmetricEigen::new(matrix);
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*a].total_cmp(&eigen.eigenvalues[*b]));
        let mut ritz = Ritz {
            values: Vec::with_capacity(count),
            bounds: Vec::with_capacity(count),
            vectors: eigen.eigenvectors.select_columns(&order),
        };
        for (place, old) in order.iter().enumerate() {
            ritz.values.push(eigen.eigenvalues[*old]);
            let last = ritz.vectors[(count - 1, place)];
            ritz.bounds.push((self.residual * last).abs());
        }
        ritz
    }

    /// The vector with these coefficients on the basis.
    pub fn vector(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.dimension];
        for (vector, coefficient) in self.basis.iter().zip(coefficients) {
            vector.add_to(&mut sum, *coefficient);
        }
        sum
    }

    /// Keeps of the basis what leads to the `bottom` smallest and the `top` largest eigenvalues, so
    /// that there is room for more.
    pub fn restart(&mut self, ritz: &Ritz, bottom: usize, top: usize) {
        let count = ritz.values.len();
        let Some(next) = self.basis.pop().filter(|_| self.basis.len() == count) else {
            return;
        };
        let low = (bottom + SPARE).min(count);
        let high = (top + SPARE).min(count - low);
        let mut kept = Vec::new();
        kept.extend(0..low);
        kept.extend(count - high..count);
        let mut basis = Vec::with_capacity(kept.len() + 1);
        let mut projected = vec![0.0; kept.len() * kept.len()];
        for (place, old) in kept.iter().enumerate() {
            let vector = self.vector(&ritz.coefficients(*old));
            basis.push(Vector::scaled(&vector, 1.0, self.element));
            projected[place * kept.len() + place] = ritz.values[*old];
        }
        basis.push(next);
        self.basis = basis;
        self.projected = projected;
        self.restarts += 1;
    }

    /// The basis, for whoever keeps the run: vectors are only added, until a restart replaces all.
    pub fn basis(&self) -> &[Vector] {
        &self.basis
    }

    /// How often the basis was replaced.
    pub fn restarts(&self) -> u64 {
        self.restarts
    }

    /// Gives a run that was kept without its basis the basis again, as bytes; whether it fits.
    pub fn set_basis(&mut self, vectors: &[Vec<u8>]) -> bool {
        let mut basis = Vec::with_capacity(vectors.len());
        for bytes in vectors {
            match Vector::from_bytes(bytes, self.element) {
                Some(vector) => basis.push(vector),
                None => return false,
            }
        }
        self.basis = basis;
        true
    }

    /// Takes out of a vector what lies in the part of the basis that was multiplied; returns its
    /// coefficients.
    pub(crate) fn project_out(&self, vector: &mut [f64]) -> Vec<f64> {
        subtract(&self.basis[..self.multiplied()], vector)
    }

    /// The product of the operator with the vector of these coefficients, which needs no new
    /// product: it is added to `sum`.
    pub(crate) fn add_product(&self, coefficients: &[f64], sum: &mut [f64]) {
        let count = self.multiplied();
        for (row, basis) in self.basis[..count].iter().enumerate() {
            let row = &self.projected[row * count..(row + 1) * count];
            let mut factor = 0.0;
            for (entry, coefficient) in row.iter().zip(coefficients) {
                factor += entry * coefficient;
            }
            basis.add_to(sum, factor);
        }
        if let (Some(next), Some(last)) = (self.basis.get(count), coefficients.last()) {
            next.add_to(sum, self.residual * last);
        }
    }

    /// The operator on one more vector.
    fn add_column(&mut self, column: &[f64]) {
        let count = column.len();
        let mut projected = Vec::with_capacity(count * count);
        for (row, value) in column[..count - 1].iter().enumerate() {
            projected.extend(&self.projected[row * (count - 1)..(row + 1) * (count - 1)]);
            projected.push(*value);
        }
        projected.extend(column);
        self.projected = projected;
    }

    /// Goes on with a random vector that is orthogonal to the basis.
    fn extend_at_random(&mut self) {
        loop {
            let mut vector = random::normal(self.dimension, self.seed, self.drawn);
            self.drawn += 1;
            let before = norm(&vector);
            subtract(&self.basis, &mut vector);
            subtract(&self.basis, &mut vector);
            let length = norm(&vector);
            // almost all of it may lie in the basis where few dimensions are left
            if length > before * 1e-6 {
                let vector = Vector::scaled(&vector, 1.0 / length, self.element);
                self.basis.push(vector);
                return;
            }
        }
    }
}

/// Subtracts from a vector what lies in the span of others, by classical Gram-Schmidt; returns the
/// coefficients.
fn subtract(basis: &[Vector], vector: &mut [f64]) -> Vec<f64> {
    let mut coefficients = Vec::with_capacity(basis.len());
    for one in basis {
        coefficients.push(one.dot(vector));
    }
    for (one, coefficient) in basis.iter().zip(&coefficients) {
        one.add_to(vector, -coefficient);
    }
    coefficients
}
