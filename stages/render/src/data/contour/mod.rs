//! Contours by marching squares. Vertices are named by the grid edge that they lie on, so that the
//! pieces of neighbouring cells meet exactly. Of a cell with a hole at one corner the triangle of
//! the others is left, as matplotlib draws it; a cell with more holes has no contour.

mod chain;

use ndarray::Array2;

use crate::data::field::Field;

use chain::chain;

/// A point in the coordinates of the field.
pub(crate) type Place = [f64; 2];

/// A vertex: a grid node, or the crossing of the edge to its right, above it, or across the cell at
/// its upper right.
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
    /// What is interpolated between the nodes: the values, or their logarithms, as fits quantities
    /// that span decades.
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

    /// The rings around the region where the field is at least `level`, holes and the frame
    /// included.
    pub(crate) fn rings(&self, level: f64) -> Vec<Vec<Place>> {
        self.trace(level, true)
    }

    fn trace(&self, level: f64, closed: bool) -> Vec<Vec<Place>> {
        let level = if self.log { level.ln() } else { level };
        let (ny, nx) = self.z.dim();
        let mut pieces = Vec::new();
        for row in 0..ny - 1 {
            for column in 0..nx - 1 {
                if let Some(cell) = self.cell(row, column, level, closed) {
                    cell.trace(closed, &mut pieces);
                }
            }
        }
        let mut lines = Vec::new();
        for line in chain(pieces) {
            lines.push(
                line.iter()
                    .map(|vertex| self.place(*vertex, level))
                    .collect(),
            );
        }
        lines
    }

    /// The sides of what is left of a cell; none where more than one corner is missing.
    fn cell(&self, row: usize, column: usize, level: f64, closed: bool) -> Option<Cell> {
        let corners = nodes(row, column);
        let edges = [
            Vertex::Right(row, column),
            Vertex::Above(row, column + 1),
            Vertex::Right(row + 1, column),
            Vertex::Above(row, column),
        ];
        let mut sides = Vec::with_capacity(4);
        for k in 0..4 {
            let height = self.z[corners[k]];
            if height.is_nan() {
                continue;
            }
            let cut = self.z[corners[(k + 1) % 4]].is_nan();
            sides.push(Side {
                from: corners[k],
                height,
                inside: height >= level,
                edge: if cut {
                    Vertex::Across(row, column)
                } else {
                    edges[k]
                },
                ends: closed && (cut || self.ends_at(row, column, k)),
            });
        }
        (sides.len() >= 3).then_some(Cell { sides, level })
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
        match beyond {
            Some((row, column)) if row + 1 < ny && column + 1 < nx => {
                let missing = nodes(row, column).map(|node| usize::from(self.z[node].is_nan()));
                missing.iter().sum::<usize>() > 1
            }
            Some(_) | None => true,
        }
    }

    /// Where a vertex lies, in the coordinates of the field.
    fn place(&self, vertex: Vertex, level: f64) -> Place {
        let [from, to] = match vertex {
            Vertex::Node(row, column) => [[row, column]; 2],
            Vertex::Right(row, column) => [[row, column], [row, column + 1]],
            Vertex::Above(row, column) => [[row, column], [row + 1, column]],
            Vertex::Across(row, column) => self.beside_hole(row, column),
        };
        let Field { x, y, .. } = self.field;
        let (start, end) = ([x[from[1]], y[from[0]]], [x[to[1]], y[to[0]]]);
        if from == to {
            return start;
        }
        let share = ((level - self.z[from]) / (self.z[to] - self.z[from])).clamp(0.0, 1.0);
        [
            start[0] + share * (end[0] - start[0]),
            start[1] + share * (end[1] - start[1]),
        ]
    }

    /// The two neighbours of the missing corner of a cell.
    fn beside_hole(&self, row: usize, column: usize) -> [[usize; 2]; 2] {
        let corners = nodes(row, column);
        let hole = corners.iter().position(|node| self.z[*node].is_nan());
        let hole = hole.unwrap_or(0);
        [corners[(hole + 1) % 4], corners[(hole + 3) % 4]]
    }
}

/// What is left of a cell: three or four sides, counter-clockwise.
struct Cell {
    sides: Vec<Side>,
    level: f64,
}

impl Cell {
    /// Adds the pieces of lines in the cell; for rings also the sides of the region that no other
    /// cell continues.
    fn trace(&self, closed: bool, pieces: &mut Vec<Piece>) {
        let inside = self.sides.iter().filter(|side| side.inside).count();
        if inside == 0 || (!closed && inside == self.sides.len()) {
            return;
        }
        for (k, side) in self.sides.iter().enumerate() {
            let next = self.side(k + 1);
            if side.inside && !next.inside {
                pieces.push((side.edge, self.began(k).edge));
            }
            if !side.ends {
                continue;
            }
            let (here, there) = (side.node(), next.node());
            match (side.inside, next.inside) {
                (true, true) => pieces.push((here, there)),
                (true, false) => pieces.push((here, side.edge)),
                (false, true) => pieces.push((side.edge, there)),
                (false, false) => {}
            }
        }
    }

    fn side(&self, k: usize) -> &Side {
        &self.sides[k % self.sides.len()]
    }

    /// The side at which the region began that ends at side `k`: the first one back from there
    /// whose corner is outside; two joined corners go on at the next side.
    fn began(&self, k: usize) -> &Side {
        if !self.joined() {
            for back in 1..self.sides.len() {
                let side = self.side(k + self.sides.len() - back);
                if !side.inside {
                    return side;
                }
            }
        }
        self.side(k + 1)
    }

    /// Whether two opposite corners inside are one region: at a saddle the middle, the mean of the
    /// corners, tells.
    fn joined(&self) -> bool {
        let [a, b, c, d] = &self.sides[..] else {
            return false;
        };
        let saddle = a.inside == c.inside && b.inside == d.inside && a.inside != b.inside;
        saddle && (a.height + b.height + c.height + d.height) / 4.0 >= self.level
    }
}

/// A side of what is left of a cell: from a corner counter-clockwise to the next.
struct Side {
    from: [usize; 2],
    /// The height of its first corner, and whether that lies in the region.
    height: f64,
    inside: bool,
    /// Where a line crosses it.
    edge: Vertex,
    /// Whether the region ends there, whatever the values.
    ends: bool,
}

impl Side {
    /// Its first corner.
    fn node(&self) -> Vertex {
        Vertex::Node(self.from[0], self.from[1])
    }
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

#[cfg(test)]
mod tests;
