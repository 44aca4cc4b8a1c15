use crate::figure::rect::{Point, Rect};

/// A direction or a place in space.
pub(super) type Vector = [f64; 3];

/// How far the eye is from the middle of a box of about 2: near enough for a sense of depth.
const DISTANCE: f64 = 9.0;

/// The eye that looks at a box around the origin, z upwards.
pub(super) struct Camera {
    pub(super) right: Vector,
    pub(super) up: Vector,
    /// From the box to the eye.
    pub(super) towards: Vector,
    zoom: f64,
    centre: Point,
}

impl Camera {
    /// An eye at an elevation and an azimuth (degrees) whose picture of some places fits an area;
    /// `steady`: that fits them at every azimuth, so that they do not grow and shrink while it
    /// turns.
    pub(super) fn new(eye: [f64; 2], places: &[Vector], area: Rect, steady: bool) -> Self {
        let [elevation, azimuth] = eye;
        let mut camera = Self::at(elevation, azimuth);
        let mut seen = camera.around(places);
        if steady {
            for k in 0..36 {
                seen = seen.around(&Self::at(elevation, 10.0 * f64::from(k)).around(places));
            }
        }
        camera.zoom = (area.width / seen.width).min(area.height / seen.height);
        let (from, to) = (seen.centre(), area.centre());
        camera.centre = [to[0] - camera.zoom * from[0], to[1] - camera.zoom * from[1]];
        camera
    }

    /// The same eye, turned around the box by some degrees.
    pub(super) fn turned(&self, degrees: f64) -> Self {
        let elevation = self.towards[2].asin().to_degrees();
        let azimuth = (-self.right[0]).atan2(self.right[1]).to_degrees();
        let (zoom, centre) = (self.zoom, self.centre);
        Self {
            zoom,
            centre,
            ..Self::at(elevation, azimuth + degrees)
        }
    }

    /// The rectangle around some places.
    pub(super) fn around(&self, places: &[Vector]) -> Rect {
        let points: Vec<Point> = places.iter().map(|place| self.point(*place)).collect();
        Rect::around_points(&points)
    }

    /// An eye whose picture is not yet brought to a size.
    fn at(elevation: f64, azimuth: f64) -> Self {
        let (elevation, azimuth) = (elevation.to_radians(), azimuth.to_radians());
        let towards = [
            elevation.cos() * azimuth.cos(),
            elevation.cos() * azimuth.sin(),
            elevation.sin(),
        ];
        let right = [-azimuth.sin(), azimuth.cos(), 0.0];
        Self {
            right,
            up: cross(towards, right),
            towards,
            zoom: 1.0,
            centre: [0.0, 0.0],
        }
    }

    /// Where a place appears on the canvas, and how near it is (greater is nearer).
    pub(super) fn project(&self, place: Vector) -> Vector {
        let near = dot(place, self.towards);
        let shrink = DISTANCE / (DISTANCE - near);
        [
            self.centre[0] + self.zoom * shrink * dot(place, self.right),
            self.centre[1] - self.zoom * shrink * dot(place, self.up),
            near * shrink,
        ]
    }

    /// The same without the depth.
    pub(super) fn point(&self, place: Vector) -> Point {
        let [x, y, _] = self.project(place);
        [x, y]
    }

    /// Places relative to the eye's own directions: right, up, towards it.
    pub(super) fn direction(&self, [right, up, towards]: Vector) -> Vector {
        unit(std::array::from_fn(|k| {
            right * self.right[k] + up * self.up[k] + towards * self.towards[k]
        }))
    }
}

/// The corners of a box of these half sizes.
pub(super) fn corners(half: Vector) -> impl Iterator<Item = Vector> {
    (0..8).map(move |corner| {
        std::array::from_fn(|axis| {
            if corner >> axis & 1 == 1 {
                half[axis]
            } else {
                -half[axis]
            }
        })
    })
}

pub(super) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(super) fn cross(a: Vector, b: Vector) -> Vector {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

pub(super) fn minus(a: Vector, b: Vector) -> Vector {
    std::array::from_fn(|k| a[k] - b[k])
}

/// The direction of a vector; upwards where it has none.
pub(super) fn unit(a: Vector) -> Vector {
    let length = dot(a, a).sqrt();
    if length < 1e-12 {
        [0.0, 0.0, 1.0]
    } else {
        a.map(|value| value / length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_fits_and_x_runs_to_the_right() {
        let area = Rect {
            x: 10.0,
            y: 20.0,
            width: 300.0,
            height: 200.0,
        };
        let corners: Vec<Vector> = corners([1.0, 1.0, 0.7]).collect();
        let camera = Camera::new([30.0, -60.0], &corners, area, false);
        assert!(
            corners
                .iter()
                .all(|corner| area.contains(camera.point(*corner), -1e-9))
        );
        assert!(camera.point([1.0, 0.0, 0.0])[0] > camera.point([-1.0, 0.0, 0.0])[0]);
        let steady = Camera::new([30.0, 12.0], &corners, area, true);
        assert!(steady.zoom <= camera.zoom);
        let (turned, there) = (camera.turned(25.0), Camera::at(30.0, -35.0));
        for (a, b) in turned.towards.iter().zip(&there.towards) {
            assert!((a - b).abs() < 1e-12, "{a} {b}");
        }
        assert!(camera.point([0.0, 0.0, 0.7])[1] < camera.point([0.0, 0.0, -0.7])[1]);
    }
}
