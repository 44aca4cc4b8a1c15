//! A row of a spectrum as the numbers that a journal keeps.

use anyhow::Context;
use spectral::{Estimate, Study, Wanted};

/// What is known of one model in the end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) eigenvalues: Vec<f64>,
    pub(crate) bounds: Vec<f64>,
    pub(crate) is_converged: bool,
    pub(crate) products: usize,
    /// Trace, squared Frobenius norm and squared norm of the diagonal; NaN where not wanted.
    pub(crate) estimates: [Estimate; 3],
    /// `probes · steps` values, probe by probe.
    pub(crate) nodes: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    /// The eigenvectors one after the other, where they are wanted.
    pub(crate) vectors: Vec<f64>,
}

impl Row {
    pub(crate) fn of(study: &Study, wanted: &Wanted, has_vectors: bool) -> Self {
        let found = study.found();
        let missing = Estimate {
            value: f64::NAN,
            stderr: f64::NAN,
        };
        // a space of few dimensions has fewer eigenvalues than are wanted
        let (mut eigenvalues, mut bounds) = (found.values, found.bounds);
        eigenvalues.resize(wanted.pairs(), f64::NAN);
        bounds.resize(wanted.pairs(), f64::NAN);
        Self {
            eigenvalues,
            bounds,
            is_converged: found.is_converged,
            products: found.products,
            estimates: [found.trace, found.frobenius, found.diagonal]
                .map(|it| it.unwrap_or(missing)),
            nodes: found.density.nodes.concat(),
            weights: found.density.weights.concat(),
            vectors: match has_vectors {
                true => study.vectors().concat(),
                false => Vec::new(),
            },
        }
    }

    /// As numbers.
    pub(crate) fn values(&self) -> Vec<f64> {
        let mut values = self.eigenvalues.clone();
        values.extend(&self.bounds);
        values.push(f64::from(u8::from(self.is_converged)));
        values.push(self.products as f64);
        for Estimate { value, stderr } in self.estimates {
            values.extend([value, stderr]);
        }
        values.extend(&self.nodes);
        values.extend(&self.weights);
        values.extend(&self.vectors);
        values
    }

    /// From such numbers.
    ///
    /// # Errors
    /// They are too few.
    pub(crate) fn from_values(values: &[f64], wanted: &Wanted) -> anyhow::Result<Self> {
        let mut left = values;
        let density = wanted.density_probes * wanted.density_steps;
        let eigenvalues = taken(&mut left, wanted.pairs())?;
        let bounds = taken(&mut left, wanted.pairs())?;
        let told = taken(&mut left, 2)?;
        let estimates = taken(&mut left, 6)?;
        let estimate = |place: usize| Estimate {
            value: estimates[2 * place],
            stderr: estimates[2 * place + 1],
        };
        Ok(Self {
            eigenvalues,
            bounds,
            is_converged: told[0] != 0.0,
            products: told[1] as usize,
            estimates: [estimate(0), estimate(1), estimate(2)],
            nodes: taken(&mut left, density)?,
            weights: taken(&mut left, density)?,
            vectors: left.to_vec(),
        })
    }
}

fn taken(left: &mut &[f64], count: usize) -> anyhow::Result<Vec<f64>> {
    let (first, rest) = left
        .split_at_checked(count)
        .context("the journal holds too few values")?;
    *left = rest;
    Ok(first.to_vec())
}
