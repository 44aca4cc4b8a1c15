use colour::{Colour, ColourMap};
use ndarray::{Array2, ArrayView1};

use crate::{args::ZScale, height::Heights, path::Path};

/// Height of a mesh that is made to fit, over its longer side.
const FIT: f64 = 0.7;

/// A quadrilateral mesh over the grid.
pub(crate) struct Mesh {
    /// (x, y, z) of each grid point, row by row, heights scaled; a missing one has a finite z, and
    /// no quad.
    pub(crate) points: Vec<[f32; 3]>,
    /// Unit normals, upwards.
    pub(crate) normals: Vec<[f32; 3]>,
    /// Height of each point; NaN where it is missing.
    pub(crate) heights: Vec<f64>,
    /// Every metric, a value for each point.
    pub(crate) metrics: Vec<(String, Vec<f64>)>,
    /// Corners of each cell whose corners all have a height, counter-clockwise seen from above.
    pub(crate) quads: Vec<[usize; 4]>,
    /// Mean height of the corners of each quad.
    pub(crate) averages: Vec<f64>,
    /// Lines on the surface, heights scaled as those of the points.
    pub(crate) lines: Vec<Line>,
}

/// A line on the surface.
pub(crate) struct Line {
    pub(crate) points: Vec<[f32; 3]>,
    /// Height at each point.
    pub(crate) heights: Vec<f64>,
    /// Each metric at each point, of the nearest grid point.
    pub(crate) nearest: Vec<usize>,
}

impl Mesh {
    pub(crate) fn new(heights: &Heights, paths: Vec<Path>, zscale: ZScale) -> Self {
        let scaling = Scaling::new(heights, zscale);
        let (ny, nx) = heights.z.dim();
        let mut points = Vec::with_capacity(ny * nx);
        let mut normals = Vec::with_capacity(ny * nx);
        for row in 0..ny {
            for column in 0..nx {
                points.push(scaling.point(heights, row, column));
                normals.push(normal(heights, row, column, scaling.factor));
            }
        }
        let mut metrics = Vec::new();
        for (name, values) in &heights.metrics {
            metrics.push((name.clone(), flat(values)));
        }
        let mut lines = Vec::new();
        for stretch in paths.iter().flat_map(|path| &path.stretches) {
            lines.push(Line::new(stretch, heights, &scaling));
        }
        let z = flat(&heights.z);
        let quads = quads(&z, ny, nx);
        let mut averages = Vec::with_capacity(quads.len());
        for quad in &quads {
            averages.push(quad.iter().map(|corner| z[*corner]).sum::<f64>() / 4.0);
        }
        Self {
            points,
            normals,
            heights: z,
            metrics,
            quads,
            averages,
            lines,
        }
    }

    /// Checks that its 32-bit numbers hold what it shows.
    ///
    /// # Errors
    /// Coordinates or slopes beyond them.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let on_lines = self.lines.iter().flat_map(|line| &line.points);
        let vectors = self.points.iter().chain(&self.normals).chain(on_lines);
        anyhow::ensure!(
            vectors.flatten().all(|value| value.is_finite()),
            "a mesh has 32-bit numbers, which do not hold all places or slopes: cut the heights \
             off with --zmax, or change --zscale"
        );
        Ok(())
    }

    /// Two triangles for each quad, counter-clockwise seen from above.
    pub(crate) fn triangles(&self) -> impl Iterator<Item = [usize; 3]> {
        self.quads
            .iter()
            .flat_map(|[a, b, c, d]| [[*a, *b, *c], [*a, *c, *d]])
    }

    /// The colour of each point by its height; grey where it has none.
    pub(crate) fn colours(&self, map: ColourMap) -> impl Iterator<Item = Colour> {
        let (low, high) = range(&self.heights);
        let extent = if high > low { high - low } else { 1.0 };
        self.heights.iter().map(move |height| {
            if height.is_nan() {
                Colour::grey(128)
            } else {
                map.at((height - low) / extent)
            }
        })
    }
}

impl Line {
    fn new(stretch: &[[f64; 3]], heights: &Heights, scaling: &Scaling) -> Self {
        let mut line = Self {
            points: Vec::new(),
            heights: Vec::new(),
            nearest: Vec::new(),
        };
        for [x, y, z] in stretch {
            let row = nearest(&heights.y, *y);
            let column = nearest(&heights.x, *x);
            line.points.push(scaling.place(*x, *y, *z));
            line.heights.push(*z);
            line.nearest.push(row * heights.x.len() + column);
        }
        line
    }
}

/// How heights become coordinates.
struct Scaling {
    /// What heights are multiplied with.
    factor: f64,
    /// The height at which a missing point lies.
    floor: f64,
}

impl Scaling {
    fn new(heights: &Heights, zscale: ZScale) -> Self {
        let (low, high) = range(&flat(&heights.z));
        let factor = match zscale {
            ZScale::Factor(factor) => factor,
            ZScale::Fit if high > low => {
                let side = length(&heights.x).max(length(&heights.y));
                FIT * side / (high - low)
            }
            ZScale::Fit => 1.0,
        };
        Self { factor, floor: low }
    }

    /// A place with its height, scaled.
    fn place(&self, x: f64, y: f64, z: f64) -> [f32; 3] {
        [x, y, self.factor * z].map(|value| value as f32)
    }

    /// A point of the grid.
    fn point(&self, heights: &Heights, row: usize, column: usize) -> [f32; 3] {
        let z = heights.z[[row, column]];
        let z = if z.is_nan() { self.floor } else { z };
        self.place(heights.x[column], heights.y[row], z)
    }
}

/// Values row by row.
fn flat(values: &Array2<f64>) -> Vec<f64> {
    values.iter().copied().collect()
}

/// The cells whose corners all have a height.
fn quads(heights: &[f64], ny: usize, nx: usize) -> Vec<[usize; 4]> {
    let mut quads = Vec::new();
    for row in 0..ny - 1 {
        for column in 0..nx - 1 {
            let corner = row * nx + column;
            let quad = [corner, corner + 1, corner + nx + 1, corner + nx];
            if quad.iter().all(|corner| heights[*corner].is_finite()) {
                quads.push(quad);
            }
        }
    }
    quads
}

/// The index of the coordinate that is nearest to a place.
fn nearest(axis: &[f64], at: f64) -> usize {
    let after = axis.partition_point(|coordinate| *coordinate < at);
    let after = after.min(axis.len() - 1);
    let before = after.saturating_sub(1);
    if at - axis[before] < axis[after] - at {
        before
    } else {
        after
    }
}

/// The length of an axis.
fn length(axis: &[f64]) -> f64 {
    axis[axis.len() - 1] - axis[0]
}

/// The least and the greatest finite height.
fn range(heights: &[f64]) -> (f64, f64) {
    let mut low = f64::INFINITY;
    let mut high = f64::NEG_INFINITY;
    for height in heights {
        if height.is_finite() {
            low = low.min(*height);
            high = high.max(*height);
        }
    }
    (low, high)
}

/// The normal at a point, from the slopes to its neighbours that have a height.
fn normal(heights: &Heights, row: usize, column: usize, factor: f64) -> [f32; 3] {
    let Heights { x, y, z, .. } = heights;
    // a missing point lies flat
    let normal = if z[[row, column]].is_nan() {
        [0.0, 0.0, 1.0]
    } else {
        let along_x = slope(x, z.row(row), column);
        let along_y = slope(y, z.column(column), row);
        [-factor * along_x, -factor * along_y, 1.0]
    };
    let length = normal.iter().map(|value| value * value).sum::<f64>().sqrt();
    normal.map(|value: f64| (value / length) as f32)
}

/// The slope at point `at` of a row or a column: from the neighbour before it to the one after it.
/// The point itself replaces a neighbour without a height.
fn slope(axis: &[f64], z: ArrayView1<f64>, at: usize) -> f64 {
    let before = if at > 0 && z[at - 1].is_finite() {
        at - 1
    } else {
        at
    };
    let after = if at + 1 < axis.len() && z[at + 1].is_finite() {
        at + 1
    } else {
        at
    };
    if before == after {
        return 0.0;
    }
    (z[after] - z[before]) / (axis[after] - axis[before])
}
