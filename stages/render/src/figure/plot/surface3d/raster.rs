use colour::Colour;

use crate::figure::{canvas::Pixels, rect::Point};

/// A picture of triangles, of which the nearest show.
pub(super) struct Raster {
    width: usize,
    height: usize,
    /// Samples per pixel along each direction, which are averaged: smooth edges.
    samples: usize,
    /// Samples per point (1/72 inch).
    zoom: f64,
    depth: Vec<f32>,
    colour: Vec<[u8; 3]>,
}

/// A corner of a triangle: its place on the canvas, how near it is, and what the shader
/// interpolates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corner<const N: usize> {
    pub(super) at: Point,
    pub(super) near: f64,
    pub(super) varying: [f64; N],
}

impl Raster {
    /// A picture of a size in points.
    pub(super) fn new(width: f64, height: f64, dpi: f64, samples: usize) -> Self {
        let zoom = dpi / 72.0 * samples as f64;
        let [width, height] =
            [width, height].map(|size| ((size * zoom) as usize).div_ceil(samples) * samples);
        let (depth, colour) = (vec![f32::MIN; width * height], vec![[0; 3]; width * height]);
        Self {
            width,
            height,
            samples,
            zoom,
            depth,
            colour,
        }
    }

    /// Size of the finished picture in points.
    pub(super) fn size(&self) -> [f64; 2] {
        [self.width, self.height].map(|samples| samples as f64 / self.zoom)
    }

    /// Draws a triangle. `shade` gives the colour for the interpolated values; its second argument
    /// is true where the side is seen from which the corners run counter-clockwise.
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
        for row in span([a[1], b[1], c[1]], self.height) {
            for column in span([a[0], b[0], c[0]], self.width) {
                let (x, y) = (column as f64 + 0.5, row as f64 + 0.5);
                let v = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / area;
                let w = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / area;
                let weights = [1.0 - v - w, v, w];
                if weights.iter().any(|weight| *weight < -1e-9) {
                    continue;
                }
                let near = mean(weights, corners.map(|corner| corner.near)) as f32;
                let sample = row * self.width + column;
                if near > self.depth[sample] {
                    let varying = std::array::from_fn(|k| {
                        mean(weights, corners.map(|corner| corner.varying[k]))
                    });
                    self.depth[sample] = near;
                    self.colour[sample] = shade(varying, area < 0.0).0;
                }
            }
        }
    }

    /// Whether something is in front of a place.
    pub(super) fn hides(&self, at: Point, near: f64) -> bool {
        let [column, row] = at.map(|place| (place * self.zoom).floor());
        let size = [self.width, self.height].map(|size| size as f64);
        let inside = (0.0..size[0]).contains(&column) && (0.0..size[1]).contains(&row);
        inside && self.depth[row as usize * self.width + column as usize] > near as f32
    }

    /// The finished picture; transparent where nothing was drawn.
    pub(super) fn pixels(&self) -> Pixels {
        let each = self.samples;
        let (width, height) = (self.width / each, self.height / each);
        let mut rgba = Vec::with_capacity(width * height * 4);
        for row in 0..height {
            for column in 0..width {
                let (mut sum, mut count) = ([0u32; 3], 0);
                for k in 0..each * each {
                    let sample = (row * each + k / each) * self.width + column * each + k % each;
                    if self.depth[sample] > f32::MIN {
                        count += 1;
                        for (sum, channel) in sum.iter_mut().zip(self.colour[sample]) {
                            *sum += u32::from(channel);
                        }
                    }
                }
                rgba.extend(sum.map(|sum| (sum / count.max(1)) as u8));
                rgba.push((count * 255 / (each * each) as u32) as u8);
            }
        }
        Pixels {
            width,
            height,
            rgba,
        }
    }
}

/// The samples along an axis that a triangle with these corners may cover.
fn span([a, b, c]: [f64; 3], size: usize) -> std::ops::Range<usize> {
    let (low, high) = (a.min(b).min(c), a.max(b).max(c));
    let end = high.ceil().max(0.0) as usize + 1;
    (low.floor().max(0.0) as usize)..end.min(size)
}

/// The mean of the values at three corners.
fn mean(weights: [f64; 3], values: [f64; 3]) -> f64 {
    weights[0] * values[0] + weights[1] * values[1] + weights[2] * values[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_triangle_shows_whatever_the_order() {
        let corner = |at: Point, near: f64| Corner {
            at,
            near,
            varying: [],
        };
        let triangle =
            |near: f64| [[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]].map(|at| corner(at, near));
        for order in [[0.0, 1.0], [1.0, 0.0]] {
            let mut raster = Raster::new(20.0, 20.0, 72.0, 2);
            for near in order {
                let [a, b, c] = triangle(near);
                raster.triangle([&a, &b, &c], |_, _| {
                    if near > 0.5 {
                        Colour([200, 16, 46])
                    } else {
                        Colour::BLACK
                    }
                });
            }
            let pixels = raster.pixels();
            assert_eq!(pixels.rgba[..4], [200, 16, 46, 255]);
            assert_eq!(
                pixels.rgba[pixels.rgba.len() - 1],
                0,
                "outside of the triangle"
            );
        }
    }
}
