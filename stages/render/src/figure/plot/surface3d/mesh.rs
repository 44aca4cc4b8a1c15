//! A field as triangles.

use ndarray::Array2;

use super::{
    camera::{Vector, cross, minus, unit},
    raster::{Corner, Raster},
    space::Space,
};
use crate::data::field::Field;
use colour::Colour;

/// What is interpolated over a triangle: the normal, the height from 0 to 1, and two values of the
/// shader's own.
pub(super) type Varying = [f64; 6];

/// What colours a surface.
pub(super) trait Shader {
    /// Its two own values at a point of the mesh.
    fn own(&self, place: [usize; 2]) -> [f64; 2];

    /// The colour of a place of the surface; `above`: of its upper side.
    fn colour(&self, varying: Varying, above: bool) -> Colour;
}

/// A field in the box.
pub(super) struct Mesh<'a> {
    pub(super) field: &'a Field,
    /// The place of each point; NaN heights where there is none.
    pub(super) nodes: Array2<Vector>,
}

impl<'a> Mesh<'a> {
    pub(super) fn new(field: &'a Field, space: &Space) -> Self {
        let nodes = Array2::from_shape_fn(field.z.dim(), |(row, column)| {
            space.place([field.x[column], field.y[row], field.z[[row, column]]])
        });
        Self { field, nodes }
    }

    /// Some hundred places along each axis that the surface reaches to.
    pub(super) fn outline(&self) -> Vec<Vector> {
        let (ny, nx) = self.nodes.dim();
        let mut places = Vec::new();
        for row in (0..ny).step_by(ny.div_ceil(100)).chain([ny - 1]) {
            for column in (0..nx).step_by(nx.div_ceil(100)).chain([nx - 1]) {
                let node = self.nodes[[row, column]];
                if !node[2].is_nan() {
                    places.push(node);
                }
            }
        }
        places
    }

    /// Draws each cell as triangles around its middle. Of a cell with a hole at one corner the
    /// triangle of the others is left.
    pub(super) fn draw(&self, raster: &mut Raster, space: &Space, shader: &impl Shader) {
        let (ny, nx) = self.nodes.dim();
        let corners = Array2::from_shape_fn((ny, nx), |(row, column)| -> Corner<6> {
            let [x, y, near] = space.camera.project(self.nodes[[row, column]]);
            let [a, b, c] = self.normal(row, column);
            let height = space.scales[2].at(self.field.z[[row, column]]);
            let [u, v] = shader.own([row, column]);
            Corner {
                at: [x, y],
                near,
                varying: [a, b, c, height, u, v],
            }
        });
        for row in 0..ny - 1 {
            for column in 0..nx - 1 {
                let cell = [
                    [row, column],
                    [row, column + 1],
                    [row + 1, column + 1],
                    [row + 1, column],
                ];
                let mut places = cell.to_vec();
                places.retain(|place| !self.field.z[*place].is_nan());
                match places[..] {
                    [a, b, c] => {
                        let corners = [a, b, c].map(|place| &corners[place]);
                        raster.triangle(corners, |varying, above| shader.colour(varying, above));
                    }
                    [a, b, c, d] => {
                        let places = [a, b, c, d];
                        let middle = self.middle(places, &corners, space);
                        for k in 0..4 {
                            let (from, to) = (&corners[places[k]], &corners[places[(k + 1) % 4]]);
                            raster.triangle([from, to, &middle], |varying, above| {
                                shader.colour(varying, above)
                            });
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// The middle of a cell, the mean of its corners.
    fn middle(
        &self,
        places: [[usize; 2]; 4],
        corners: &Array2<Corner<6>>,
        space: &Space,
    ) -> Corner<6> {
        let (mut node, mut varying) = ([0.0; 3], [0.0; 6]);
        for place in places {
            for (sum, value) in node.iter_mut().zip(self.nodes[place]) {
                *sum += value / 4.0;
            }
            for (sum, value) in varying.iter_mut().zip(corners[place].varying) {
                *sum += value / 4.0;
            }
        }
        let [x, y, near] = space.camera.project(node);
        Corner {
            at: [x, y],
            near,
            varying,
        }
    }

    /// The normal at a point, from its neighbours; where one is missing, from the point itself.
    pub(super) fn normal(&self, row: usize, column: usize) -> Vector {
        let (ny, nx) = self.nodes.dim();
        let right = self.there([row, (column + 1).min(nx - 1)], [row, column]);
        let left = self.there([row, column.saturating_sub(1)], [row, column]);
        let above = self.there([(row + 1).min(ny - 1), column], [row, column]);
        let below = self.there([row.saturating_sub(1), column], [row, column]);
        unit(cross(minus(right, left), minus(above, below)))
    }

    fn there(&self, place: [usize; 2], otherwise: [usize; 2]) -> Vector {
        self.nodes[if self.field.z[place].is_nan() {
            otherwise
        } else {
            place
        }]
    }
}
