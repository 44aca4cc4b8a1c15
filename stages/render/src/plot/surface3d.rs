//! A lit surface: the surface is a picture, axes and texts are lines.

use colour::{Colour, ColourMap};

use super::{
    AZIMUTH, Drawing, ELEVATION, Scene,
    camera::{Camera, Vector, corners, dot, unit},
    lit::Lights,
    mesh::{Mesh, Varying},
    plane::{axis, extent, value_scale},
    raster::Raster,
    space::{HALF, Space},
    trail::Ground,
};
use crate::{
    axes,
    canvas::{Canvas, Rect, Stroke},
    colourbar::ColourBar,
    contour::Tracer,
    field::Field,
    levels::Levels,
    scale::Scale,
    text::Anchor,
};

/// The elevation of a lit surface, in degrees: into the basin.
const LIT_ELEVATION: f64 = 40.0;
/// Samples per pixel along each direction; those of a lit surface, which has no lines at its edges.
const SAMPLES: usize = 2;
const LIT_SAMPLES: usize = 3;
/// Rounds in which the box and the texts around it find their sizes.
const ROUNDS: usize = 6;

pub(crate) fn surface3d(scene: &Scene, field: &Field) -> anyhow::Result<Drawing> {
    let (args, look) = (scene.args, scene.look);
    anyhow::ensure!(
        field.has_triangle(),
        "no three neighbouring points of {} have a value: surface3d has nothing to draw, --plot heat \
         shows single points",
        field.name
    );
    let scale = value_scale(scene, field)?;
    let map = args.cmap.unwrap_or(ColourMap::Coolwarm);
    // the height axis has the name, unless all panels share the bar or there is no axis
    let alone = scene.shared.is_some() || !args.has_axes();
    let name = if alone { field.title() } else { String::new() };
    let bar = ColourBar {
        scale,
        map,
        borders: None,
        name,
        limit: field.limit,
    };
    let title = field.title();
    let names = [
        scene.names[0].as_str(),
        scene.names[1].as_str(),
        title.as_str(),
    ];
    let plan = Plan {
        scene,
        field,
        bar: &bar,
        names,
    };
    let Laid {
        space,
        size,
        bar_area,
    } = plan.laid();
    let mesh = Mesh::new(field, &space);
    let mut canvas = Canvas::new(size, look);

    if args.has_axes() {
        space.walls(&mut canvas);
    }
    if args.floor {
        floor(&mut canvas, scene, &space, field, &bar)?;
    }
    let samples = if args.lit() { LIT_SAMPLES } else { SAMPLES };
    let mut raster = Raster::new(canvas.width, canvas.height, args.dpi(), samples);
    if args.lit() {
        draw_lit(&mut raster, &space, &mesh, map);
    } else {
        draw_plain(&mut raster, &space, &mesh, map);
    }
    let [width, height] = raster.size();
    canvas.image(
        Rect {
            x: 0.0,
            y: 0.0,
            width,
            height,
        },
        &raster.pixels(),
    )?;
    let ground = Ground {
        space: &space,
        field,
        raster: &raster,
    };
    for (k, run) in scene.runs.iter().enumerate() {
        let colour = look.run(k, scene.runs.len());
        ground.draw(
            &mut canvas,
            scene,
            run,
            Stroke::solid(colour, 1.4 * look.unit()),
        );
    }
    if args.has_axes() {
        space.axes(&mut canvas, names);
    }
    if let Some(area) = bar_area {
        bar.draw(&mut canvas, area)?;
    }
    let at = [canvas.width / 2.0, 0.5 * look.labels + look.title()];
    axes::label(
        &mut canvas,
        at,
        &scene.title,
        look.title(),
        Anchor::Middle,
        look.ink,
    );
    Ok(Drawing {
        canvas,
        bar: Some(bar),
    })
}

/// What is to be laid out.
struct Plan<'a> {
    scene: &'a Scene<'a>,
    field: &'a Field,
    bar: &'a ColourBar,
    names: [&'a str; 3],
}

/// Where everything stands.
struct Laid {
    space: Space,
    /// Width and height of the canvas.
    size: [f64; 2],
    /// What the colour bar stands at the right of.
    bar_area: Option<Rect>,
}

impl Plan<'_> {
    /// The surface as large as it can be beside its texts and its colour bar. A picture whose size
    /// was not asked for is as high as that needs.
    fn laid(&self) -> Laid {
        let (scene, look) = (self.scene, self.scene.look);
        let [width, height] = scene.args.size();
        let free = scene.args.size.is_none() && !scene.among;
        let (margin, top) = (0.6 * look.labels, axes::title_space(&scene.title, look));
        let has_bar = scene.has_own_bar();
        let after = if has_bar {
            self.bar.space(0.6 * height, look)
        } else {
            margin
        };
        let (wide, high) = (width - margin - after, height - top - margin);
        let room = Rect {
            x: margin,
            y: top,
            width: wide,
            height: high,
        };
        let (_, bounds) = self.fitted(room);
        // what is left over goes to both sides, the bar stays at the picture
        let area = Rect {
            x: margin + (room.width - bounds.width) / 2.0,
            y: if free {
                top
            } else {
                top + (room.height - bounds.height) / 2.0
            },
            ..bounds
        };
        let (space, bounds) = self.fitted(area);
        let high = if free {
            top + bounds.height + margin
        } else {
            height
        };
        let bar_height = 0.72 * bounds.height;
        let bar_area = has_bar.then(|| Rect {
            x: 0.0,
            y: bounds.centre()[1] - bar_height / 2.0,
            width: area.right(),
            height: bar_height,
        });
        Laid {
            space,
            size: [width, high],
            bar_area,
        }
    }

    /// The box so that it and its texts fill an area, and the rectangle around them.
    fn fitted(&self, area: Rect) -> (Space, Rect) {
        let scene = self.scene;
        let usual = if scene.args.lit() {
            LIT_ELEVATION
        } else {
            ELEVATION
        };
        let azimuth = scene.args.azimuth.unwrap_or(AZIMUTH) + scene.turned.unwrap_or(0.0);
        let eye = [scene.args.elevation.unwrap_or(usual), azimuth];
        let scales = [
            axis(&self.field.x, 0.0),
            axis(&self.field.y, 0.0),
            self.bar.scale,
        ];
        let places = self.places(scales);
        let mut room = area;
        for _ in 0..ROUNDS {
            let space = self.space(eye, &places, scales, room);
            let (core, bounds) = self.extents(&space, &places);
            // texts keep their size: what they take around the box is left of the area
            room.x = area.x + core.x - bounds.x;
            room.y = area.y + core.y - bounds.y;
            room.width = (area.width - (bounds.width - core.width)).max(1.0);
            room.height = (area.height - (bounds.height - core.height)).max(1.0);
        }
        let space = self.space(eye, &places, scales, room);
        let (_, bounds) = self.extents(&space, &places);
        (space, bounds)
    }

    fn space(&self, eye: [f64; 2], places: &[Vector], scales: [Scale; 3], room: Rect) -> Space {
        let camera = Camera::new(eye, places, room, self.scene.turned.is_some());
        Space {
            scales,
            camera,
            lifted: self.scene.args.floor,
        }
    }

    /// The places that the picture reaches to: the box, or without axes the surface.
    fn places(&self, scales: [Scale; 3]) -> Vec<Vector> {
        if self.scene.args.has_axes() {
            return corners(HALF).collect();
        }
        let nowhere = Rect {
            x: 0.0,
            y: 0.0,
            width: 1.0,
            height: 1.0,
        };
        let camera = Camera::new(
            [ELEVATION, AZIMUTH],
            &[HALF, HALF.map(|v| -v)],
            nowhere,
            false,
        );
        let space = Space {
            scales,
            camera,
            lifted: self.scene.args.floor,
        };
        let mut places = Mesh::new(self.field, &space).outline();
        if self.scene.args.floor {
            places.extend(corners(HALF).filter(|corner| corner[2] < 0.0));
        }
        places
    }

    /// The rectangles around the places, and around them and all texts; while the eye turns, at
    /// every azimuth.
    fn extents(&self, space: &Space, places: &[Vector]) -> (Rect, Rect) {
        let (mut core, mut all) = self.extent(space, places);
        for k in 1..24 {
            if self.scene.turned.is_none() {
                break;
            }
            let camera = space.camera.turned(15.0 * f64::from(k));
            let turned = Space {
                scales: space.scales,
                camera,
                lifted: space.lifted,
            };
            let (one, other) = self.extent(&turned, places);
            (core, all) = (core.around(&one), all.around(&other));
        }
        (core, all)
    }

    fn extent(&self, space: &Space, places: &[Vector]) -> (Rect, Rect) {
        let core = space.camera.around(places);
        let has_axes = self.scene.args.has_axes();
        (
            core,
            if has_axes {
                space.bounds(self.scene.look, self.names)
            } else {
                core
            },
        )
    }
}

/// Contours on the floor, which the surface hides where it is in front.
fn floor(
    canvas: &mut Canvas,
    scene: &Scene,
    space: &Space,
    field: &Field,
    bar: &ColourBar,
) -> anyhow::Result<()> {
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

/// A light at the upper left, the grid as fine lines, stripes where losses were cut off.
fn draw_plain(raster: &mut Raster, space: &Space, mesh: &Mesh, map: ColourMap) {
    let camera = &space.camera;
    let light = camera.direction([-0.45, 0.75, 0.55]);
    let glint = unit(std::array::from_fn(|k| light[k] + camera.towards[k]));
    let limit = mesh
        .field
        .limit
        .map_or(f64::INFINITY, |limit| space.scales[2].at(limit) - 1e-9);
    let [columns, rows] = mesh.field.measured;
    // a line every few measured points shows the form; more of them would be noise
    let every = (columns.max(rows) / 25).max(1) as f64;
    let stripe = columns.max(rows) as f64 / 22.0;
    let (ny, nx) = mesh.nodes.dim();
    let per_cell = [
        (columns - 1) as f64 / (nx - 1) as f64,
        (rows - 1) as f64 / (ny - 1) as f64,
    ];
    let shade = |[nx, ny, nz, height, u, v]: Varying, above: bool| {
        let normal = unit([nx, ny, nz]);
        let normal = if above {
            normal
        } else {
            normal.map(|value| -value)
        };
        let line = on_line(u / every).max(on_line(v / every));
        let striped = height >= limit && ((u + v) / stripe).fract() < 0.3;
        let diffuse = 0.52 + 0.55 * dot(normal, light).max(0.0);
        let bright = diffuse * (1.0 - 0.16 * line) * if striped { 0.68 } else { 1.0 };
        let gloss = 0.18 * dot(normal, glint).max(0.0).powi(40);
        Colour(map.at(height).0.map(|channel| {
            let lit = (f64::from(channel) * bright).min(255.0);
            (lit * (1.0 - gloss) + 255.0 * gloss) as u8
        }))
    };
    let own = |[row, column]: [usize; 2]| [column as f64 * per_cell[0], row as f64 * per_cell[1]];
    mesh.draw(raster, space, own, shade);
}

/// How much a place is on a line at the next whole number: from 0 to 1.
fn on_line(at: f64) -> f64 {
    (1.0 - (at.round() - at).abs() / 0.04).max(0.0)
}

fn draw_lit(raster: &mut Raster, space: &Space, mesh: &Mesh, map: ColourMap) {
    let lights = Lights::new(mesh, &space.camera);
    let shade = |[nx, ny, nz, height, key, sky]: Varying, above: bool| {
        let normal = unit([nx, ny, nz]);
        let normal = if above {
            normal
        } else {
            normal.map(|value| -value)
        };
        lights.colour(map.at(height), normal, [key, sky], above)
    };
    mesh.draw(raster, space, |place| lights.arrives(place), shade);
}
