//! A canvas as PNG, SVG or PDF, the same bytes each time.

use std::sync::Arc;

use anyhow::Context;
use krilla_svg::{SurfaceExt, SvgSettings};
use provenance::Record;
use resvg::tiny_skia::{Pixmap, Transform};
use usvg::{Options, Tree};

use crate::figure::{canvas::Canvas, text};

/// Pixels per inch of an SVG.
const SVG_DPI: f64 = 96.0;

/// The pixels of a canvas.
pub(crate) type Frame = Pixmap;

pub(crate) fn png(canvas: &Canvas, dpi: f64, record: Option<&Record>) -> anyhow::Result<Vec<u8>> {
    let png = pixels(canvas, dpi)?.encode_png()?;
    Ok(match record {
        Some(record) => provenance::insert_into_png(&png, record),
        None => png,
    })
}

/// Texts are outlines, so that it looks the same where the font is not installed.
pub(crate) fn svg(canvas: &Canvas, record: Option<&Record>) -> anyhow::Result<Vec<u8>> {
    let svg = tree(canvas)?.to_string(&usvg::WriteOptions {
        preserve_text: false,
        ..Default::default()
    });
    Ok(match record {
        Some(record) => provenance::insert_into_svg(&svg, record).into_bytes(),
        None => svg.into_bytes(),
    })
}

pub(crate) fn pdf(canvas: &Canvas, record: Option<&Record>) -> anyhow::Result<Vec<u8>> {
    let tree = tree(canvas)?;
    let size = krilla::geom::Size::from_wh(canvas.width as f32, canvas.height as f32)
        .context("the page of a PDF has no size")?;
    let mut document = krilla::Document::new();
    if let Some(record) = record {
        let about = krilla::metadata::Metadata::new().description(record.json());
        document.set_metadata(about.creator(record.created_by.clone()));
    }
    let mut page = document.start_page_with(krilla::page::PageSettings::new(size));
    let mut surface = page.surface();
    surface
        .draw_svg(&tree, size, SvgSettings::default())
        .context("the drawing cannot be put into a PDF")?;
    surface.finish();
    page.finish();
    document
        .finish()
        .map_err(|why| anyhow::anyhow!("the PDF cannot be made: {why:?}"))
}

/// The canvas in pixels.
pub(crate) fn pixels(canvas: &Canvas, dpi: f64) -> anyhow::Result<Frame> {
    let tree = tree(canvas)?;
    let zoom = (dpi / SVG_DPI) as f32;
    let width = (tree.size().width() * zoom).round() as u32;
    let height = (tree.size().height() * zoom).round() as u32;
    let mut pixels = Pixmap::new(width, height).with_context(|| {
        format!(
            "a picture of {width} × {height} pixels is too large: use a smaller --dpi or --size"
        )
    })?;
    let zoomed = Transform::from_scale(zoom, zoom);
    resvg::render(&tree, zoomed, &mut pixels.as_mut());
    Ok(pixels)
}

fn tree(canvas: &Canvas) -> anyhow::Result<Tree> {
    canvas.check_texts()?;
    let options = Options {
        fontdb: Arc::new(text::database()),
        font_family: text::FAMILY.into(),
        ..Options::default()
    };
    Tree::from_str(&canvas.document(), &options).context("the drawing is not an SVG")
}
