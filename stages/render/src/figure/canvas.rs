use std::{borrow::Cow, fmt::Write};

use base64::{Engine, engine::general_purpose::STANDARD};

use colour::Colour;

use crate::figure::{
    clip,
    look::Look,
    path::{fingerprint, path},
    rect::{Point, Rect},
    stroke::Stroke,
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

    pub(crate) fn line(&mut self, points: &[Point], stroke: Stroke) {
        for piece in self.seen(points) {
            self.add(format_args!(
                r#"<path d="{}" {}/>"#,
                path(&piece),
                stroke.attributes()
            ));
        }
    }

    /// Where anything that is drawn lies: the canvas, and a little beyond, where ends of lines and
    /// the phases of dashes are not seen.
    fn reach(&self) -> Rect {
        Rect {
            x: -BEYOND,
            y: -BEYOND,
            width: self.width + 2.0 * BEYOND,
            height: self.height + 2.0 * BEYOND,
        }
    }

    /// The pieces of a line within reach, each of two points at least.
    fn seen<'a>(&self, points: &'a [Point]) -> Vec<Cow<'a, [Point]>> {
        let reach = self.reach();
        if points.len() < 2 {
            return Vec::new();
        }
        if points.iter().all(|at| reach.contains(*at, 0.0)) {
            return vec![Cow::Borrowed(points)];
        }
        let pieces = clip::line(points, reach);
        pieces.into_iter().map(Cow::Owned).collect()
    }

    /// The part of the inside of a ring that is within reach.
    fn seen_ring(&self, ring: &[Point]) -> String {
        let reach = self.reach();
        if ring.iter().all(|at| reach.contains(*at, 0.0)) {
            return path(ring) + "Z";
        }
        match &clip::ring(ring, reach)[..] {
            [] => String::new(),
            ring => path(ring) + "Z",
        }
    }

    /// Fills the inside of closed rings; a ring inside a ring is a hole.
    pub(crate) fn fill(&mut self, rings: &[Vec<Point>], colour: Colour) {
        self.shade(rings, colour, 1.0);
    }

    /// Fills them so that what lies below shows: opacity from 0 to 1.
    pub(crate) fn shade(&mut self, rings: &[Vec<Point>], colour: Colour, opacity: f64) {
        let data: String = rings.iter().map(|ring| self.seen_ring(ring)).collect();
        if !data.is_empty() {
            self.add(format_args!(
                "<path d='{data}' fill='{colour}' fill-opacity='{opacity}' fill-rule='evenodd'/>"
            ));
        }
    }

    pub(crate) fn fill_rect(&mut self, rect: Rect, colour: Colour) {
        let Rect {
            x,
            y,
            width,
            height,
        } = rect;
        self.add(format_args!(
            "<rect x='{x:.3}' y='{y:.3}' width='{width:.3}' height='{height:.3}' fill='{colour}' \
             shape-rendering='crispEdges'/>"
        ));
    }

    pub(crate) fn outline(&mut self, rect: Rect, stroke: Stroke) {
        self.add(format_args!(
            r#"<path d="{}Z" {}/>"#,
            path(&rect.corners()),
            stroke.attributes()
        ));
    }

    pub(crate) fn disc(&mut self, [x, y]: Point, radius: f64, colour: Colour) {
        if !self.reach().contains([x, y], 0.0) {
            return;
        }
        let (rim, width) = (self.look.paper, 0.2 * radius);
        self.add(format_args!(
            "<circle cx='{x:.3}' cy='{y:.3}' r='{radius:.3}' fill='{colour}' stroke='{rim}' \
             stroke-width='{width:.3}'/>"
        ));
    }

    /// A circle on paper.
    pub(crate) fn ring(&mut self, [x, y]: Point, radius: f64, stroke: Stroke) {
        if !self.reach().contains([x, y], 0.0) {
            return;
        }
        let Stroke { colour, width, .. } = stroke;
        let paper = self.look.paper;
        self.add(format_args!(
            "<circle cx='{x:.3}' cy='{y:.3}' r='{radius:.3}' fill='{paper}' stroke='{colour}' \
             stroke-width='{width:.3}'/>"
        ));
    }

    /// Slanted lines inside of closed rings. They run on from one region to the next.
    pub(crate) fn hatch(&mut self, rings: &[Vec<Point>], stroke: Stroke) {
        let points = rings.concat();
        if points.is_empty() {
            return;
        }
        let data: String = rings.iter().map(|ring| self.seen_ring(ring)).collect();
        // named by what it is, as in `clipped`
        let id = format!("hatch_{:016x}", fingerprint(&data));
        self.add(format_args!(
            "<clipPath id='{id}'><path d='{data}' clip-rule='evenodd'/></clipPath>\
             <g clip-path='url(#{id})'>"
        ));
        let reach = self.reach();
        let (mut left, mut right) = (reach.right(), reach.x);
        let (mut top, mut bottom) = (reach.bottom(), reach.y);
        for [x, y] in points {
            left = left.min(x);
            right = right.max(x);
            top = top.min(y);
            bottom = bottom.max(y);
        }
        let (left, right) = (left.max(reach.x), right.min(reach.right()));
        let (top, bottom) = (top.max(reach.y), bottom.min(reach.bottom()));
        let apart = HATCH * self.look.unit();
        let first = ((left + top) / apart).floor() as i64;
        let last = ((right + bottom) / apart).ceil() as i64;
        for k in first..=last {
            let sum = k as f64 * apart;
            self.line(&[[sum - bottom, bottom], [sum - top, top]], stroke);
        }
        self.add(format_args!("</g>"));
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

/// How far beyond the canvas something is still drawn, in points.
const BEYOND: f64 = 72.0;

/// Distance of the lines of a hatching along x, in [`Look::unit`]s.
const HATCH: f64 = 7.0;
