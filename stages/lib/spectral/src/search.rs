use serde::{Deserialize, Serialize};

use crate::{Krylov, Ritz, Wanted};

/// Values must have stood still for this many products, beside being within the tolerance by their
/// residuals: a residual says that *some* eigenvalue is near, not the one at the end.
const STILL: usize = 5;
/// A value below this part of the largest is not asked to be known to a part of itself: spectra
/// that end at zero would never end.
const FLOOR: f64 = 1e-3;
/// A look at the values for so many vectors: it costs the cube of their number.
const VECTORS_PER_LOOK: usize = 32;

/// How eigenvalues at the ends became known, product by product.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Search {
    /// The wanted values at the last looks, with the number of products then.
    looks: Vec<(usize, Vec<f64>)>,
    /// Whether they are known to the tolerance; `None` until the search ends.
    pub(crate) is_converged: Option<bool>,
}

impl Search {
    /// Looks at a run after a product: whether it may end, with what is known then. A run whose
    /// basis is full is restarted.
    pub(crate) fn look(&mut self, run: &mut Krylov, wanted: &Wanted) {
        if run.is_broken() {
            self.is_converged = Some(false);
            return;
        }
        let is_full = run.multiplied() >= wanted.max_basis;
        let is_spent = run.products() >= wanted.max_products;
        let is_last = is_full || is_spent || run.is_complete();
        let stride = 1 + run.multiplied() / VECTORS_PER_LOOK;
        let is_due = run.products().is_multiple_of(stride);
        if !is_last && (run.multiplied() < wanted.pairs() || !is_due) {
            return;
        }
        let ritz = run.ritz();
        let places = places(ritz.values.len(), wanted);
        if self.is_enough(&ritz, &places, run, wanted) || run.is_complete() {
            self.is_converged = Some(true);
        } else if is_spent {
            self.is_converged = Some(false);
        } else if is_full {
            run.restart(&ritz, wanted.bottom, wanted.top);
        }
    }

    /// Whether the values at these places are within the tolerance and have stood still.
    fn is_enough(&mut self, ritz: &Ritz, places: &[usize], run: &Krylov, wanted: &Wanted) -> bool {
        let values: Vec<f64> = places.iter().map(|place| ritz.values[*place]).collect();
        let mut largest = 0.0;
        for value in &values {
            largest = f64::max(largest, value.abs());
        }
        // the last look that is old enough
        let products = run.products();
        let old = products.saturating_sub(STILL);
        while self.looks.get(1).is_some_and(|(when, _)| *when <= old) {
            self.looks.remove(0);
        }
        let before = match self.looks.first() {
            Some((when, before)) if *when <= old && before.len() == values.len() => Some(before),
            Some(_) | None => None,
        };
        let mut is_enough = before.is_some() && places.len() == wanted.pairs();
        for (number, place) in places.iter().enumerate() {
            let size = values[number].abs().max(FLOOR * largest);
            // what rounding allows
            let allowed = (wanted.tolerance * size).max(run.noise());
            is_enough &= ritz.bounds[*place] <= allowed;
            if let Some(before) = before {
                is_enough &= (values[number] - before[number]).abs() <= allowed;
            }
        }
        self.looks.push((products, values));
        is_enough
    }
}

/// Where the wanted values lie among so many in increasing order: the smallest, then the largest
/// ones, which come first where there are too few for both.
pub(crate) fn places(count: usize, wanted: &Wanted) -> Vec<usize> {
    let top = wanted.top.min(count);
    let bottom = wanted.bottom.min(count - top);
    let mut places: Vec<usize> = (0..bottom).collect();
    places.extend(count - top..count);
    places
}
