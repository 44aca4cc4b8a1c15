use std::{path::Path, sync::Arc};

use anyhow::{Context, bail};
use krilla_svg::{SurfaceExt, SvgSettings};
use provenance::Record;
use resvg::tiny_skia::Pixmap;
use usvg::{Options, Tree};

use crate::{canvas::Canvas, text};

/// What the name of the output asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Png,
    Svg,
    Pdf,
    Gif,
    Apng,
    Page,
    Terminal,
}

impl Target {
    /// What a file name asks for; `-` is the terminal.
    pub(crate) fn of(path: &Path) -> anyhow::Result<Self> {
        if path == "-" {
            return Ok(Self::Terminal);
        }
        let extension = path
            .extension()
            .map(|extension| extension.to_ascii_lowercase());
        match extension.as_ref().and_then(|extension| extension.to_str()) {
            Some("png") => Ok(Self::Png),
            Some("svg") => Ok(Self::Svg),
            Some("pdf") => Ok(Self::Pdf),
            Some("gif") => Ok(Self::Gif),
            Some("apng") => Ok(Self::Apng),
            Some("html") => Ok(Self::Page),
            _ => bail!(
                "{}: a picture is named .png, .svg or .pdf, a page .html, an animation .gif or .apng",
                path.display()
            ),
        }
    }
}

/// The bytes of a figure, the same each time.
pub(crate) fn figure(
    canvas: &Canvas,
    target: Target,
    dpi: f64,
    record: Option<&Record>,
) -> anyhow::Result<Vec<u8>> {
    let tree = tree(canvas)?;
    match target {
        Target::Svg => Ok(svg(&tree, record).into_bytes()),
        Target::Pdf => pdf(&tree, canvas, record),
        _ => {
            let png = rasterised(&tree, dpi)?.encode_png()?;
            Ok(match record {
                Some(record) => provenance::insert_into_png(&png, record),
                None => png,
            })
        }
    }
}

/// Texts are outlines, so that it looks the same where the font is not installed.
fn svg(tree: &Tree, record: Option<&Record>) -> String {
    let svg = tree.to_string(&usvg::WriteOptions {
        preserve_text: false,
        ..Default::default()
    });
    match record {
        Some(record) => provenance::insert_into_svg(&svg, record),
        None => svg,
    }
}

/// The pixels of a frame of an animation.
pub(crate) fn frame(canvas: &Canvas, dpi: f64) -> anyhow::Result<Pixmap> {
    rasterised(&tree(canvas)?, dpi)
}

fn tree(canvas: &Canvas) -> anyhow::Result<Tree> {
    canvas.check_texts()?;
    let fontdb = Arc::new(text::database());
    let options = Options {
        fontdb,
        font_family: text::FAMILY.into(),
        ..Options::default()
    };
    Tree::from_str(&canvas.document(), &options).context("the drawing is no SVG")
}

fn rasterised(tree: &Tree, dpi: f64) -> anyhow::Result<Pixmap> {
    // an SVG has 96 pixels an inch
    let (zoom, size) = ((dpi / 96.0) as f32, tree.size());
    let (width, height) = (
        (size.width() * zoom).round() as u32,
        (size.height() * zoom).round() as u32,
    );
    let mut pixels = Pixmap::new(width, height).with_context(|| {
        format!("a picture of {width} × {height} pixels is too large: a smaller --dpi or --size")
    })?;
    resvg::render(
        tree,
        resvg::tiny_skia::Transform::from_scale(zoom, zoom),
        &mut pixels.as_mut(),
    );
    Ok(pixels)
}

fn pdf(tree: &Tree, canvas: &Canvas, record: Option<&Record>) -> anyhow::Result<Vec<u8>> {
    let size = krilla::geom::Size::from_wh(canvas.width as f32, canvas.height as f32)
        .context("a page has a size")?;
    let mut document = krilla::Document::new();
    if let Some(record) = record {
        let about = krilla::metadata::Metadata::new().description(record.json());
        document.set_metadata(about.creator(record.created_by.clone()));
    }
    let mut page = document.start_page_with(krilla::page::PageSettings::new(size));
    let mut surface = page.surface();
    surface
        .draw_svg(tree, size, SvgSettings::default())
        .context("the drawing cannot be put into a PDF")?;
    surface.finish();
    page.finish();
    document
        .finish()
        .map_err(|why| anyhow::anyhow!("the PDF cannot be made: {why:?}"))
}
