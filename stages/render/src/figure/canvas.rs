mod shapes;

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};

use colour::Colour;

use crate::figure::{
    look::Look,
    rect::{Point, Rect},
    text::{self, Anchor},
};

/// A drawing, which grows as an SVG document.
pub(crate) struct Canvas {
    /// In points.
    pub(crate) width: f64,
    /// In points.
    pub(crate) height: f64,
    pub(crate) look: Look,
    body: String,
    /// The first character that no font has, and its text.
    missing: Option<(char, String)>,
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

/// Pixels of a picture, RGBA, from the top left.
pub(crate) struct Pixels {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgba: Vec<u8>,
}

impl Canvas {
    /// An empty canvas of a size in points.
    pub(crate) fn new([width, height]: [f64; 2], look: Look) -> Self {
        let mut canvas = Self {
            width,
            height,
            look,
            body: String::new(),
            missing: None,
        };
        canvas.fill_rect(
            Rect {
                x: 0.0,
                y: 0.0,
                width,
                height,
            },
            look.paper,
        );
        canvas
    }

    /// Draws another canvas with its upper left corner at a place.
    pub(crate) fn place(&mut self, other: &Self, [x, y]: Point) {
        self.add(format_args!(
            r#"<g transform="translate({x:.3} {y:.3})">{}</g>"#,
            other.body
        ));
        if self.missing.is_none() {
            self.missing = other.missing.clone();
        }
    }

    fn add(&mut self, element: std::fmt::Arguments) {
        // writing to a string cannot fail
        let _ = self.body.write_fmt(element);
        self.body.push('\n');
    }

    /// Checks that some font has every character of every text.
    ///
    /// # Errors
    /// A character that would be a gap.
    pub(crate) fn check_texts(&self) -> anyhow::Result<()> {
        match &self.missing {
            None => Ok(()),
            Some((c, text)) => anyhow::bail!(
                "no font has the character \"{c}\" (U+{:04X}) of \"{text}\": give a font that \
                 has it by \
                 --font FILE",
                u32::from(*c)
            ),
        }
    }

    pub(crate) fn label(&mut self, label: &Label) {
        if let (None, Some(c)) = (&self.missing, text::missing(label.text)) {
            self.missing = Some((c, label.text.into()));
        }
        let [x, y] = label.at;
        let width = text::width(label.text, label.size);
        // from where its parts follow each other: a renderer sets a text in one font, if that has
        // all of it
        let mut from = match label.anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        let turn = match label.angle {
            0.0 => String::new(),
            angle => format!(r#" transform="rotate({angle:.2} {x:.3} {y:.3})""#),
        };
        for (run, raised) in text::runs(label.text) {
            let (size, up) = match raised {
                false => (label.size, 0.0),
                true => (text::RAISED_SIZE * label.size, text::RAISED_BY * label.size),
            };
            for (part, family) in text::set(run) {
                let (down, colour) = (y - up, label.colour);
                let (family, body) = (text::escaped(family), text::escaped(&part));
                self.add(format_args!(
                    "<text xml:space='preserve' x='{from:.3}' y='{down:.3}' \
                     font-family=\"{family}\" font-size='{size:.2}' \
                     fill='{colour}'{turn}>{body}</text>",
                ));
                from += text::width(&part, size);
            }
        }
    }

    /// A picture, stretched to a rectangle.
    pub(crate) fn image(&mut self, rect: Rect, pixels: &Pixels) -> anyhow::Result<()> {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, pixels.width as u32, pixels.height as u32);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&pixels.rgba)?;
        let Rect {
            x,
            y,
            width,
            height,
        } = rect;
        let data = STANDARD.encode(png);
        self.add(format_args!(
            "<image x='{x:.3}' y='{y:.3}' width='{width:.3}' height='{height:.3}' \
             preserveAspectRatio='none' image-rendering='optimizeQuality' \
             xlink:href='data:image/png;base64,{data}'/>"
        ));
        Ok(())
    }

    /// Draws what lies inside a rectangle only.
    pub(crate) fn clipped(
        &mut self,
        rect: Rect,
        draw: impl FnOnce(&mut Self) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Rect {
            x,
            y,
            width,
            height,
        } = rect;
        // named by what it is: the same name in two panels means the same
        let id = format!("clip_{x:.3}_{y:.3}_{width:.3}_{height:.3}");
        self.add(format_args!(
            "<clipPath id='{id}'>\
             <rect x='{x:.3}' y='{y:.3}' width='{width:.3}' height='{height:.3}'/></clipPath>\
             <g clip-path='url(#{id})'>"
        ));
        let drawn = draw(self);
        self.add(format_args!("</g>"));
        drawn
    }

    /// The whole document; its texts name the font.
    pub(crate) fn document(&self) -> String {
        let Self {
            width,
            height,
            body,
            ..
        } = self;
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' \
             width='{width}pt' height='{height}pt' viewBox='0 0 {width} {height}'>{body}</svg>"
        )
    }
}
