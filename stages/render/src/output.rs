use std::{path::Path, sync::Arc};

use anyhow::{Context, bail};
use krilla_svg::{SurfaceExt, SvgSettings};
use usvg::{Options, Tree, fontdb::Database};

use crate::{canvas::Canvas, text};

/// Forms of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Png,
    Svg,
    Pdf,
}

impl Form {
    /// The form that a file name asks for.
    pub(crate) fn of(path: &Path) -> anyhow::Result<Self> {
        let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
        match extension.as_ref().and_then(|extension| extension.to_str()) {
            Some("png") => Ok(Self::Png),
            Some("svg") => Ok(Self::Svg),
            Some("pdf") => Ok(Self::Pdf),
            _ => bail!("{}: a picture is named .png, .svg or .pdf", path.display()),
        }
    }
}

/// The bytes of a picture, the same each time.
pub(crate) fn picture(canvas: &Canvas, form: Form, dpi: f64) -> anyhow::Result<Vec<u8>> {
    let mut fonts = Database::new();
    // this font only: those of the system differ from machine to machine
    fonts.load_font_data(text::FONT.to_vec());
    let options = Options { fontdb: Arc::new(fonts), font_family: text::FAMILY.into(), ..Options::default() };
    let tree = Tree::from_str(&canvas.document(), &options).context("the drawing is no SVG")?;
    match form {
        // texts as outlines, so that it looks the same where the font is not installed
        Form::Svg => {
            Ok(tree.to_string(&usvg::WriteOptions { preserve_text: false, ..Default::default() }).into_bytes())
        }
        Form::Png => png(&tree, dpi),
        Form::Pdf => pdf(&tree, canvas),
    }
}

fn png(tree: &Tree, dpi: f64) -> anyhow::Result<Vec<u8>> {
    // an SVG has 96 pixels an inch
    let (zoom, size) = ((dpi / 96.0) as f32, tree.size());
    let (width, height) = ((size.width() * zoom).round() as u32, (size.height() * zoom).round() as u32);
    let mut pixels = resvg::tiny_skia::Pixmap::new(width, height)
        .with_context(|| format!("a picture of {width} × {height} pixels is too large: a smaller --dpi or --size"))?;
    resvg::render(tree, resvg::tiny_skia::Transform::from_scale(zoom, zoom), &mut pixels.as_mut());
    Ok(pixels.encode_png()?)
}

fn pdf(tree: &Tree, canvas: &Canvas) -> anyhow::Result<Vec<u8>> {
    let size = krilla::geom::Size::from_wh(canvas.width as f32, canvas.height as f32).context("a page has a size")?;
    let mut document = krilla::Document::new();
    let mut page = document.start_page_with(krilla::page::PageSettings::new(size));
    let mut surface = page.surface();
    surface.draw_svg(tree, size, SvgSettings::default()).context("the drawing cannot be put into a PDF")?;
    surface.finish();
    page.finish();
    document.finish().map_err(|why| anyhow::anyhow!("the PDF cannot be made: {why:?}"))
}
