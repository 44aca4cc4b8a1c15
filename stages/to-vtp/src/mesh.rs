use ndarray::Array2;

use crate::height::Heights;

/// A quadrilateral mesh over the grid.
pub(crate) struct Mesh {
    /// (x, y, z) of each grid point, row by row; a missing one has a finite z, and no quad.
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
}

impl Mesh {
    pub(crate) fn new(heights: &Heights) -> Self {
        let Heights { x, y, z, metrics } = heights;
        let (ny, nx) = z.dim();
        let floor = z.iter().copied().filter(|z| z.is_finite()).fold(f64::INFINITY, f64::min);
        let nodes = || (0..ny).flat_map(|row| (0..nx).map(move |column| (row, column)));
        let height = |(row, column): (usize, usize)| if z[[row, column]].is_nan() { floor } else { z[[row, column]] };
        let points = nodes().map(|(row, column)| [x[column], y[row], height((row, column))].map(|value| value as f32));
        let mut quads = Vec::new();
        for (row, column) in nodes().filter(|(row, column)| row + 1 < ny && column + 1 < nx) {
            let corner = row * nx + column;
            let quad = [corner, corner + 1, corner + nx + 1, corner + nx];
            if quad.iter().all(|point| z[[point / nx, point % nx]].is_finite()) {
                quads.push(quad);
            }
        }
        let flat = |values: &Array2<f64>| values.iter().copied().collect::<Vec<f64>>();
        let all = flat(z);
        Self {
            points: points.collect(),
            normals: nodes().map(|node| normal(heights, node)).collect(),
            averages: quads.iter().map(|quad| quad.iter().map(|point| all[*point]).sum::<f64>() / 4.0).collect(),
            heights: all,
            metrics: metrics.iter().map(|(name, values)| (name.clone(), flat(values))).collect(),
            quads,
        }
    }
}

/// The normal at a point from the slopes to its neighbours that are there.
fn normal(heights: &Heights, (row, column): (usize, usize)) -> [f32; 3] {
    let Heights { x, y, z, .. } = heights;
    let slope = |axis: &[f64], at: usize, z: &dyn Fn(usize) -> f64| {
        let there = |k: &usize| z(*k).is_finite();
        let before = at.checked_sub(1).filter(there).unwrap_or(at);
        let after = Some(at + 1).filter(|k| *k < axis.len()).filter(there).unwrap_or(at);
        if before == after { 0.0 } else { (z(after) - z(before)) / (axis[after] - axis[before]) }
    };
    let along_x = slope(x, column, &|column| z[[row, column]]);
    let along_y = slope(y, row, &|row| z[[row, column]]);
    // a missing point lies flat
    let normal = if z[[row, column]].is_nan() { [0.0, 0.0, 1.0] } else { [-along_x, -along_y, 1.0] };
    let length = normal.iter().map(|value| value * value).sum::<f64>().sqrt();
    normal.map(|value: f64| (value / length) as f32)
}
