//! Lines, areas and discs.

use std::borrow::Cow;

use colour::Colour;

use super::Canvas;
use crate::figure::{
    clip,
    path::{fingerprint, path},
    rect::{Point, Rect},
    stroke::Stroke,
};

/// How far beyond the canvas something is still drawn, in points.
const BEYOND: f64 = 72.0;
/// Distance of the lines of a hatching along x, in units of the look.
const HATCH: f64 = 7.0;

impl Canvas {
    pub(crate) fn line(&mut self, points: &[Point], stroke: Stroke) {
        for piece in self.seen(points) {
            self.add(format_args!(
                r#"<path d="{}" {}/>"#,
                path(&piece),
                stroke.attributes()
            ));
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
}
