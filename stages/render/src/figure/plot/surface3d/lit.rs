//! Light for `--style lit`: a warm key light that throws soft shadows, a cool fill light from the
//! other side, and the sky, of which hollows see less.

use colour::{Colour, linear};
use ndarray::{Array2, Axis};

use super::{
    camera::{Camera, Vector, dot, unit},
    mesh::Mesh,
};

/// Red, green and blue of the lights, linear.
const KEY: Vector = [0.86, 0.78, 0.68];
const FILL: Vector = [0.20, 0.26, 0.38];
const SKY: Vector = [0.27, 0.30, 0.34];
/// Where the lights stand, as seen by the eye: to the right, towards the eye, upwards.
const KEY_FROM: Vector = [-0.70, 0.25, 0.68];
const FILL_FROM: Vector = [0.85, 0.45, 0.35];
/// Tangent of half the angle under which the key light is seen: how soft shadows are.
const SOFT: f64 = 0.24;
/// How bright what lies in shadow of the key light is, of what is lit.
const SHADE: f64 = 0.12;
/// Directions into which the sky is looked for, steps along each, and how much longer each is than
/// the one before.
const AROUND: usize = 16;
const STEPS: usize = 14;
const LONGER: f64 = 1.35;
/// How often light and shade of neighbours are mixed.
const PASSES: usize = 3;
/// Brightness and sharpness of the gloss.
const GLOSS: f64 = 0.13;
const SHARP: i32 = 36;

/// The lights, and how much of them each point of a mesh gets.
pub(super) struct Lights {
    key: Vector,
    fill: Vector,
    towards: Vector,
    /// Of the key light and of the sky, from 0 to 1.
    arrives: Array2<[f64; 2]>,
}

impl Lights {
    pub(super) fn new(mesh: &Mesh, camera: &Camera) -> Self {
        let (key, fill) = (from(camera, KEY_FROM), from(camera, FILL_FROM));
        let ground = Ground::new(mesh);
        let horizons = ground.horizons();
        let mut arrives = Array2::from_shape_fn(mesh.nodes.dim(), |(row, column)| {
            let at = [column as f64, row as f64];
            let normal = mesh.normal(row, column);
            [ground.key(at, key), ground.sky(at, normal, &horizons)]
        });
        // rays meet thin tips by chance: neighbours even that out
        for _ in 0..PASSES {
            blur(&mut arrives);
        }
        Self {
            key,
            fill,
            towards: camera.towards,
            arrives,
        }
    }

    /// How much of the key light and of the sky a point gets.
    pub(super) fn arrives(&self, place: [usize; 2]) -> [f64; 2] {
        self.arrives[place]
    }

    /// The colour of a place of a surface that has this colour and normal; `above`: of its upper
    /// side. The lower side sees no light but that of the fill and some of the sky.
    pub(super) fn colour(
        &self,
        own: Colour,
        normal: Vector,
        arrives: [f64; 2],
        above: bool,
    ) -> Colour {
        let [key, sky] = if above { arrives } else { [0.0, 0.55] };
        let bright = (SHADE + (1.0 - SHADE) * key) * dot(normal, self.key).max(0.0);
        // light wraps around: the fill is large and near
        let fill = ((dot(normal, self.fill) + 0.4) / 1.4).max(0.0) * (0.4 + 0.6 * sky);
        let open = sky * (0.65 + 0.35 * normal[2]);
        let half = unit(std::array::from_fn(|k| self.key[k] + self.towards[k]));
        let gloss = GLOSS * key * dot(normal, half).max(0.0).powi(SHARP);
        Colour(std::array::from_fn(|k| {
            let light = KEY[k] * bright + FILL[k] * fill + SKY[k] * open;
            encoded(linear(own.0[k]) * light + gloss)
        }))
    }
}

/// A direction as the eye sees it: to the right, towards the eye on the ground, upwards.
fn from(camera: &Camera, [right, towards, up]: Vector) -> Vector {
    let ahead = unit([camera.towards[0], camera.towards[1], 0.0]);
    let mut light = [0.0, 0.0, up];
    for k in 0..2 {
        light[k] = right * camera.right[k] + towards * ahead[k];
    }
    unit(light)
}

/// A direction into which the sky is looked for.
struct Horizon {
    cos: f64,
    sin: f64,
    steps: [Step; STEPS],
}

/// A step along it.
struct Step {
    /// In columns and rows.
    by: [f64; 2],
    along: f64,
    weight: f64,
}

/// Heights that stand in the way of light.
struct Ground {
    /// Row by row.
    heights: Vec<f64>,
    /// Rows and columns.
    size: [usize; 2],
    /// The box between two columns, and between two rows.
    cell: [f64; 2],
    top: f64,
}

impl Ground {
    fn new(mesh: &Mesh) -> Self {
        let (ny, nx) = mesh.nodes.dim();
        let width = mesh.nodes[[0, nx - 1]][0] - mesh.nodes[[0, 0]][0];
        let depth = mesh.nodes[[ny - 1, 0]][1] - mesh.nodes[[0, 0]][1];
        let mut top = f64::NEG_INFINITY;
        for node in &mesh.nodes {
            // the maximum of NaN, a hole, and a number is the number
            top = top.max(node[2]);
        }
        Self {
            heights: mesh.nodes.iter().map(|node| node[2]).collect(),
            size: [ny, nx],
            cell: [width / (nx - 1) as f64, depth / (ny - 1) as f64],
            top,
        }
    }

    /// The height at a place, in columns and rows; NaN beside a hole, none beyond the grid.
    fn height(&self, [u, v]: [f64; 2]) -> Option<f64> {
        let [ny, nx] = self.size;
        if u < 0.0 || v < 0.0 || u > (nx - 1) as f64 || v > (ny - 1) as f64 {
            return None;
        }
        let (column, row) = ((u as usize).min(nx - 2), (v as usize).min(ny - 2));
        let (a, b) = (u - column as f64, v - row as f64);
        let between = |row: usize| {
            let at = row * nx + column;
            (1.0 - a) * self.heights[at] + a * self.heights[at + 1]
        };
        let (low, high) = (between(row), between(row + 1));
        Some((1.0 - b) * low + b * high)
    }

    /// How much of a light arrives at a place: how near the ground comes to the ray, for the
    /// distance, tells how much of the light it covers.
    fn key(&self, [u, v]: [f64; 2], light: Vector) -> f64 {
        let Some(start) = self.height([u, v]) else {
            return 1.0;
        };
        let level = light[0].hypot(light[1]).max(1e-6);
        let step = self.cell[0].min(self.cell[1]);
        let (mut along, mut open) = (2.0 * step, 1.0f64);
        loop {
            let ray = start + along * light[2] / level;
            let out = along / level;
            let place = [
                u + out * light[0] / self.cell[0],
                v + out * light[1] / self.cell[1],
            ];
            let Some(ground) = self.height(place) else {
                break;
            };
            // light passes through a hole: the least of NaN and a number is the number
            open = open.min(0.5 + (ray - ground) / along / (2.0 * SOFT));
            if open <= 0.0 || ray > self.top + along * SOFT {
                break;
            }
            along += step;
        }
        smooth(open)
    }

    /// The directions into which each place looks for the sky.
    fn horizons(&self) -> Vec<Horizon> {
        let mut horizons = Vec::with_capacity(AROUND);
        for k in 0..AROUND {
            let (sin, cos) = (std::f64::consts::TAU * k as f64 / AROUND as f64).sin_cos();
            let mut along = 1.5 * self.cell[0].min(self.cell[1]);
            let steps = std::array::from_fn(|_| {
                let step = Step {
                    by: [along * cos / self.cell[0], along * sin / self.cell[1]],
                    along,
                    // what is far away hides less: light is thrown back from it
                    weight: (-along / 0.9).exp(),
                };
                along *= LONGER;
                step
            });
            horizons.push(Horizon { cos, sin, steps });
        }
        horizons
    }

    /// How much of the sky a place sees, by the horizon in some directions.
    fn sky(&self, [u, v]: [f64; 2], normal: Vector, horizons: &[Horizon]) -> f64 {
        let Some(start) = self.height([u, v]) else {
            return 1.0;
        };
        let mut seen = 0.0;
        for Horizon { cos, sin, steps } in horizons {
            // the surface itself is the first horizon
            let slope = -(normal[0] * cos + normal[1] * sin) / normal[2].max(0.05);
            let mut horizon = slope.max(0.0);
            for Step { by, along, weight } in steps {
                let Some(ground) = self.height([u + by[0], v + by[1]]) else {
                    break;
                };
                horizon = horizon.max(weight * (ground - start) / along);
            }
            seen += 1.0 - horizon / horizon.hypot(1.0);
        }
        seen / AROUND as f64
    }
}

/// Mixes each value with those beside it, along both axes.
fn blur(values: &mut Array2<[f64; 2]>) {
    for axis in [Axis(0), Axis(1)] {
        for mut line in values.lanes_mut(axis) {
            let mut before = line[0];
            for k in 0..line.len() {
                let (here, after) = (line[k], line[(k + 1).min(line.len() - 1)]);
                line[k] = std::array::from_fn(|of| (before[of] + 2.0 * here[of] + after[of]) / 4.0);
                before = here;
            }
        }
    }
}

/// From 0 to 1 without a corner at either end.
fn smooth(t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Linear light to sRGB; the brightest tones are pressed together, not cut off.
fn encoded(light: f64) -> u8 {
    const KNEE: f64 = 0.75;
    let above = ((light - KNEE) / (1.0 - KNEE)).max(0.0);
    let light = light.min(KNEE) + (1.0 - KNEE) * (1.0 - (-above).exp());
    let curved = 1.055 * light.powf(1.0 / 2.4) - 0.055;
    let value = if light <= 0.003_130_8 {
        12.92 * light
    } else {
        curved
    };
    (255.0 * value).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_is_coded_there_and_back() {
        for channel in 0..=200 {
            let there = linear(channel);
            assert!(there >= 0.75 || encoded(there) == channel, "{channel}");
        }
        assert!(encoded(0.9) > encoded(0.8) && encoded(30.0) == 255);
    }
}
