use colour::{Colour, ColourMap};
use ndarray::Array2;

use crate::{args::ZScale, height::Heights, path::Path};

/// Height of a mesh that is made to fit, over its longer side.
const FIT: f64 = 0.7;

/// A quadrilateral mesh over the grid.
pub(crate) struct Mesh {
    /// (x, y, z) of each grid point, row by row, heights scaled; a missing one has a finite z, and no quad.
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
        let Heights { x, y, z, metrics } = heights;
        let (ny, nx) = z.dim();
        let (floor, _) = range(z.iter());
        let nodes = || (0..ny).flat_map(|row| (0..nx).map(move |column| (row, column)));
        let height = |(row, column): (usize, usize)| {
            if z[[row, column]].is_nan() {
                floor
            } else {
                z[[row, column]]
            }
        };
        let factor = factor(heights, zscale);
        let place = |x: f64, y: f64, z: f64| [x, y, factor * z].map(|value| value as f32);
        let points = nodes().map(|(row, column)| place(x[column], y[row], height((row, column))));
        let nearest = |axis: &[f64], at: f64| {
            let after = axis
                .partition_point(|place| *place < at)
                .min(axis.len() - 1);
            let before = after.saturating_sub(1);
            if at - axis[before] < axis[after] - at {
                before
            } else {
                after
            }
        };
        let line = |stretch: Vec<[f64; 3]>| Line {
            points: stretch.iter().map(|[x, y, z]| place(*x, *y, *z)).collect(),
            heights: stretch.iter().map(|[_, _, z]| *z).collect(),
            nearest: stretch
                .iter()
                .map(|point| nearest(y, point[1]) * nx + nearest(x, point[0]))
                .collect(),
        };
        let mut quads = Vec::new();
        for (row, column) in nodes().filter(|(row, column)| row + 1 < ny && column + 1 < nx) {
            let corner = row * nx + column;
            let quad = [corner, corner + 1, corner + nx + 1, corner + nx];
            if quad
                .iter()
                .all(|point| z[[point / nx, point % nx]].is_finite())
            {
                quads.push(quad);
            }
        }
        let flat = |values: &Array2<f64>| values.iter().copied().collect::<Vec<f64>>();
        let all = flat(z);
        Self {
            points: points.collect(),
            normals: nodes().map(|node| normal(heights, node, factor)).collect(),
            averages: quads
                .iter()
                .map(|quad| quad.iter().map(|point| all[*point]).sum::<f64>() / 4.0)
                .collect(),
            heights: all,
            metrics: metrics
                .iter()
                .map(|(name, values)| (name.clone(), flat(values)))
                .collect(),
            quads,
            lines: paths
                .into_iter()
                .flat_map(|path| path.stretches)
                .map(line)
                .collect(),
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
            "a mesh has 32-bit numbers, which do not hold all places or slopes: cut the heights off \
             with --zmax, or change --zscale"
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
        let (low, high) = range(self.heights.iter());
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

/// What heights are multiplied with.
fn factor(heights: &Heights, zscale: ZScale) -> f64 {
    match zscale {
        ZScale::Factor(factor) => factor,
        ZScale::Fit => {
            let side = |axis: &[f64]| axis[axis.len() - 1] - axis[0];
            let (low, high) = range(heights.z.iter());
            if high > low {
                FIT * side(&heights.x).max(side(&heights.y)) / (high - low)
            } else {
                1.0
            }
        }
    }
}

/// The least and the greatest finite height.
fn range<'a>(heights: impl Iterator<Item = &'a f64>) -> (f64, f64) {
    let finite = heights.filter(|height| height.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), height| {
        (low.min(*height), high.max(*height))
    })
}

/// The normal at a point from the slopes to its neighbours that are there.
fn normal(heights: &Heights, (row, column): (usize, usize), factor: f64) -> [f32; 3] {
    let Heights { x, y, z, .. } = heights;
    let slope = |axis: &[f64], at: usize, z: &dyn Fn(usize) -> f64| {
        let there = |k: &usize| z(*k).is_finite();
        let before = at.checked_sub(1).filter(there).unwrap_or(at);
        let after = Some(at + 1)
            .filter(|k| *k < axis.len())
            .filter(there)
            .unwrap_or(at);
        if before == after {
            0.0
        } else {
            (z(after) - z(before)) / (axis[after] - axis[before])
        }
    };
    let along_x = slope(x, column, &|column| z[[row, column]]);
    let along_y = slope(y, row, &|row| z[[row, column]]);
    // a missing point lies flat
    let normal = if z[[row, column]].is_nan() {
        [0.0, 0.0, 1.0]
    } else {
        [-factor * along_x, -factor * along_y, 1.0]
    };
    let length = normal.iter().map(|value| value * value).sum::<f64>().sqrt();
    normal.map(|value: f64| (value / length) as f32)
}
