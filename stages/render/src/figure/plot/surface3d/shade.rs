//! The colours of a surface: plain with fine lines, or lit.

use colour::{Colour, ColourMap};

use super::{
    camera::{Vector, dot, unit},
    lit::Lights,
    mesh::{Mesh, Shader, Varying},
    space::Space,
};

/// A light at the upper left, the grid as fine lines, stripes where losses were cut off.
pub(super) struct Plain {
    map: ColourMap,
    light: Vector,
    /// The direction that mirrors the light to the eye.
    glint: Vector,
    /// The height from which on the surface is striped.
    limit: f64,
    /// Measured points from one line of the grid to the next, and from stripe to stripe.
    every: f64,
    stripe: f64,
    /// Measured cells per cell of the mesh, along both axes.
    per_cell: [f64; 2],
}

impl Plain {
    pub(super) fn new(mesh: &Mesh, space: &Space, map: ColourMap) -> Self {
        let camera = &space.camera;
        let light = camera.direction([-0.45, 0.75, 0.55]);
        let [columns, rows] = mesh.field.measured;
        let (ny, nx) = mesh.nodes.dim();
        Self {
            map,
            light,
            glint: unit(std::array::from_fn(|k| light[k] + camera.towards[k])),
            limit: match mesh.field.limit {
                Some(limit) => space.scales[2].at(limit) - 1e-9,
                None => f64::INFINITY,
            },
            // a line every few measured points shows the form; more of them would be noise
            every: (columns.max(rows) / 25).max(1) as f64,
            stripe: columns.max(rows) as f64 / 22.0,
            per_cell: [
                (columns - 1) as f64 / (nx - 1) as f64,
                (rows - 1) as f64 / (ny - 1) as f64,
            ],
        }
    }
}

impl Shader for Plain {
    /// The column and the row among the measured points.
    fn own(&self, [row, column]: [usize; 2]) -> [f64; 2] {
        [
            column as f64 * self.per_cell[0],
            row as f64 * self.per_cell[1],
        ]
    }

    fn colour(&self, [nx, ny, nz, height, u, v]: Varying, above: bool) -> Colour {
        let normal = facing([nx, ny, nz], above);
        let line = on_line(u / self.every).max(on_line(v / self.every));
        let striped = height >= self.limit && ((u + v) / self.stripe).fract() < 0.3;
        let diffuse = 0.52 + 0.55 * dot(normal, self.light).max(0.0);
        let bright = diffuse * (1.0 - 0.16 * line) * if striped { 0.68 } else { 1.0 };
        let gloss = 0.18 * dot(normal, self.glint).max(0.0).powi(40);
        Colour(self.map.at(height).0.map(|channel| {
            let lit = (f64::from(channel) * bright).min(255.0);
            (lit * (1.0 - gloss) + 255.0 * gloss) as u8
        }))
    }
}

/// How much a place is on a line at the next whole number: from 0 to 1.
fn on_line(at: f64) -> f64 {
    (1.0 - (at.round() - at).abs() / 0.04).max(0.0)
}

/// The lights of `--style lit`.
pub(super) struct Lit {
    pub(super) map: ColourMap,
    pub(super) lights: Lights,
}

impl Shader for Lit {
    /// How much of the key light and of the sky arrives.
    fn own(&self, place: [usize; 2]) -> [f64; 2] {
        self.lights.arrives(place)
    }

    fn colour(&self, [nx, ny, nz, height, key, sky]: Varying, above: bool) -> Colour {
        let normal = facing([nx, ny, nz], above);
        self.lights
            .colour(self.map.at(height), normal, [key, sky], above)
    }
}

/// The normal of the side that is seen: `above` is the upper one.
fn facing(normal: Vector, above: bool) -> Vector {
    let normal = unit(normal);
    if above {
        normal
    } else {
        normal.map(|value| -value)
    }
}
