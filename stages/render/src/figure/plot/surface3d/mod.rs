//! A lit surface: the surface is a picture, axes and texts are lines.

mod camera;
mod layout;
mod lit;
mod mesh;
mod raster;
mod shade;
mod space;
mod texts;
mod trail;

use colour::ColourMap;

use crate::{
    data::{contour::Tracer, field::Field},
    figure::{
        axes,
        canvas::Canvas,
        colourbar::ColourBar,
        levels::Levels,
        plot::{
            marks,
            paths::Own,
            plane::{extent, value_scale},
        },
        rect::Rect,
        scene::{Drawing, Scene},
        stroke::Stroke,
        text::Anchor,
    },
};

use layout::{Laid, Plan};
use lit::Lights;
use mesh::Mesh;
use raster::Raster;
use shade::{Lit, Plain};
use space::Space;
use trail::Ground;

/// Samples per pixel along each direction; those of a lit surface, which has no lines at its edges.
const SAMPLES: usize = 2;
const LIT_SAMPLES: usize = 3;

pub(crate) fn surface3d(scene: &Scene, field: &Field) -> anyhow::Result<Drawing> {
    let (options, look) = (scene.options, scene.look);
    anyhow::ensure!(
        field.has_triangle(),
        "no three neighbouring points of {} have a value: surface3d has nothing to draw, --plot \
         heat \
         shows single points",
        field.quantity.name
    );
    let scale = value_scale(scene, field)?;
    let map = options.cmap.unwrap_or(ColourMap::Coolwarm);
    // the height axis has the name, unless all panels share the bar or there is no axis
    let alone = scene.shared.is_some() || !options.has_axes();
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

    if options.has_axes() {
        space.walls(&mut canvas);
    }
    if options.floor {
        floor(&mut canvas, scene, &space, field, &bar)?;
    }
    let samples = if options.lit() { LIT_SAMPLES } else { SAMPLES };
    let mut raster = Raster::new(canvas.width, canvas.height, options.dpi(), samples);
    if options.lit() {
        let lights = Lights::new(&mesh, &space.camera);
        mesh.draw(&mut raster, &space, &Lit { map, lights });
    } else {
        mesh.draw(&mut raster, &space, &Plain::new(&mesh, &space, map));
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
        own: Own {
            name: &field.quantity.name,
            scale,
            map,
        },
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
    let whole = Rect {
        x: 0.0,
        y: 0.0,
        width: canvas.width,
        height: canvas.height,
    };
    for mark in marks::placed(scene, whole, |mark| ground.at(mark.at)) {
        mark.draw(&mut canvas);
    }
    if options.has_axes() {
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

/// Contours on the floor, which the surface hides where it is in front.
fn floor(
    canvas: &mut Canvas,
    scene: &Scene,
    space: &Space,
    field: &Field,
    bar: &ColourBar,
) -> anyhow::Result<()> {
    let mut levels = Levels::new(scene.options, extent(scene, field))?;
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
