use serde::{Deserialize, Serialize};

use crate::{
    Density, Element, Estimate, Krylov, Vector, Wanted,
    probes::Probes,
    search::{Search, places},
};

/// The runs of Lanczos for the density have these numbers of random vectors, far from those of the
/// run for eigenvalues.
const DENSITY_STREAM: u64 = 1 << 32;

/// All that is wanted of an operator, product by product: the density first, whose bases are
/// dropped; then the eigenvalues; then the trace, which uses their basis.
///
/// Multiply [`Study::next`], [`Study::take`] the product, until there is nothing more to multiply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Study {
    wanted: Wanted,
    element: Element,
    /// The run at hand.
    run: Krylov,
    /// Bases before that of this run.
    earlier: u64,
    density: Density,
    search: Search,
    probes: Probes,
    /// All products.
    products: usize,
}

/// What is known of an operator in the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The smallest eigenvalues, then the largest ones, in increasing order.
    pub values: Vec<f64>,
    /// For each, an eigenvalue lies within this distance of it: the norm of the residual, with the
    /// noise of products of this precision.
    pub bounds: Vec<f64>,
    /// Whether all of them are known to the tolerance.
    pub is_converged: bool,
    /// What the eigenvalues cost.
    pub products: usize,
    /// The sum of all eigenvalues, where it was wanted.
    pub trace: Option<Estimate>,
    /// The sum of their squares.
    pub frobenius: Option<Estimate>,
    /// The sum of the squares of the entries on the diagonal.
    pub diagonal: Option<Estimate>,
    /// The density, where it was wanted.
    pub density: Density,
}

impl Study {
    /// A study in so many dimensions, at least one.
    pub fn new(wanted: Wanted, dimension: usize, element: Element) -> Self {
        let mut study = Self {
            run: Krylov::new(dimension, element, (wanted.seed, 0)),
            wanted,
            element,
            earlier: 0,
            density: Density::default(),
            search: Search::default(),
            probes: Probes::default(),
            products: 0,
        };
        if study.has_density_left() {
            study.run = study.density_run();
        } else if wanted.pairs() == 0 {
            // nothing is looked for: the probes see all of the trace
            study.search.is_converged = Some(true);
        }
        study
    }

    /// The same, whose search starts from a vector of one's own.
    #[must_use]
    pub fn from(self, start: &[f64]) -> Self {
        Self {
            run: Krylov::from(start, self.element, self.wanted.seed),
            ..self
        }
    }

    /// The vector to multiply next; `None` in the end.
    pub fn next(&self) -> Option<Vec<f64>> {
        if self.is_done() {
            return None;
        }
        if self.has_density_left() || self.search.is_converged.is_none() {
            return self.run.next().map(Vector::to_f64);
        }
        Some(self.probes.next(&self.run, self.wanted.seed))
    }

    /// Whether nothing is left to multiply.
    pub fn is_done(&self) -> bool {
        if self.has_density_left() || self.search.is_converged.is_none() {
            return self.run.next().is_none();
        }
        !self.has_probes_left()
    }

    /// Takes the product of the operator with [`Study::next`].
    pub fn take(&mut self, product: Vec<f64>) {
        self.products += 1;
        if self.has_density_left() {
            self.run.take(product);
            let is_over = self.run.products() == self.wanted.density_steps;
            if is_over || self.run.next().is_none() {
                self.density.add(&self.run, self.wanted.density_steps);
                self.begin_next();
            }
        } else if self.search.is_converged.is_none() {
            self.run.take(product);
            self.search.look(&mut self.run, &self.wanted);
        } else {
            self.probes.take(product, &self.run, self.wanted.seed);
            if !self.has_probes_left() {
                self.probes.close();
            }
        }
    }

    /// What is known in the end.
    pub fn found(&self) -> Found {
        let mut found = Found {
            values: Vec::new(),
            bounds: Vec::new(),
            is_converged: self.search.is_converged == Some(true),
            products: self.products,
            trace: None,
            frobenius: None,
            diagonal: None,
            density: self.density.clone(),
        };
        if self.run.is_broken() {
            found.values = vec![f64::NAN; self.wanted.pairs()];
            found.bounds.clone_from(&found.values);
            let unknown = Estimate {
                value: f64::NAN,
                stderr: f64::NAN,
            };
            let unknown = (self.wanted.probes > 0).then_some(unknown);
            (found.trace, found.frobenius, found.diagonal) = (unknown, unknown, unknown);
            return found;
        }
        if self.wanted.pairs() > 0 {
            let ritz = self.run.ritz();
            for place in places(ritz.values.len(), &self.wanted) {
                found.values.push(ritz.values[place]);
                found
                    .bounds
                    .push(ritz.bounds[place].hypot(self.run.noise()));
            }
        }
        if self.wanted.probes > 0 {
            found.trace = Some(self.probes.trace(&self.run));
            found.frobenius = Some(self.probes.frobenius());
            found.diagonal = Some(self.probes.diagonal());
        }
        found
    }

    /// The eigenvectors of the values of [`Study::found`], in their order, each of unit length; its
    /// entry of the largest magnitude is positive.
    pub fn vectors(&self) -> Vec<Vec<f64>> {
        let mut vectors = Vec::new();
        if self.run.is_broken() || self.wanted.pairs() == 0 {
            return vectors;
        }
        let ritz = self.run.ritz();
        for place in places(ritz.values.len(), &self.wanted) {
            let mut vector = self.run.vector(&ritz.coefficients(place));
            let mut largest = 0.0_f64;
            for value in &vector {
                if value.abs() > largest.abs() {
                    largest = *value;
                }
            }
            if largest < 0.0 {
                vector.iter_mut().for_each(|value| *value = -*value);
            }
            vectors.push(vector);
        }
        vectors
    }

    /// All products until now.
    pub fn products(&self) -> usize {
        self.products
    }

    /// The vectors of the run at hand, for whoever keeps the study, with a number that changes when
    /// they are replaced rather than added to.
    pub fn basis(&self) -> (u64, &[Vector]) {
        (self.earlier + self.run.restarts(), self.run.basis())
    }

    /// Gives a study that was kept without its vectors these back; whether they fit.
    pub fn set_basis(&mut self, vectors: &[Vec<u8>]) -> bool {
        self.run.set_basis(vectors)
    }

    fn has_density_left(&self) -> bool {
        self.density.nodes.len() < self.wanted.density_probes
    }

    fn has_probes_left(&self) -> bool {
        !self.run.is_broken() && self.probes.count() < self.wanted.probes
    }

    /// Goes on after a run for the density.
    fn begin_next(&mut self) {
        self.earlier += self.run.restarts() + 1;
        self.run = if self.has_density_left() {
            self.density_run()
        } else {
            Krylov::new(self.run.dimension(), self.element, (self.wanted.seed, 0))
        };
        if self.wanted.pairs() == 0 && !self.has_density_left() {
            self.search.is_converged = Some(true);
        }
    }

    fn density_run(&self) -> Krylov {
        let number = self.density.nodes.len() as u64;
        let dimension = self.run.dimension();
        Krylov::new(
            dimension,
            self.element,
            (self.wanted.seed, DENSITY_STREAM + number),
        )
    }
}
