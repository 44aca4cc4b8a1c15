//! Contours by marching squares. Vertices are named by the grid edge that they lie on, so that the pieces of
//! neighbouring cells meet exactly. Of a cell with a hole at one corner the triangle of the others is left, as matplotlib
//! draws it; a cell with more holes has no contour.

use ndarray::Array2;

use crate::field::Field;

/// A point in the coordinates of the field.
pub(crate) type Place = [f64; 2];

/// A vertex: a grid node, or the crossing of the edge to its right, above it, or across the cell at its upper right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Vertex {
    Node(usize, usize),
    Right(usize, usize),
    Above(usize, usize),
    Across(usize, usize),
}

/// A piece of a line; the region at or above the level lies at its left.
type Piece = (Vertex, Vertex);

/// Traces the contours of a field.
pub(crate) struct Tracer<'a> {
    field: &'a Field,
    /// What is interpolated between the nodes: the values, or their logarithms, as fits quantities that span decades.
    z: Array2<f64>,
    log: bool,
}

impl<'a> Tracer<'a> {
    pub(crate) fn new(field: &'a Field, log: bool) -> Self {
        let z = if log {
            field.logarithms()
        } else {
            field.z.clone()
        };
        Self { field, z, log }
    }

    /// The lines where the field has a value; closed ones end where they begin.
    pub(crate) fn lines(&self, level: f64) -> Vec<Vec<Place>> {
        self.trace(level, false)
    }

    /// The rings around the region where the field is at least `level`, holes and the frame included.
    pub(crate) fn rings(&self, level: f64) -> Vec<Vec<Place>> {
        self.trace(level, true)
    }

    fn trace(&self, level: f64, closed: bool) -> Vec<Vec<Place>> {
        let level = if self.log { level.ln() } else { level };
        let (ny, nx) = self.z.dim();
        let mut pieces = Vec::new();
        for row in 0..ny - 1 {
            for column in 0..nx - 1 {
                self.cell(row, column, level, closed, &mut pieces);
            }
        }
        let placed = |line: Vec<Vertex>| -> Vec<Place> {
            line.into_iter()
                .map(|vertex| self.place(vertex, level))
                .collect()
        };
        chain(pieces).into_iter().map(placed).collect()
    }

    /// The pieces of lines in a cell; for rings also the sides of the region that no other cell continues.
    fn cell(&self, row: usize, column: usize, level: f64, closed: bool, pieces: &mut Vec<Piece>) {
        let corners = nodes(row, column);
        let edges = [
            Vertex::Right(row, column),
            Vertex::Above(row, column + 1),
            Vertex::Right(row + 1, column),
            Vertex::Above(row, column),
        ];
        // the sides of the cell from corner to corner; a missing corner is cut off
        let mut sides: [Option<Side>; 4] = [None; 4];
        let mut count = 0;
        for k in (0..4).filter(|k| !self.z[corners[*k]].is_nan()) {
            let cut = self.z[corners[(k + 1) % 4]].is_nan();
            let edge = if cut {
                Vertex::Across(row, column)
            } else {
                edges[k]
            };
            let ends = closed && (cut || self.ends_at(row, column, k));
            sides[count] = Some(Side {
                from: corners[k],
                edge,
                ends,
            });
            count += 1;
        }
        if count < 3 {
            return;
        }
        let side = |k: usize| sides[k % count].as_ref();
        let height = |k: usize| side(k).map_or(f64::NAN, |side| self.z[side.from]);
        let inside = |k: usize| height(k) >= level;
        let all = (0..count).filter(|k| inside(*k)).count();
        if all == 0 || (!closed && all == count) {
            return;
        }
        let saddle = count == 4 && all == 2 && inside(0) == inside(2);
        // at a saddle the middle, the mean of the corners, tells whether the two corners are one region
        let joined = saddle && (0..4).map(height).sum::<f64>() / 4.0 >= level;
        for (k, this) in (0..count).filter_map(|k| Some((k, side(k)?))) {
            if inside(k) && !inside(k + 1) {
                // the region ends at this side, and began at the first one back from here whose corner is outside; two
                // joined corners go on at the next side
                let before = (1..count)
                    .map(|back| k + count - back)
                    .find(|corner| !inside(*corner));
                let began = if joined {
                    k + 1
                } else {
                    before.unwrap_or(k + 1)
                };
                pieces.extend(side(began).map(|began| (this.edge, began.edge)));
            }
            let next = side(k + 1).map_or(this.from, |next| next.from);
            let [here, there] = [this.from, next].map(|[row, column]| Vertex::Node(row, column));
            match (this.ends, inside(k), inside(k + 1)) {
                (true, true, true) => pieces.push((here, there)),
                (true, true, false) => pieces.push((here, this.edge)),
                (true, false, true) => pieces.push((this.edge, there)),
                _ => {}
            }
        }
    }

    /// Whether no cell goes on beyond a side: below, right, above, left.
    fn ends_at(&self, row: usize, column: usize, side: usize) -> bool {
        let (ny, nx) = self.z.dim();
        let beyond = match side {
            0 => row.checked_sub(1).map(|row| (row, column)),
            1 => Some((row, column + 1)),
            2 => Some((row + 1, column)),
            _ => column.checked_sub(1).map(|column| (row, column)),
        };
        let beyond = beyond.filter(|(row, column)| row + 1 < ny && column + 1 < nx);
        let holes = |(row, column)| {
            nodes(row, column)
                .into_iter()
                .filter(|node| self.z[*node].is_nan())
                .count()
        };
        beyond.is_none_or(|cell| holes(cell) > 1)
    }

    fn place(&self, vertex: Vertex, level: f64) -> Place {
        let Field { x, y, .. } = self.field;
        let share = |a: [usize; 2], b: [usize; 2]| {
            ((level - self.z[a]) / (self.z[b] - self.z[a])).clamp(0.0, 1.0)
        };
        match vertex {
            Vertex::Node(r, c) => [x[c], y[r]],
            Vertex::Right(r, c) => [x[c] + share([r, c], [r, c + 1]) * (x[c + 1] - x[c]), y[r]],
            Vertex::Above(r, c) => [x[c], y[r] + share([r, c], [r + 1, c]) * (y[r + 1] - y[r])],
            Vertex::Across(r, c) => {
                // between the neighbours of the missing corner
                let hole = nodes(r, c)
                    .into_iter()
                    .position(|node| self.z[node].is_nan())
                    .unwrap_or(0);
                let (a, b) = (nodes(r, c)[(hole + 1) % 4], nodes(r, c)[(hole + 3) % 4]);
                let share = share(a, b);
                [
                    x[a[1]] + share * (x[b[1]] - x[a[1]]),
                    y[a[0]] + share * (y[b[0]] - y[a[0]]),
                ]
            }
        }
    }
}

/// A side of what is left of a cell: from a corner counter-clockwise to the next.
#[derive(Clone, Copy)]
struct Side {
    from: [usize; 2],
    /// Where a line crosses it.
    edge: Vertex,
    /// Whether the region ends there, whatever the values.
    ends: bool,
}

/// The corners of a cell, row and column, counter-clockwise.
fn nodes(row: usize, column: usize) -> [[usize; 2]; 4] {
    [
        [row, column],
        [row, column + 1],
        [row + 1, column + 1],
        [row + 1, column],
    ]
}

/// Joins pieces to lines: those with a loose start first, then rings.
fn chain(mut pieces: Vec<Piece>) -> Vec<Vec<Vertex>> {
    pieces.sort_unstable();
    let mut ends: Vec<Vertex> = pieces.iter().map(|(_, to)| *to).collect();
    ends.sort_unstable();
    let loose = (0..pieces.len()).filter(|k| ends.binary_search(&pieces[*k].0).is_err());
    let order: Vec<usize> = loose.chain(0..pieces.len()).collect();
    let mut used = vec![false; pieces.len()];
    let mut lines = Vec::new();
    for start in order {
        if std::mem::replace(&mut used[start], true) {
            continue;
        }
        let (first, mut end) = pieces[start];
        let mut line = vec![first, end];
        loop {
            let from = pieces.partition_point(|(from, _)| *from < end);
            let leaving = pieces[from..]
                .iter()
                .take_while(|(from, _)| *from == end)
                .count();
            let Some(next) = (from..from + leaving).find(|k| !used[*k]) else {
                break;
            };
            used[next] = true;
            end = pieces[next].1;
            line.push(end);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(size: usize, z: impl Fn(f64, f64) -> f64) -> Field {
        let axis: Vec<f64> = (0..size)
            .map(|k| -1.0 + 2.0 * k as f64 / (size - 1) as f64)
            .collect();
        let z = Array2::from_shape_fn((size, size), |(row, column)| z(axis[column], axis[row]));
        Field {
            x: axis.clone(),
            y: axis,
            z,
            name: String::new(),
            limit: None,
            measured: [size, size],
        }
    }

    #[test]
    fn vertices_lie_on_their_level_and_a_circle_is_closed() {
        let field = field(21, |x, y| x * x + 1.3 * y * y);
        for level in [0.1, 0.37, 0.9] {
            let lines = Tracer::new(&field, false).lines(level);
            assert_eq!(lines.len(), 1);
            assert_eq!(lines[0].first(), lines[0].last());
            assert!(
                lines[0]
                    .iter()
                    .all(|[x, y]| (field.at(*x, *y).unwrap() - level).abs() < 1e-12)
            );
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
        // around the hole triangles are left, which the line does not reach through the middle
        let lines = Tracer::new(&holed, false).lines(0.1);
        assert_eq!(lines.len(), 2);
        assert!(
            lines
                .iter()
                .flatten()
                .all(|[x, y]| (x - 0.1).abs() < 1e-12 && y.abs() > 0.39)
        );
    }

    #[test]
    fn the_middle_decides_at_a_saddle() {
        let saddle = |middle: f64| field(2, move |x, y| middle + x * y);
        let (apart, joined) = (saddle(-0.1), saddle(0.1));
        // high corners at the lower left and the upper right: two corners cut off, or one band between them
        assert_eq!(Tracer::new(&apart, false).rings(0.0).len(), 2);
        assert_eq!(Tracer::new(&joined, false).rings(0.0).len(), 1);
        assert_eq!(Tracer::new(&joined, false).lines(0.0).len(), 2);
    }

    #[test]
    fn the_region_above_a_level_has_the_frame_in_its_rings() {
        let bowl = field(11, |x, y| x * x + y * y);
        let rings = Tracer::new(&bowl, false).rings(0.5);
        assert_eq!(rings.len(), 2, "the frame and the circle");
        assert!(rings.iter().all(|ring| ring.first() == ring.last()));
    }

    #[test]
    fn what_has_no_logarithm_lies_below_every_level() {
        let field = field(5, |x, y| {
            if x == 0.0 && y == 0.0 {
                0.0
            } else {
                1.0 + x * x
            }
        });
        assert_eq!(Tracer::new(&field, true).lines(0.9).len(), 1);
    }

    /// `tests/golden/contour/make.py` says how contourpy made them: interpolated plainly or in the logarithm, with and
    /// without holes.
    #[test]
    fn lines_are_those_of_contourpy() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/golden/contour/contourpy.json"))
                .unwrap();
        let reals = |value: &serde_json::Value| -> Vec<f64> {
            value
                .as_array()
                .unwrap()
                .iter()
                .map(|value| value.as_f64().unwrap_or(f64::NAN))
                .collect()
        };
        for case in golden.as_array().unwrap() {
            let (x, y) = (reals(&case["x"]), reals(&case["y"]));
            let z = Array2::from_shape_vec((y.len(), x.len()), reals(&case["z"])).unwrap();
            let measured = [x.len(), y.len()];
            let field = Field {
                x,
                y,
                z,
                name: String::new(),
                limit: None,
                measured,
            };
            let tracer = Tracer::new(&field, case["log"].as_bool().unwrap());
            for level in case["levels"].as_array().unwrap() {
                let theirs: Vec<Vec<Place>> =
                    serde_json::from_value(level["lines"].clone()).unwrap();
                let ours = tracer.lines(level["level"].as_f64().unwrap());
                assert_eq!(
                    canonical(ours),
                    canonical(theirs),
                    "{} at {}",
                    case["name"],
                    level["level"]
                );
            }
        }
    }

    /// Lines in one order, each in one direction and a ring from one start; places in millionths.
    fn canonical(lines: Vec<Vec<Place>>) -> Vec<Vec<[i64; 2]>> {
        let rounded = |line: Vec<Place>| {
            line.into_iter()
                .map(|place| place.map(|value| (value * 1e6).round() as i64))
        };
        let one = |line: Vec<Place>| -> Vec<[i64; 2]> {
            let mut line: Vec<[i64; 2]> = rounded(line).collect();
            let ring = line.first() == line.last();
            if ring {
                line.pop();
            }
            let mut ways = Vec::new();
            for mut way in [line.clone(), line.iter().rev().copied().collect()] {
                if ring {
                    let least = (0..way.len()).min_by_key(|k| way[*k]).unwrap();
                    way.rotate_left(least);
                }
                ways.push(way);
            }
            ways.into_iter().min().unwrap()
        };
        let mut lines: Vec<_> = lines.into_iter().map(one).collect();
        lines.sort();
        lines
    }
}
