//! Curves between networks, as combinations of a few of them (Garipov et al. 2018, section 3.2).

use std::path::Path;

use files::{Directions, Header, Stored};

use crate::{Axes, Checkpoints, Place, Result, dot};

/// The control points of a curve, relative to the plane of two axes.
pub struct Controls {
    /// Their places.
    pub places: Vec<Place>,
    /// Their files.
    pub headers: Vec<Header>,
    /// Products of their distances off the plane with each other, as vectors.
    off: Vec<Vec<f64>>,
    /// Products of their differences from the origin.
    from_origin: Vec<Vec<f64>>,
}

impl Controls {
    /// Reads them tensor by tensor.
    ///
    /// # Errors
    /// Files that cannot be read, or of another architecture.
    pub fn read(
        model: &Path,
        files: &[&Path],
        directions: &Stored<Directions>,
        axes: &Axes,
    ) -> Result<Self> {
        let mut checkpoints = Checkpoints::open(model, files, directions.dir_type)?;
        checkpoints.check_directions(directions)?;
        let mut places = Vec::with_capacity(files.len());
        for number in 0..files.len() {
            places.push(axes.place(&mut checkpoints, number)?);
        }
        let from_origin = products(&mut checkpoints)?;
        let mut off = from_origin.clone();
        for (row, one) in off.iter_mut().zip(&places) {
            for (product, other) in row.iter_mut().zip(&places) {
                *product -= axes.product([one.x, one.y], [other.x, other.y]);
            }
        }
        let (_, headers) = checkpoints.check()?;
        Ok(Self {
            places,
            headers,
            off,
            from_origin,
        })
    }

    /// The place of the point of a curve with these shares of the control points.
    pub fn place(&self, shares: &[f64]) -> Place {
        let mut place = Place {
            x: 0.0,
            y: 0.0,
            residual: length_of(&self.off, shares),
            distance: length_of(&self.from_origin, shares),
        };
        for (share, control) in shares.iter().zip(&self.places) {
            place.x += share * control.x;
            place.y += share * control.y;
        }
        place
    }
}

/// Products of all differences from the origin with each other.
fn products(checkpoints: &mut Checkpoints) -> Result<Vec<Vec<f64>>> {
    let count = checkpoints.len();
    let mut products = vec![vec![0.0; count]; count];
    for number in 0..checkpoints.tensors() {
        let origin = checkpoints.origin(number)?;
        let mut differences = Vec::with_capacity(count);
        for checkpoint in 0..count {
            differences.push([checkpoints.difference(checkpoint, number, &origin)?]);
        }
        for (row, one) in products.iter_mut().zip(&differences) {
            for (product, other) in row.iter_mut().zip(&differences) {
                *product += dot(one, other);
            }
        }
    }
    Ok(products)
}

/// The length of a combination of vectors that have these products.
fn length_of(products: &[Vec<f64>], shares: &[f64]) -> f64 {
    let mut square = 0.0;
    for (row, one) in products.iter().zip(shares) {
        for (product, other) in row.iter().zip(shares) {
            square += one * other * product;
        }
    }
    // rounding may leave less than nothing
    square.max(0.0).sqrt()
}
