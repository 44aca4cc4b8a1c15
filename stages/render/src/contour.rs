//! Contours by marching squares. Vertices are named by the grid edge that they lie on, so that the pieces of
//! neighbouring cells meet exactly; cells with a hole at a corner have no contour.

use std::collections::{BTreeMap, HashMap};

use crate::field::Field;

/// A point in the coordinates of the field.
pub(crate) type Place = [f64; 2];

/// A vertex: a grid node, or the crossing of the edge to its right or above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Vertex {
    Node(usize, usize),
    Right(usize, usize),
    Above(usize, usize),
}

/// Traces the contours of a field.
pub(crate) struct Tracer<'a> {
    field: &'a Field,
    /// Interpolate the logarithm, as fits quantities that span decades.
    log: bool,
}

impl<'a> Tracer<'a> {
    pub(crate) fn new(field: &'a Field, log: bool) -> Self {
        Self { field, log }
    }

    /// The lines where the field has a value; closed ones end where they begin.
    pub(crate) fn lines(&self, level: f64) -> Vec<Vec<Place>> {
        let crossing = |vertex: &Vertex| !matches!(vertex, Vertex::Node(..));
        let mut pieces = self.border(level);
        pieces.retain(|(a, b)| crossing(a) && crossing(b));
        self.placed(chain(&pieces), level)
    }

    /// The rings around the region where the field is at least `level`, holes and the frame included.
    pub(crate) fn rings(&self, level: f64) -> Vec<Vec<Place>> {
        self.placed(chain(&self.border(level)), level)
    }

    fn placed(&self, chains: Vec<Vec<Vertex>>, level: f64) -> Vec<Vec<Place>> {
        let mut lines: Vec<Vec<Place>> =
            chains.into_iter().map(|line| line.into_iter().map(|vertex| self.place(vertex, level)).collect()).collect();
        lines.iter_mut().for_each(|line| line.dedup());
        lines.retain(|line| line.len() > 1);
        lines
    }

    /// The border of the region: edges of the cells' polygons, those between two cells cancelled.
    fn border(&self, level: f64) -> Vec<(Vertex, Vertex)> {
        let mut edges: BTreeMap<(Vertex, Vertex), i32> = BTreeMap::new();
        let (ny, nx) = self.field.z.dim();
        for row in 0..ny - 1 {
            for column in 0..nx - 1 {
                for polygon in self.cell(row, column, level) {
                    for (k, &from) in polygon.iter().enumerate() {
                        let to = polygon[(k + 1) % polygon.len()];
                        match edges.get_mut(&(to, from)) {
                            Some(count) if *count > 0 => *count -= 1,
                            _ => *edges.entry((from, to)).or_default() += 1,
                        }
                    }
                }
            }
        }
        edges.into_iter().filter(|(_, count)| *count > 0).map(|(edge, _)| edge).collect()
    }

    /// The polygons of a cell where the field is at least `level`, counter-clockwise.
    fn cell(&self, row: usize, column: usize, level: f64) -> Vec<Vec<Vertex>> {
        let z = &self.field.z;
        let corners = [z[[row, column]], z[[row, column + 1]], z[[row + 1, column + 1]], z[[row + 1, column]]];
        if corners.iter().any(|value| value.is_nan()) {
            return Vec::new();
        }
        let nodes = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
            .map(|(r, c)| Vertex::Node(r, c));
        let edges = [
            Vertex::Right(row, column),
            Vertex::Above(row, column + 1),
            Vertex::Right(row + 1, column),
            Vertex::Above(row, column),
        ];
        let inside = corners.map(|value| value >= level);
        let saddle = inside[0] == inside[2] && inside[1] == inside[3] && inside[0] != inside[1];
        // at a saddle the middle, the mean of the corners, tells whether the two corners are one region
        if saddle && corners.iter().map(|value| self.scaled(*value)).sum::<f64>() / 4.0 < self.scaled(level) {
            let corner = |k: usize| vec![nodes[k], edges[k], edges[(k + 3) % 4]];
            return (0..4).filter(|k| inside[*k]).map(corner).collect();
        }
        let mut polygon = Vec::new();
        for k in 0..4 {
            if inside[k] {
                polygon.push(nodes[k]);
            }
            if inside[k] != inside[(k + 1) % 4] {
                polygon.push(edges[k]);
            }
        }
        if polygon.is_empty() { Vec::new() } else { vec![polygon] }
    }

    fn scaled(&self, value: f64) -> f64 {
        if self.log { value.ln() } else { value }
    }

    fn place(&self, vertex: Vertex, level: f64) -> Place {
        let Field { x, y, z } = self.field;
        let share = |a: f64, b: f64| {
            let (a, b) = (self.scaled(a), self.scaled(b));
            ((self.scaled(level) - a) / (b - a)).clamp(0.0, 1.0)
        };
        match vertex {
            Vertex::Node(r, c) => [x[c], y[r]],
            Vertex::Right(r, c) => [x[c] + share(z[[r, c]], z[[r, c + 1]]) * (x[c + 1] - x[c]), y[r]],
            Vertex::Above(r, c) => [x[c], y[r] + share(z[[r, c]], z[[r + 1, c]]) * (y[r + 1] - y[r])],
        }
    }
}

/// Joins directed edges to lines: those with a loose start first, then rings.
fn chain(edges: &[(Vertex, Vertex)]) -> Vec<Vec<Vertex>> {
    let mut leaving: HashMap<Vertex, Vec<usize>> = HashMap::new();
    let mut entered: HashMap<Vertex, usize> = HashMap::new();
    for (k, (from, to)) in edges.iter().enumerate() {
        leaving.entry(*from).or_default().push(k);
        *entered.entry(*to).or_default() += 1;
    }
    let loose = (0..edges.len()).filter(|k| !entered.contains_key(&edges[*k].0));
    let order: Vec<usize> = loose.chain(0..edges.len()).collect();
    let mut used = vec![false; edges.len()];
    let mut lines = Vec::new();
    for start in order {
        if std::mem::replace(&mut used[start], true) {
            continue;
        }
        let (first, mut end) = edges[start];
        let mut line = vec![first, end];
        while let Some(next) = leaving.get(&end).and_then(|edges| edges.iter().copied().find(|k| !used[*k])) {
            used[next] = true;
            end = edges[next].1;
            line.push(end);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn field(size: usize, z: impl Fn(f64, f64) -> f64) -> Field {
        let axis: Vec<f64> = (0..size).map(|k| -1.0 + 2.0 * k as f64 / (size - 1) as f64).collect();
        let z = Array2::from_shape_fn((size, size), |(row, column)| z(axis[column], axis[row]));
        Field { x: axis.clone(), y: axis, z }
    }

    /// The field at a place on a grid edge, interpolated along it.
    fn along_edge(field: &Field, [x, y]: Place) -> f64 {
        let cell =
            |axis: &[f64], at: f64| axis.partition_point(|coordinate| *coordinate <= at).clamp(1, axis.len() - 1) - 1;
        let (c, r) = (cell(&field.x, x), cell(&field.y, y));
        let (u, v) =
            ((x - field.x[c]) / (field.x[c + 1] - field.x[c]), (y - field.y[r]) / (field.y[r + 1] - field.y[r]));
        let z = |r: usize, c: usize| field.z[[r, c]];
        (1.0 - v) * ((1.0 - u) * z(r, c) + u * z(r, c + 1)) + v * ((1.0 - u) * z(r + 1, c) + u * z(r + 1, c + 1))
    }

    #[test]
    fn vertices_lie_on_their_level_and_a_circle_is_closed() {
        let field = field(21, |x, y| x * x + 1.3 * y * y);
        for level in [0.1, 0.37, 0.9] {
            let lines = Tracer::new(&field, false).lines(level);
            assert_eq!(lines.len(), 1);
            assert_eq!(lines[0].first(), lines[0].last());
            assert!(lines[0].iter().all(|place| (along_edge(&field, *place) - level).abs() < 1e-12));
        }
    }

    #[test]
    fn lines_end_at_the_frame_and_at_holes() {
        let slope = field(5, |x, _| x);
        let lines = Tracer::new(&slope, false).lines(0.1);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].iter().all(|[x, _]| (x - 0.1).abs() < 1e-12));
        let mut holed = slope;
        holed.z[[2, 2]] = f64::NAN;
        // the hole takes the four cells around it: what is left crosses the first and the last row of cells
        assert_eq!(Tracer::new(&holed, false).lines(0.1).len(), 2);
    }

    #[test]
    fn the_middle_decides_at_a_saddle() {
        let saddle = |middle: f64| field(2, move |x, y| middle + x * y);
        let (apart, joined) = (saddle(-0.1), saddle(0.1));
        // high corners at the lower left and the upper right: two corners cut off, or one band between them
        assert_eq!(Tracer::new(&apart, false).rings(0.0).len(), 2);
        assert_eq!(Tracer::new(&joined, false).rings(0.0).len(), 1);
    }

    #[test]
    fn the_region_above_a_level_has_the_frame_in_its_rings() {
        let bowl = field(11, |x, y| x * x + y * y);
        let rings = Tracer::new(&bowl, false).rings(0.5);
        assert_eq!(rings.len(), 2, "the frame and the circle");
    }
}
