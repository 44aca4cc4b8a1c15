//! Curves between networks, as combinations of a few of them (Garipov et al. 2018, section 3.2).

use std::path::Path;

use files::{DirType, Directions, Header, Stored};

use crate::{Axes, Checkpoints, Place, Result, dot};

/// A curve that control points make, from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// A Bézier curve: it starts and ends at the outer points and is drawn towards the inner ones.
    Bezier,
    /// A polygonal chain: it goes straight from each point to the next.
    Chain,
}

impl Curve {
    /// The weights of the control points at parameter t, from 0 to 1; their sum is 1.
    pub fn weights(self, t: f64, controls: usize) -> Vec<f64> {
        let mut weights = vec![0.0; controls];
        match self {
            Self::Bezier => {
                // de Casteljau's algorithm on the weights
                for (control, weight) in weights.iter_mut().enumerate() {
                    let mut values = vec![0.0; controls];
                    values[control] = 1.0;
                    for level in (1..controls).rev() {
                        for place in 0..level {
                            values[place] = (1.0 - t) * values[place] + t * values[place + 1];
                        }
                    }
                    *weight = values[0];
                }
            }
            Self::Chain => {
                let segments = (controls - 1) as f64;
                let segment = (t * segments).floor().min(segments - 1.0);
                let within = t * segments - segment;
                weights[segment as usize] = 1.0 - within;
                weights[segment as usize + 1] = within;
            }
        }
        weights
    }
}

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
        let dir_type: DirType = directions.dir_type;
        let mut checkpoints = Checkpoints::open(model, files, dir_type)?;
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

    /// The place of the point of a curve with these weights of the control points.
    pub fn place(&self, weights: &[f64]) -> Place {
        let mut place = Place {
            x: 0.0,
            y: 0.0,
            residual: length_of(&self.off, weights),
            distance: length_of(&self.from_origin, weights),
        };
        for (weight, control) in weights.iter().zip(&self.places) {
            place.x += weight * control.x;
            place.y += weight * control.y;
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
fn length_of(products: &[Vec<f64>], weights: &[f64]) -> f64 {
    let mut square = 0.0;
    for (row, one) in products.iter().zip(weights) {
        for (product, other) in row.iter().zip(weights) {
            square += one * other * product;
        }
    }
    // rounding may leave less than nothing
    square.max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_bernstein_and_of_chains() {
        let t: f64 = 0.3;
        let bernstein = [(1.0 - t).powi(2), 2.0 * t * (1.0 - t), t * t];
        for (weight, wanted) in Curve::Bezier.weights(t, 3).iter().zip(bernstein) {
            assert!((weight - wanted).abs() < 1e-15);
        }
        assert_eq!(Curve::Chain.weights(0.25, 3), [0.5, 0.5, 0.0]);
        assert_eq!(Curve::Chain.weights(0.75, 3), [0.0, 0.5, 0.5]);
        for curve in [Curve::Bezier, Curve::Chain] {
            assert_eq!(curve.weights(0.0, 3), [1.0, 0.0, 0.0]);
            assert_eq!(curve.weights(1.0, 3), [0.0, 0.0, 1.0]);
            assert_eq!(curve.weights(0.5, 2), [0.5, 0.5]);
        }
    }
}
