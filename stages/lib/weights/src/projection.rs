//! Checkpoints on the plane of two directions, or on the line of one.

use files::Trajectory;
use ndarray::ArrayD;

use crate::{Checkpoints, Error, Result, dot, length};

/// Axes whose angle has a sine below this are one line.
const PARALLEL: f64 = 1e-6;
/// Axes that are orthonormal but for this are so up to the rounding of f32.
const ORTHONORMAL: f64 = 1e-5;

/// How coordinates are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Least squares: the nearest point of the plane, in the coordinates of grids.
    LeastSquares,
    /// v·d/‖d‖ along each axis, as in the Python tool: right for orthogonal axes only, and in units
    /// of length.
    Cosine,
}

/// One or two directions as axes.
pub struct Axes<'a> {
    axes: Vec<&'a [ArrayD<f32>]>,
    /// Products of the axes with each other, in f64.
    products: [[f64; 2]; 2],
    method: Method,
}

/// A place relative to the plane, where v = θ_k - θ*.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The coordinate along x.
    pub x: f64,
    /// That along y; 0 on a line.
    pub y: f64,
    /// The distance off the plane, ‖v - x·dx - y·dy‖.
    pub residual: f64,
    /// The distance from the origin, ‖v‖.
    pub distance: f64,
}

impl<'a> Axes<'a> {
    /// The axes of these directions. Without a method it is [`Method::Cosine`] where they are
    /// orthonormal, where both agree, and least squares otherwise.
    ///
    /// # Errors
    /// Axes of no length, or parallel ones where least squares are asked for.
    pub fn new(
        x: &'a [ArrayD<f32>],
        y: Option<&'a [ArrayD<f32>]>,
        method: Option<Method>,
    ) -> Result<Self> {
        let mut axes = vec![x];
        axes.extend(y);
        let mut products = [[1.0, 0.0], [0.0, 1.0]];
        for (row, one) in axes.iter().enumerate() {
            for (column, other) in axes.iter().enumerate() {
                products[row][column] = dot(one, other);
            }
        }
        let [[xx, xy], [_, yy]] = products;
        if xx == 0.0 || yy == 0.0 {
            return Err(Error::Misfit("one of the axes has no length".into()));
        }
        let method = method.unwrap_or({
            let off = (xx - 1.0).abs().max((yy - 1.0).abs()).max(xy.abs());
            if off < ORTHONORMAL {
                Method::Cosine
            } else {
                Method::LeastSquares
            }
        });
        let sine = (1.0 - xy * xy / (xx * yy)).max(0.0).sqrt();
        if method == Method::LeastSquares && sine < PARALLEL {
            return Err(Error::Misfit(
                "the axes are parallel: places have no coordinates on them".into(),
            ));
        }
        Ok(Self {
            axes,
            products,
            method,
        })
    }

    /// How coordinates are found.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Whether coordinates are those of grids on these axes: lengths are so only along axes of unit
    /// length.
    pub fn has_grid_coordinates(&self) -> bool {
        let [[xx, _], [_, yy]] = self.products;
        let unit = (xx - 1.0).abs().max((yy - 1.0).abs()) < ORTHONORMAL;
        self.method == Method::LeastSquares || unit
    }

    /// The place of a checkpoint, of which one tensor at a time is in memory. It is read twice.
    ///
    /// # Errors
    /// The checkpoint cannot be read.
    pub fn place(&self, checkpoints: &mut Checkpoints, checkpoint: usize) -> Result<Place> {
        let mut along = [0.0; 2];
        let mut square = 0.0;
        for number in 0..checkpoints.tensors() {
            let origin = checkpoints.origin(number)?;
            let difference = [checkpoints.difference(checkpoint, number, &origin)?];
            for (sum, axis) in along.iter_mut().zip(&self.axes) {
                *sum += dot(&difference, &axis[number..=number]);
            }
            square += dot(&difference, &difference);
        }
        let [x, y] = self.coordinates(along);
        // in units of the axes, whatever coordinates are told in
        let [dx, dy] = self.steps([x, y]);
        let mut off = 0.0;
        for number in 0..checkpoints.tensors() {
            let origin = checkpoints.origin(number)?;
            let mut rest = checkpoints
                .difference(checkpoint, number, &origin)?
                .mapv(f64::from);
            for (step, axis) in [dx, dy].into_iter().zip(&self.axes) {
                rest.zip_mut_with(&axis[number], |rest, value| {
                    *rest -= step * f64::from(*value)
                });
            }
            off += rest.iter().map(|value| value * value).sum::<f64>();
        }
        Ok(Place {
            x,
            y,
            residual: off.sqrt(),
            distance: square.sqrt(),
        })
    }

    /// The product of two vectors of the plane with these coordinates.
    pub(crate) fn product(&self, one: [f64; 2], other: [f64; 2]) -> f64 {
        let [[xx, xy], [_, yy]] = self.products;
        let ([ax, ay], [bx, by]) = (self.steps(one), self.steps(other));
        xx * ax * bx + xy * (ax * by + ay * bx) + yy * ay * by
    }

    /// For each checkpoint of a trajectory the length of the way on the plane from the first one
    /// of its run, in the units of the weights.
    pub fn arc_lengths(&self, trajectory: &Trajectory) -> Vec<f64> {
        let mut lengths: Vec<f64> = Vec::with_capacity(trajectory.len());
        for number in 0..trajectory.len() {
            let starts = number == 0
                || trajectory.run.get(number) != trajectory.run.get(number.saturating_sub(1));
            if starts {
                lengths.push(0.0);
                continue;
            }
            let (x, y) = trajectory.place(number);
            let (before_x, before_y) = trajectory.place(number - 1);
            let step = [x - before_x, y - before_y];
            let square = self.product(step, step);
            lengths.push(lengths[number - 1] + square.max(0.0).sqrt());
        }
        lengths
    }

    /// Coordinates from the products of v with the axes.
    fn coordinates(&self, [vx, vy]: [f64; 2]) -> [f64; 2] {
        let [[xx, xy], [_, yy]] = self.products;
        match self.method {
            Method::Cosine => [vx / xx.sqrt(), vy / yy.sqrt()],
            Method::LeastSquares => {
                let determinant = xx * yy - xy * xy;
                [
                    (vx * yy - vy * xy) / determinant,
                    (vy * xx - vx * xy) / determinant,
                ]
            }
        }
    }

    /// How often each axis is gone along to coordinates.
    fn steps(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [[xx, _], [_, yy]] = self.products;
        match self.method {
            Method::Cosine => [x / xx.sqrt(), y / yy.sqrt()],
            Method::LeastSquares => [x, y],
        }
    }
}

/// A direction of unit length from another, less its parts along `others`, which have unit length;
/// returned with the length that was left (Gram and Schmidt, in f64).
///
/// # Errors
/// Nothing is left of it.
pub fn orthonormal(
    direction: &[ArrayD<f32>],
    others: &[&[ArrayD<f32>]],
) -> Result<(Vec<ArrayD<f32>>, f64)> {
    let mut rest: Vec<ArrayD<f64>> = Vec::with_capacity(direction.len());
    for tensor in direction {
        rest.push(tensor.mapv(f64::from));
    }
    let whole = length(direction);
    for other in others {
        let mut along = 0.0;
        for (rest, tensor) in rest.iter().zip(*other) {
            for (value, unit) in rest.iter().zip(tensor) {
                along += value * f64::from(*unit);
            }
        }
        for (rest, tensor) in rest.iter_mut().zip(*other) {
            rest.zip_mut_with(tensor, |value, unit| *value -= along * f64::from(*unit));
        }
    }
    let square: f64 = rest.iter().flatten().map(|value| value * value).sum();
    let left = square.sqrt();
    if left.is_nan() || left <= PARALLEL * whole {
        return Err(Error::Misfit(
            "the models lie on one line: they make no plane".into(),
        ));
    }
    let mut unit = Vec::with_capacity(rest.len());
    for tensor in rest {
        unit.push(tensor.mapv(|value| (value / left) as f32));
    }
    Ok((unit, left))
}
