//! A lit surface with axes around it: the surface is a picture, axes and texts are lines.

use files::{Surface, Trajectory};

use super::{
    camera::{Camera, Vector, cross, dot, minus, unit},
    plane::value_scale,
    raster::{Corner, Raster},
};
use crate::{
    args::Args,
    axes,
    canvas::{Canvas, Label, Point, Rect, Stroke},
    colour::{Colour, ColourMap},
    colourbar,
    field::{Field, title},
    scale::Scale,
    text::{self, Anchor},
};

/// Half sizes of the box around the surface.
const HALF: Vector = [1.15, 1.15, 0.8];
/// Where the eye stands when nothing is said.
const ELEVATION: f64 = 32.0;
const AZIMUTH: f64 = -58.0;
/// Colours of the walls behind x, y and of the floor.
const WALLS: [Colour; 3] = [Colour([243; 3]), Colour([238; 3]), Colour([248; 3])];
const WALL_LINES: Colour = Colour([207; 3]);

/// A box with a scale along each side.
struct Space {
    scales: [Scale; 3],
    camera: Camera,
}

pub(crate) fn surface3d(args: &Args, surface: &Surface, path: Option<&Trajectory>) -> anyhow::Result<Canvas> {
    let field = Field::new(surface, args.quantity(surface))?;
    let z = value_scale(args, &field)?;
    let (map, name) = (args.cmap.unwrap_or(ColourMap::Coolwarm), title(args.quantity(surface)));
    let mut canvas = Canvas::new(args.size());

    let top = axes::title_space(&args.title);
    let bar_height = 0.6 * canvas.height;
    let after = colourbar::space(&z, bar_height);
    let room = Rect { x: 44.0, y: top, width: canvas.width - 44.0 - after, height: canvas.height - top - 46.0 };
    let camera = Camera::new(args.elevation.unwrap_or(ELEVATION), args.azimuth.unwrap_or(AZIMUTH), HALF, room);
    let extent = |axis: &[f64]| Scale::linear(axis[0], axis[axis.len() - 1]);
    let space = Space { scales: [extent(&field.x), extent(&field.y), z], camera };

    space.walls(&mut canvas);
    let mut raster = Raster::new(canvas.width, canvas.height, args.dpi);
    space.surface(&mut raster, &field, map);
    if let Some(path) = path {
        space.path(&mut raster, &field, path);
    }
    let [width, height] = raster.size();
    canvas.image(Rect { x: 0.0, y: 0.0, width, height }, &raster.pixels())?;
    space.axes(&mut canvas, [&args.xlabel, &args.ylabel, &name]);
    let beside = Rect { x: room.x, y: 0.5 * (canvas.height - bar_height), width: room.width, height: bar_height };
    colourbar::draw(&mut canvas, beside, &z, None, map, &name)?;
    let at = [canvas.width / 2.0, 7.0 + axes::TITLE];
    axes::label(&mut canvas, at, &args.title, axes::TITLE, Anchor::Middle, Colour::BLACK);
    Ok(canvas)
}

impl Space {
    /// A place of the data in the box; what is beyond the ends of an axis lies on its end.
    fn place(&self, place: Vector) -> Vector {
        std::array::from_fn(|k| (2.0 * self.scales[k].at(place[k]).clamp(0.0, 1.0) - 1.0) * HALF[k])
    }

    /// The signs of the corner that is nearest to the eye.
    fn near(&self) -> Vector {
        self.camera.towards.map(|value| if value < 0.0 { -1.0 } else { 1.0 })
    }

    /// Labelled ticks along an axis, as places in the box along it.
    fn ticks(&self, axis: usize) -> Vec<(f64, String)> {
        let ticks = self.scales[axis].ticks(if axis == 2 { 6 } else { 4 });
        let labelled = ticks.into_iter().filter(|tick| !tick.label.is_empty());
        labelled.map(|tick| ((2.0 * self.scales[axis].at(tick.value) - 1.0) * HALF[axis], tick.label)).collect()
    }

    /// The three walls behind the surface, with faint lines at the ticks.
    fn walls(&self, canvas: &mut Canvas) {
        for (wall, shade) in WALLS.into_iter().enumerate() {
            let (u, v) = ((wall + 1) % 3, (wall + 2) % 3);
            let at = |along_u: f64, along_v: f64| -> Point {
                let mut place = [0.0; 3];
                (place[wall], place[u], place[v]) = (-self.near()[wall] * HALF[wall], along_u, along_v);
                self.camera.point(place)
            };
            let corners =
                vec![at(-HALF[u], -HALF[v]), at(HALF[u], -HALF[v]), at(HALF[u], HALF[v]), at(-HALF[u], HALF[v])];
            canvas.fill(&[corners], shade);
            for (along, _) in self.ticks(u) {
                canvas.line(&[at(along, -HALF[v]), at(along, HALF[v])], Stroke::solid(WALL_LINES, 0.5));
            }
            for (along, _) in self.ticks(v) {
                canvas.line(&[at(-HALF[u], along), at(HALF[u], along)], Stroke::solid(WALL_LINES, 0.5));
            }
        }
    }

    /// Each cell as four triangles around its middle, lit smoothly; cells with a hole at a corner are left out.
    fn surface(&self, raster: &mut Raster, field: &Field, map: ColourMap) {
        let (ny, nx) = field.z.dim();
        let light = self.camera.direction([-0.45, 0.75, 0.55]);
        let glint = unit(std::array::from_fn(|k| light[k] + self.camera.towards[k]));
        // a line every so many cells shows the form; more of them would be noise
        let mesh = (nx.max(ny) / 25).max(1) as f64;
        let shade = |[nx, ny, nz, height, u, v]: [f64; 6], above: bool| {
            let normal = unit([nx, ny, nz]);
            let normal = if above { normal } else { normal.map(|value| -value) };
            let line = |at: f64| (1.0 - ((at / mesh).round() - at / mesh).abs() * mesh / 0.05).max(0.0);
            let diffuse = 0.52 + 0.55 * dot(normal, light).max(0.0);
            let bright = diffuse * (1.0 - 0.16 * line(u).max(line(v)));
            let gloss = 0.18 * dot(normal, glint).max(0.0).powi(40);
            let mix = |channel: u8| (f64::from(channel) * bright).min(255.0) * (1.0 - gloss) + 255.0 * gloss;
            Colour(map.at(height).0.map(|channel| mix(channel) as u8))
        };
        let corner = |row: usize, column: usize| -> Corner<6> {
            let [x, y, near] = self.camera.project(self.node(field, row, column));
            let [a, b, c] = self.normal(field, row, column);
            let height = self.scales[2].at(field.z[[row, column]]);
            Corner { at: [x, y], near, varying: [a, b, c, height, column as f64, row as f64] }
        };
        for row in 0..ny - 1 {
            for column in 0..nx - 1 {
                let places = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)];
                if places.iter().any(|(row, column)| field.z[[*row, *column]].is_nan()) {
                    continue;
                }
                let corners = places.map(|(row, column)| corner(row, column));
                let nodes = places.map(|(row, column)| self.node(field, row, column));
                let centre: Vector = std::array::from_fn(|k| nodes.iter().map(|node| node[k]).sum::<f64>() / 4.0);
                let [x, y, near] = self.camera.project(centre);
                let varying =
                    std::array::from_fn(|k| corners.iter().map(|corner| corner.varying[k]).sum::<f64>() / 4.0);
                let middle = Corner { at: [x, y], near, varying };
                for k in 0..4 {
                    raster.triangle([&corners[k], &corners[(k + 1) % 4], &middle], shade);
                }
            }
        }
    }

    /// A grid node in the box.
    fn node(&self, field: &Field, row: usize, column: usize) -> Vector {
        self.place([field.x[column], field.y[row], field.z[[row, column]]])
    }

    /// The normal at a grid node, from its neighbours; where one is missing, from the node itself.
    fn normal(&self, field: &Field, row: usize, column: usize) -> Vector {
        let (ny, nx) = field.z.dim();
        let beside = |row: usize, column: usize, other: [usize; 2]| {
            if field.z[[row, column]].is_nan() {
                self.node(field, other[0], other[1])
            } else {
                self.node(field, row, column)
            }
        };
        let here = [row, column];
        let right = beside(row, (column + 1).min(nx - 1), here);
        let left = beside(row, column.saturating_sub(1), here);
        let above = beside((row + 1).min(ny - 1), column, here);
        let below = beside(row.saturating_sub(1), column, here);
        unit(cross(minus(right, left), minus(above, below)))
    }

    /// A trajectory on the surface, at the height of the surface below it.
    fn path(&self, raster: &mut Raster, field: &Field, path: &Trajectory) {
        let y = path.y.iter().flatten().copied().chain(std::iter::repeat(0.0));
        let steps: Vec<[f64; 2]> = path.x.iter().zip(y).map(|(x, y)| [*x, y]).collect();
        let mut draw = |[x, y]: [f64; 2], radius: f64| {
            if let Some(z) = field.at(x, y) {
                let [x, y, near] = self.camera.project(self.place([x, y, z]));
                raster.disc([x, y], near, radius, Colour::RED);
            }
        };
        for pair in steps.windows(2) {
            for k in 0..=100 {
                let share = f64::from(k) / 100.0;
                draw(std::array::from_fn(|axis| pair[0][axis] + share * (pair[1][axis] - pair[0][axis])), 0.8);
            }
        }
        steps.iter().for_each(|step| draw(*step, 1.8));
    }

    /// The axes at the near edges of the floor, and the height at the edge that stands furthest left.
    fn axes(&self, canvas: &mut Canvas, names: [&str; 3]) {
        let near = self.near();
        for axis in 0..2 {
            let other = 1 - axis;
            let at = |along: f64, out: f64| {
                let mut place = [0.0, 0.0, -HALF[2]];
                (place[axis], place[other]) = (along, near[other] * HALF[other] * out);
                self.camera.point(place)
            };
            canvas.line(&[at(-HALF[axis], 1.0), at(HALF[axis], 1.0)], Stroke::solid(Colour::BLACK, 0.8));
            for (along, label) in self.ticks(axis) {
                canvas.line(&[at(along, 1.0), at(along, 1.03)], Stroke::solid(Colour::BLACK, 0.8));
                // at its ends the axis meets the next one, and the numbers would, too
                if along.abs() < 0.97 * HALF[axis] {
                    let [x, y] = at(along, 1.11);
                    let at = [x, y + text::CAPITAL * axes::NUMBERS / 2.0];
                    axes::label(canvas, at, &label, axes::NUMBERS, Anchor::Middle, Colour::BLACK);
                }
            }
            let (from, to, middle) = (at(-HALF[axis], 1.0), at(HALF[axis], 1.0), at(0.0, 1.34));
            let angle = (to[1] - from[1]).atan2(to[0] - from[0]).to_degrees();
            let angle = if angle > 90.0 {
                angle - 180.0
            } else if angle < -90.0 {
                angle + 180.0
            } else {
                angle
            };
            let label = Label {
                at: middle,
                text: names[axis],
                size: axes::LABELS,
                anchor: Anchor::Middle,
                angle,
                colour: Colour::BLACK,
            };
            canvas.label(&label);
        }
        let edges = [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]];
        let foot = |edge: &[f64; 2]| self.camera.point([edge[0] * HALF[0], edge[1] * HALF[1], 0.0])[0];
        let edge = edges.into_iter().min_by(|a, b| foot(a).total_cmp(&foot(b))).unwrap_or(edges[0]);
        let at = |along: f64| self.camera.point([edge[0] * HALF[0], edge[1] * HALF[1], along]);
        canvas.line(&[at(-HALF[2]), at(HALF[2])], Stroke::solid(Colour::BLACK, 0.8));
        let mut widest: f64 = 0.0;
        for (along, label) in self.ticks(2) {
            let [x, y] = at(along);
            canvas.line(&[[x, y], [x - 3.5, y]], Stroke::solid(Colour::BLACK, 0.8));
            let place = [x - 6.5, y + text::CAPITAL * axes::NUMBERS / 2.0];
            axes::label(canvas, place, &label, axes::NUMBERS, Anchor::End, Colour::BLACK);
            widest = widest.max(text::width(&label, axes::NUMBERS));
        }
        let [x, y] = at(0.0);
        let place = [x - 6.5 - widest - 6.0, y];
        canvas.label(&Label {
            at: place,
            text: names[2],
            size: axes::LABELS,
            anchor: Anchor::Middle,
            angle: -90.0,
            colour: Colour::BLACK,
        });
    }
}
