//! A lit surface: the surface is a picture, axes and texts are lines.

use colour::{Colour, ColourMap};
use ndarray::Array2;

use super::{
    Drawing, Run, Scene,
    camera::{Camera, Vector, cross, dot, minus, unit},
    plane::{axis, extent, partial, value_scale},
    raster::{Corner, Raster},
    space::{HALF, Space},
};
use crate::{
    axes,
    canvas::{Canvas, Rect, Stroke},
    colourbar::ColourBar,
    contour::Tracer,
    field::Field,
    levels::Levels,
    text::Anchor,
};

/// Where the eye stands when nothing is said, in degrees.
pub(crate) const ELEVATION: f64 = 32.0;
pub(crate) const AZIMUTH: f64 = -58.0;

pub(crate) fn surface3d(scene: &Scene, field: &Field) -> anyhow::Result<Drawing> {
    let (args, look) = (scene.args, scene.look);
    let scale = value_scale(scene, field)?;
    let map = args.cmap.unwrap_or(ColourMap::Coolwarm);
    // the height axis has the name, unless all panels share the bar
    let name = if scene.shared.is_some() { field.title() } else { String::new() };
    let bar = ColourBar { scale, map, borders: None, name };
    let mut canvas = scene.canvas();

    let top = axes::title_space(&scene.title, look);
    let bar_height = 0.6 * canvas.height;
    let after = if scene.shared.is_some() { 0.8 * look.labels } else { bar.space(bar_height, look) };
    let before = Space::beside(&scale, look);
    let height = canvas.height - top - Space::below(look);
    let axes = [axis(&field.x, 0.0), axis(&field.y, 0.0)];
    let width = canvas.width - before - Space::aside(axes, look) - after;
    let room = Rect { x: before, y: top, width, height };
    let azimuth = args.azimuth.unwrap_or(AZIMUTH) + scene.turned.unwrap_or(0.0);
    let elevation = args.elevation.unwrap_or(ELEVATION);
    let camera = Camera::new(elevation, azimuth, HALF, room, scene.turned.is_some());
    let space = Space { scales: [axes[0], axes[1], scale], camera, lifted: args.floor };

    space.walls(&mut canvas);
    if args.floor {
        floor(&mut canvas, scene, &space, field, &bar)?;
    }
    let mut raster = Raster::new(canvas.width, canvas.height, args.dpi());
    surface(&mut raster, &space, field, map);
    for (k, run) in scene.runs.iter().enumerate() {
        path(&mut raster, &space, field, run, scene, look.run(k, scene.runs.len()));
    }
    let [width, height] = raster.size();
    canvas.image(Rect { x: 0.0, y: 0.0, width, height }, &raster.pixels())?;
    space.axes(&mut canvas, [&args.xlabel, &args.ylabel, &field.title()]);
    if scene.shared.is_none() {
        let y = 0.5 * (canvas.height - bar_height);
        let left_of_bar = Rect { x: 0.0, y, width: canvas.width - after, height: bar_height };
        bar.draw(&mut canvas, left_of_bar)?;
    }
    let at = [canvas.width / 2.0, 0.5 * look.labels + look.title()];
    crate::axes::label(&mut canvas, at, &scene.title, look.title(), Anchor::Middle, look.ink);
    Ok(Drawing { canvas, bar: Some(bar) })
}

/// Contours on the floor, which the surface hides where it is in front.
fn floor(canvas: &mut Canvas, scene: &Scene, space: &Space, field: &Field, bar: &ColourBar) -> anyhow::Result<()> {
    let mut levels = Levels::new(scene.args, extent(scene, field))?;
    levels.log = bar.scale.log;
    let tracer = Tracer::new(field, levels.log);
    for level in &levels.values {
        let colour = bar.map.line_at(bar.scale.at(*level), scene.look.walls[2]);
        for line in tracer.lines(*level) {
            let line: Vec<_> = line.into_iter().map(|place| space.floor(place)).collect();
            canvas.line(&line, Stroke::solid(colour, 0.8 * scene.look.unit()));
        }
    }
    Ok(())
}

/// Each cell as triangles around its middle, lit smoothly. Of a cell with a hole at one corner the triangle of the others
/// is left.
fn surface(raster: &mut Raster, space: &Space, field: &Field, map: ColourMap) {
    let (ny, nx) = field.z.dim();
    let camera = &space.camera;
    let light = camera.direction([-0.45, 0.75, 0.55]);
    let glint = unit(std::array::from_fn(|k| light[k] + camera.towards[k]));
    // a line every so many cells shows the form; more of them would be noise
    let mesh = (nx.max(ny) / 25).max(1) as f64;
    let shade = |[nx, ny, nz, height, u, v]: [f64; 6], above: bool| {
        let normal = unit([nx, ny, nz]);
        let normal = if above { normal } else { normal.map(|value| -value) };
        let line = |at: f64| (1.0 - ((at / mesh).round() - at / mesh).abs() / 0.04).max(0.0);
        let diffuse = 0.52 + 0.55 * dot(normal, light).max(0.0);
        let bright = diffuse * (1.0 - 0.16 * line(u).max(line(v)));
        let gloss = 0.18 * dot(normal, glint).max(0.0).powi(40);
        let mix = |channel: u8| (f64::from(channel) * bright).min(255.0) * (1.0 - gloss) + 255.0 * gloss;
        Colour(map.at(height).0.map(|channel| mix(channel) as u8))
    };
    let nodes = Array2::from_shape_fn((ny, nx), |(row, column)| {
        space.place([field.x[column], field.y[row], field.z[[row, column]]])
    });
    let corners = Array2::from_shape_fn((ny, nx), |(row, column)| -> Corner<6> {
        let [x, y, near] = camera.project(nodes[[row, column]]);
        let [a, b, c] = normal(&nodes, field, row, column);
        let height = space.scales[2].at(field.z[[row, column]]);
        Corner { at: [x, y], near, varying: [a, b, c, height, column as f64, row as f64] }
    });
    for row in 0..ny - 1 {
        for column in 0..nx - 1 {
            let cell = [[row, column], [row, column + 1], [row + 1, column + 1], [row + 1, column]];
            let places: Vec<[usize; 2]> = cell.into_iter().filter(|place| !field.z[*place].is_nan()).collect();
            match places[..] {
                [a, b, c] => raster.triangle([a, b, c].map(|place| &corners[place]), shade),
                [_, _, _, _] => {
                    let mean =
                        |of: &dyn Fn([usize; 2]) -> f64| places.iter().map(|place| of(*place)).sum::<f64>() / 4.0;
                    let [x, y, near] = camera.project(std::array::from_fn(|axis| mean(&|place| nodes[place][axis])));
                    let varying = std::array::from_fn(|k| mean(&|place| corners[place].varying[k]));
                    let middle = Corner { at: [x, y], near, varying };
                    for k in 0..4 {
                        raster.triangle([&corners[places[k]], &corners[places[(k + 1) % 4]], &middle], shade);
                    }
                }
                _ => {}
            }
        }
    }
}

/// The normal at a grid node, from its neighbours; where one is missing, from the node itself.
fn normal(nodes: &Array2<Vector>, field: &Field, row: usize, column: usize) -> Vector {
    let (ny, nx) = nodes.dim();
    let there = |place: [usize; 2]| nodes[if field.z[place].is_nan() { [row, column] } else { place }];
    let right = there([row, (column + 1).min(nx - 1)]);
    let left = there([row, column.saturating_sub(1)]);
    let above = there([(row + 1).min(ny - 1), column]);
    let below = there([row.saturating_sub(1), column]);
    unit(cross(minus(right, left), minus(above, below)))
}

/// A trajectory on the surface, at the height of the surface below it.
fn path(raster: &mut Raster, space: &Space, field: &Field, run: &Run, scene: &Scene, colour: Colour) {
    let steps = partial(&run.path.steps(), scene.progress);
    let unit = scene.look.unit();
    let mut draw = |[x, y]: [f64; 2], radius: f64| {
        if let Some(z) = field.at(x, y) {
            let [x, y, near] = space.camera.project(space.place([x, y, z]));
            raster.disc([x, y], near, radius * unit, colour);
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
