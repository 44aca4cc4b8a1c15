use colour::{Colour, ColourMap};
use files::{EIG_RATIO, EIG_RATIO_SIGNED};

use super::{
    cutoff,
    paths::Own,
    plane::{axis, extent, picture, value_scale},
};
use crate::{
    data::field::Field,
    figure::{
        canvas::Pixels,
        colourbar::{ColourBar, hatching},
        scale::Scale,
        scene::{Drawing, Scene},
    },
};

/// A cell of colour around each point.
pub(crate) fn heat(scene: &Scene, field: &Field) -> anyhow::Result<Drawing> {
    let scale = scale(scene, field)?;
    let usual = if field.quantity.name == EIG_RATIO_SIGNED {
        ColourMap::Coolwarm
    } else {
        ColourMap::Viridis
    };
    let bar = ColourBar {
        scale,
        map: scene.options.cmap.unwrap_or(usual),
        borders: None,
        name: field.title(),
        limit: field.limit,
    };
    let (pixels, top) = (cells(field, &bar, scene), bar.top());
    let area = [axis(&field.x, 0.5), axis(&field.y, 0.5)];
    let beyond = cutoff::entry(scene, field, top).filter(|_| !scene.options.has_colour_bar());
    let own = Own {
        name: &field.quantity.name,
        scale: bar.scale,
        map: bar.map,
    };
    picture(
        scene,
        area,
        Some(bar),
        beyond,
        Some(own),
        |canvas, axes, _| {
            canvas.image(axes.area, &pixels)?;
            cutoff::hatch_cells(canvas, axes, field, hatching(top, scene.look.unit()));
            Ok(())
        },
    )
}

/// Ratios of eigenvalues have the scale of the paper (0 to 0.5), or one with 0 in the middle; all
/// other quantities that of the data.
fn scale(scene: &Scene, field: &Field) -> anyhow::Result<Scale> {
    let (options, extent) = (scene.options, extent(scene, field));
    let usual = match field.quantity.name.as_str() {
        EIG_RATIO if !options.log => (0.0, 0.5),
        EIG_RATIO_SIGNED if !options.log => {
            let most = extent.low.abs().max(extent.high.abs());
            (-most, most)
        }
        _ => return value_scale(scene, field),
    };
    let (low, high) = (
        options.vmin.unwrap_or(usual.0),
        options.vmax.unwrap_or(usual.1),
    );
    anyhow::ensure!(low < high, "--vmin {low} is not below --vmax {high}");
    Ok(Scale::linear(low, high))
}

/// The field as a picture, magnified so that no viewer smooths it; holes have their own colour.
fn cells(field: &Field, bar: &ColourBar, scene: &Scene) -> Pixels {
    let (ny, nx) = field.z.dim();
    let zoom = (1600 / nx.max(ny)).max(1);
    let hole = scene.look.hole(bar.map);
    let mut rgba = Vec::with_capacity(nx * ny * zoom * zoom * 4);
    for row in (0..ny).rev() {
        let mut line = Vec::with_capacity(nx * zoom * 4);
        for value in field.z.row(row) {
            let Colour([red, green, blue]) = if value.is_nan() {
                hole
            } else {
                bar.colour(value.clamp(bar.scale.low, bar.scale.high))
            };
            line.extend([red, green, blue, 255].repeat(zoom));
        }
        rgba.extend(line.repeat(zoom));
    }
    Pixels {
        width: nx * zoom,
        height: ny * zoom,
        rgba,
    }
}
