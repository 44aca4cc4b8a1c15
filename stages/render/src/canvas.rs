use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    colour::Colour,
    text::{self, Anchor},
};

/// A point on the canvas: points (1/72 inch) from the left and from the top.
pub(crate) type Point = [f64; 2];

/// A drawing, which grows as an SVG document.
pub(crate) struct Canvas {
    /// In points.
    pub(crate) width: f64,
    /// In points.
    pub(crate) height: f64,
    body: String,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) colour: Colour,
    /// In points.
    pub(crate) width: f64,
    pub(crate) dashed: bool,
}

/// A line of text.
#[derive(Debug, Clone)]
pub(crate) struct Label<'a> {
    /// Its base line, at the anchor.
    pub(crate) at: Point,
    /// `10^3` has a superscript.
    pub(crate) text: &'a str,
    /// In points.
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    /// Degrees, clockwise.
    pub(crate) angle: f64,
    pub(crate) colour: Colour,
}

/// A rectangle on the canvas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Pixels of a picture, RGBA, from the top left.
pub(crate) struct Pixels {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgba: Vec<u8>,
}

impl Stroke {
    pub(crate) fn solid(colour: Colour, width: f64) -> Self {
        Self { colour, width, dashed: false }
    }

    fn attributes(&self) -> String {
        let dash = if self.dashed { r#" stroke-dasharray="5 2.5""# } else { "" };
        let Self { colour, width, .. } = self;
        format!(r#"fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{dash}"#)
    }
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Whether a point lies inside, at least `margin` from the border.
    pub(crate) fn contains(&self, [x, y]: Point, margin: f64) -> bool {
        x >= self.x + margin && x <= self.right() - margin && y >= self.y + margin && y <= self.bottom() - margin
    }
}

impl Canvas {
    /// A white canvas of a size in inches.
    pub(crate) fn new([width, height]: [f64; 2]) -> Self {
        let mut canvas = Self { width: width * 72.0, height: height * 72.0, body: String::new() };
        canvas.fill_rect(Rect { x: 0.0, y: 0.0, width: canvas.width, height: canvas.height }, Colour::WHITE);
        canvas
    }

    /// Panels of one size, row by row.
    pub(crate) fn panels(panels: &[Self], columns: usize) -> Self {
        let (width, height) = panels.first().map_or((0.0, 0.0), |panel| (panel.width, panel.height));
        let (columns, rows) = (columns.min(panels.len()), panels.len().div_ceil(columns));
        let mut sheet = Self::new([width * columns as f64 / 72.0, height * rows as f64 / 72.0]);
        for (k, panel) in panels.iter().enumerate() {
            let (x, y) = ((k % columns) as f64 * width, (k / columns) as f64 * height);
            sheet.add(format_args!(r#"<g transform="translate({x:.3} {y:.3})">{}</g>"#, panel.body));
        }
        sheet
    }

    fn add(&mut self, element: std::fmt::Arguments) {
        // writing to a string cannot fail
        let _ = self.body.write_fmt(element);
        self.body.push('\n');
    }

    pub(crate) fn line(&mut self, points: &[Point], stroke: Stroke) {
        if points.len() > 1 {
            self.add(format_args!(r#"<path d="{}" {}/>"#, path(points), stroke.attributes()));
        }
    }

    /// Fills the inside of closed rings; a ring inside a ring is a hole.
    pub(crate) fn fill(&mut self, rings: &[Vec<Point>], colour: Colour) {
        let data: String = rings.iter().map(|ring| path(ring) + "Z").collect();
        if !data.is_empty() {
            self.add(format_args!(r#"<path d="{data}" fill="{colour}" fill-rule="evenodd"/>"#));
        }
    }

    pub(crate) fn fill_rect(&mut self, rect: Rect, colour: Colour) {
        let Rect { x, y, width, height } = rect;
        self.add(format_args!(
            r#"<rect x="{x:.3}" y="{y:.3}" width="{width:.3}" height="{height:.3}" fill="{colour}" shape-rendering="crispEdges"/>"#
        ));
    }

    pub(crate) fn outline(&mut self, rect: Rect, stroke: Stroke) {
        let (right, bottom) = (rect.right(), rect.bottom());
        let corners = [[rect.x, rect.y], [right, rect.y], [right, bottom], [rect.x, bottom]];
        self.add(format_args!(r#"<path d="{}Z" {}/>"#, path(&corners), stroke.attributes()));
    }

    pub(crate) fn disc(&mut self, [x, y]: Point, radius: f64, colour: Colour) {
        self.add(format_args!(
            r##"<circle cx="{x:.3}" cy="{y:.3}" r="{radius}" fill="{colour}" stroke="#fff" stroke-width="0.4"/>"##
        ));
    }

    pub(crate) fn label(&mut self, label: &Label) {
        let Label { at: [x, y], size, angle, colour, .. } = *label;
        let body: String = text::runs(label.text)
            .map(|(run, raised)| match raised {
                false => text::escaped(run),
                true => format!(
                    r#"<tspan font-size="{:.2}" dy="{:.2}">{}</tspan>"#,
                    size * text::RAISED_SIZE,
                    -size * text::RAISED_BY,
                    text::escaped(run)
                ),
            })
            .collect();
        let turn =
            if angle == 0.0 { String::new() } else { format!(r#" transform="rotate({angle:.2} {x:.3} {y:.3})""#) };
        self.add(format_args!(
            r#"<text x="{x:.3}" y="{y:.3}" font-family="{}" font-size="{size}" text-anchor="{}" fill="{colour}"{turn}>{body}</text>"#,
            text::FAMILY,
            label.anchor.name()
        ));
    }

    /// A picture, stretched to a rectangle.
    pub(crate) fn image(&mut self, rect: Rect, pixels: &Pixels) -> anyhow::Result<()> {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, pixels.width as u32, pixels.height as u32);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&pixels.rgba)?;
        let Rect { x, y, width, height } = rect;
        let data = STANDARD.encode(png);
        self.add(format_args!(
            r#"<image x="{x:.3}" y="{y:.3}" width="{width:.3}" height="{height:.3}" preserveAspectRatio="none" image-rendering="optimizeQuality" xlink:href="data:image/png;base64,{data}"/>"#
        ));
        Ok(())
    }

    /// Draws what lies inside a rectangle only.
    pub(crate) fn clipped(
        &mut self,
        rect: Rect,
        draw: impl FnOnce(&mut Self) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Rect { x, y, width, height } = rect;
        // named by what it is: the same name in two panels means the same
        let id = format!("clip_{x:.3}_{y:.3}_{width:.3}_{height:.3}");
        self.add(format_args!(
            r##"<clipPath id="{id}"><rect x="{x:.3}" y="{y:.3}" width="{width:.3}" height="{height:.3}"/></clipPath><g clip-path="url(#{id})">"##
        ));
        let drawn = draw(self);
        self.add(format_args!("</g>"));
        drawn
    }

    /// The whole document; its texts name the font.
    pub(crate) fn document(&self) -> String {
        let Self { width, height, body, .. } = self;
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}">{body}</svg>"#
        )
    }
}

fn path(points: &[Point]) -> String {
    let mut data = String::new();
    for (k, [x, y]) in points.iter().enumerate() {
        let _ = write!(data, "{}{x:.2} {y:.2}", if k == 0 { 'M' } else { 'L' });
    }
    data
}
