use colour::Colour;

use crate::canvas::{Pixels, Point};

/// Samples a pixel along each direction, which are averaged: smooth edges.
const SAMPLES: usize = 2;

/// A picture of triangles, of which the nearest show.
pub(super) struct Raster {
    width: usize,
    height: usize,
    /// Samples a point (1/72 inch).
    zoom: f64,
    depth: Vec<f32>,
    colour: Vec<[u8; 3]>,
}

/// A corner of a triangle: its place on the canvas, how near it is, and what the shader interpolates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corner<const N: usize> {
    pub(super) at: Point,
    pub(super) near: f64,
    pub(super) varying: [f64; N],
}

impl Raster {
    /// A picture of a size in points, at so many pixels an inch.
    pub(super) fn new(width: f64, height: f64, dpi: f64) -> Self {
        let zoom = dpi / 72.0 * SAMPLES as f64;
        let samples = |size: f64| ((size * zoom) as usize).div_ceil(SAMPLES) * SAMPLES;
        let (width, height) = (samples(width), samples(height));
        let count = width * height;
        Self { width, height, zoom, depth: vec![f32::MIN; count], colour: vec![[0; 3]; count] }
    }

    /// Size of the finished picture in points.
    pub(super) fn size(&self) -> [f64; 2] {
        [self.width, self.height].map(|samples| samples as f64 / self.zoom)
    }

    /// Draws a triangle; `shade` gives the colour from the interpolated values, and is told whether the side is seen from
    /// which the corners run counter-clockwise.
    pub(super) fn triangle<const N: usize>(
        &mut self,
        corners: [&Corner<N>; 3],
        shade: impl Fn([f64; N], bool) -> Colour,
    ) {
        let [a, b, c] = corners.map(|corner| corner.at.map(|place| place * self.zoom));
        let area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
        if area.abs() < 1e-9 {
            return;
        }
        let span = |axis: usize, size: usize| {
            let (low, high) = (a[axis].min(b[axis]).min(c[axis]), a[axis].max(b[axis]).max(c[axis]));
            (low.floor().max(0.0) as usize)..(high.ceil().max(0.0) as usize + 1).min(size)
        };
        for row in span(1, self.height) {
            for column in span(0, self.width) {
                let (x, y) = (column as f64 + 0.5, row as f64 + 0.5);
                let v = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / area;
                let w = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / area;
                let weights = [1.0 - v - w, v, w];
                if weights.iter().any(|weight| *weight < -1e-9) {
                    continue;
                }
                let mix = |of: &dyn Fn(&Corner<N>) -> f64| -> f64 {
                    weights.iter().zip(corners).map(|(weight, corner)| weight * of(corner)).sum()
                };
                let near = mix(&|corner| corner.near) as f32;
                let sample = row * self.width + column;
                if near > self.depth[sample] {
                    self.depth[sample] = near;
                    self.colour[sample] =
                        shade(std::array::from_fn(|k| mix(&|corner| corner.varying[k])), area < 0.0).0;
                }
            }
        }
    }

    /// Draws a disc that faces the eye, a little in front of its place so that a surface through it does not hide it.
    pub(super) fn disc(&mut self, at: Point, near: f64, radius: f64, colour: Colour) {
        let ([x, y], radius) = (at.map(|place| place * self.zoom), radius * self.zoom);
        let span = |centre: f64, size: usize| {
            ((centre - radius).floor().max(0.0) as usize)..((centre + radius).ceil().max(0.0) as usize).min(size)
        };
        for row in span(y, self.height) {
            for column in span(x, self.width) {
                let sample = row * self.width + column;
                let inside = (column as f64 + 0.5 - x).hypot(row as f64 + 0.5 - y) <= radius;
                if inside && (near + 0.02) as f32 >= self.depth[sample] {
                    self.depth[sample] = self.depth[sample].max(near as f32);
                    self.colour[sample] = colour.0;
                }
            }
        }
    }

    /// The finished picture; transparent where nothing was drawn.
    pub(super) fn pixels(&self) -> Pixels {
        let (width, height) = (self.width / SAMPLES, self.height / SAMPLES);
        let mut rgba = Vec::with_capacity(width * height * 4);
        for row in 0..height {
            for column in 0..width {
                let samples = (0..SAMPLES * SAMPLES)
                    .map(|k| (row * SAMPLES + k / SAMPLES) * self.width + column * SAMPLES + k % SAMPLES)
                    .filter(|sample| self.depth[*sample] > f32::MIN);
                let (mut sum, mut count) = ([0u32; 3], 0);
                for sample in samples {
                    count += 1;
                    sum = std::array::from_fn(|channel| sum[channel] + u32::from(self.colour[sample][channel]));
                }
                rgba.extend(sum.map(|sum| (sum / count.max(1)) as u8));
                rgba.push((count * 255 / (SAMPLES * SAMPLES) as u32) as u8);
            }
        }
        Pixels { width, height, rgba }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_triangle_shows_whatever_the_order() {
        let corner = |at: Point, near: f64| Corner { at, near, varying: [] };
        let triangle = |near: f64| [[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]].map(|at| corner(at, near));
        for order in [[0.0, 1.0], [1.0, 0.0]] {
            let mut raster = Raster::new(20.0, 20.0, 72.0);
            for near in order {
                let [a, b, c] = triangle(near);
                raster.triangle([&a, &b, &c], |_, _| if near > 0.5 { Colour([200, 16, 46]) } else { Colour::BLACK });
            }
            let pixels = raster.pixels();
            assert_eq!(pixels.rgba[..4], [200, 16, 46, 255]);
            assert_eq!(pixels.rgba[pixels.rgba.len() - 1], 0, "outside of the triangle");
        }
    }
}
