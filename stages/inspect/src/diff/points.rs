use std::collections::HashMap;

use files::{Measured, Metric, Places, Shard, Surface, Trajectory};
use grid::Grid;
use ndarray::ArrayD;

use super::{
    Difference, Values,
    arrays::lines,
    settings::{measurements, texts},
};
use crate::report::{measured::Range, metric::lower_bounds};

/// The computed points of a file.
#[derive(Default)]
struct Points {
    /// In the order of the file, so that of several largest differences the first is reported.
    order: Vec<[u64; 2]>,
    /// Where in the arrays of the file each point is.
    places: HashMap<[u64; 2], usize>,
}

impl Points {
    fn of_surface(surface: &Surface) -> Self {
        let mut points = Self::default();
        for (number, mask) in surface.evaluated.iter().enumerate() {
            if *mask != 0 {
                points.insert(key(surface.grid.point(number)), number);
            }
        }
        points
    }

    fn of_trajectory(measured: &Measured) -> Self {
        let mut points = Self::default();
        for (number, mask) in measured.evaluated.iter().enumerate() {
            if *mask != 0 {
                points.insert([number as u64, 0], number);
            }
        }
        points
    }

    fn of_shard(shard: &Shard) -> Self {
        let mut points = Self::default();
        for (place, number) in shard.points.iter().enumerate() {
            points.insert(key_of(&shard.places, *number as usize), place);
        }
        points
    }

    /// Adds a point. Where a file has it twice, the last place counts.
    fn insert(&mut self, point: [u64; 2], place: usize) {
        if self.places.insert(point, place).is_none() {
            self.order.push(point);
        }
    }
}

/// A point by its place in the plane, where 0 and -0 are the same.
fn key((x, y): (f64, f64)) -> [u64; 2] {
    [x + 0.0, y + 0.0].map(f64::to_bits)
}

/// A point of a shard. Along a trajectory several may be at one place: there its number counts.
fn key_of(places: &Places, number: usize) -> [u64; 2] {
    match places {
        Places::Grid(grid) => key(grid.point(number)),
        Places::Trajectory(_) => [number as u64, 0],
    }
}

pub(super) fn surfaces(a: &Surface, b: &Surface, found: &mut Vec<Difference>) {
    measurements(a.measurement.as_ref(), b.measurement.as_ref(), found);
    grids(&a.grid, &b.grid, found);
    let (one, other) = (Points::of_surface(a), Points::of_surface(b));
    metrics((&a.metrics, &one), (&b.metrics, &other), found);
}

pub(super) fn shards(a: &Shard, b: &Shard, found: &mut Vec<Difference>) {
    measurements(Some(&a.measurement), Some(&b.measurement), found);
    texts("shard", a.part.to_string(), b.part.to_string(), found);
    match (&a.places, &b.places) {
        (Places::Grid(a), Places::Grid(b)) => grids(a, b, found),
        (Places::Trajectory(a), Places::Trajectory(b)) => lines(a, b, found),
        (Places::Grid(_), Places::Trajectory(_)) | (Places::Trajectory(_), Places::Grid(_)) => {
            let (a, b) = (a.places.what().into(), b.places.what().into());
            texts("points", a, b, found);
        }
    }
    let (one, other) = (Points::of_shard(a), Points::of_shard(b));
    metrics((&a.metrics, &one), (&b.metrics, &other), found);
}

/// Compares what was measured along two trajectories.
pub(super) fn along(a: &Trajectory, b: &Trajectory, found: &mut Vec<Difference>) {
    let (one, other) = (a.measured.as_ref(), b.measured.as_ref());
    measurements(
        one.map(|measured| &measured.measurement),
        other.map(|measured| &measured.measurement),
        found,
    );
    if let (Some(one), Some(other)) = (one, other) {
        let points = (Points::of_trajectory(one), Points::of_trajectory(other));
        metrics(
            (&one.metrics, &points.0),
            (&other.metrics, &points.1),
            found,
        );
    }
}

fn grids(a: &Grid, b: &Grid, found: &mut Vec<Difference>) {
    for (what, a, b) in [
        ("x", Some(&a.x), Some(&b.x)),
        ("y", a.y.as_ref(), b.y.as_ref()),
    ] {
        if a == b {
            continue;
        }
        let (mut a, mut b) = (axis(a), axis(b));
        if a == b {
            a += ", at other places";
            b += ", at other places";
        }
        found.push(Difference::setting(what, a, b));
    }
}

fn metrics(a: (&[Metric], &Points), b: (&[Metric], &Points), found: &mut Vec<Difference>) {
    texts("metrics", names(a.0), names(b.0), found);
    for one in a.0 {
        let Some(other) = b.0.iter().find(|other| other.name == one.name) else {
            continue;
        };
        compare(&one.name, (&one.values, a.1), (&other.values, b.1), found);
        bounds(one, other, found);
        if let (Some(one_stderr), Some(other_stderr)) = (&one.stderr, &other.stderr) {
            let name = one.stderr_name();
            compare(&name, (one_stderr, a.1), (other_stderr, b.1), found);
        }
    }
}

/// Compares values at the points that both files have.
fn compare(
    name: &str,
    a: (&ArrayD<f64>, &Points),
    b: (&ArrayD<f64>, &Points),
    found: &mut Vec<Difference>,
) {
    let one: Vec<f64> = a.0.iter().copied().collect();
    let other: Vec<f64> = b.0.iter().copied().collect();
    let mut values = Values::named(name);
    for point in &a.1.order {
        let place = a.1.places[point];
        match b.1.places.get(point) {
            Some(there) => {
                let at = Some(point.map(f64::from_bits));
                values.compare(one[place], other[*there], at);
            }
            None => values.only_in_a += 1,
        }
    }
    values.only_in_b = b.1.places.len() - values.compared;
    values.add_to(found);
}

/// Compares where values are lower bounds.
fn bounds(a: &Metric, b: &Metric, found: &mut Vec<Difference>) {
    let (one, other) = (lower_bounds(a), lower_bounds(b));
    let what = format!("{}, lower bounds", a.name);
    texts(&what, one.to_string(), other.to_string(), found);
}

fn axis(axis: Option<&Vec<f64>>) -> String {
    match axis {
        Some(axis) => Range::of(axis).said(),
        None => "none".into(),
    }
}

/// The names: of each metric, then of its standard error.
fn names(metrics: &[Metric]) -> String {
    let mut names = Vec::new();
    for metric in metrics {
        names.push(metric.name.clone());
        if metric.stderr.is_some() {
            names.push(metric.stderr_name());
        }
    }
    names.join(", ")
}
