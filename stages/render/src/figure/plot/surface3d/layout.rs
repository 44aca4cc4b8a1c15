//! Where the box, its texts and the colour bar of a surface stand.

use super::{
    camera::{Camera, Vector, corners},
    mesh::Mesh,
    space::{HALF, Space},
};
use crate::{
    data::field::Field,
    figure::{
        axes,
        colourbar::ColourBar,
        plot::plane::axis,
        rect::Rect,
        scale::Scale,
        scene::{AZIMUTH, ELEVATION, Scene},
    },
};

/// The elevation of a lit surface, in degrees: into the basin.
const LIT_ELEVATION: f64 = 40.0;
/// Rounds in which the box and the texts around it find their sizes.
const ROUNDS: usize = 6;

/// What is to be laid out.
pub(super) struct Plan<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) field: &'a Field,
    pub(super) bar: &'a ColourBar,
    pub(super) names: [&'a str; 3],
}

/// Where everything stands.
pub(super) struct Laid {
    pub(super) space: Space,
    /// Width and height of the canvas.
    pub(super) size: [f64; 2],
    /// What the colour bar stands at the right of.
    pub(super) bar_area: Option<Rect>,
}

impl Plan<'_> {
    /// The surface as large as it can be beside its texts and its colour bar. A picture whose size
    /// was not asked for is as high as that needs.
    pub(super) fn laid(&self) -> Laid {
        let (scene, look) = (self.scene, self.scene.look);
        let [width, height] = scene.options.size();
        let free = scene.options.size.is_none() && !scene.among;
        let (margin, top) = (0.6 * look.labels, axes::title_space(&scene.title, look));
        let has_bar = scene.has_own_bar();
        let after = if has_bar {
            self.bar.space(0.6 * height, look)
        } else {
            margin
        };
        let (wide, high) = (width - margin - after, height - top - margin);
        let room = Rect {
            x: margin,
            y: top,
            width: wide,
            height: high,
        };
        let (_, bounds) = self.fitted(room);
        // what is left over goes to both sides, the bar stays at the picture
        let area = Rect {
            x: margin + (room.width - bounds.width) / 2.0,
            y: if free {
                top
            } else {
                top + (room.height - bounds.height) / 2.0
            },
            ..bounds
        };
        let (space, bounds) = self.fitted(area);
        let high = if free {
            top + bounds.height + margin
        } else {
            height
        };
        let bar_height = 0.72 * bounds.height;
        let bar_area = has_bar.then(|| Rect {
            x: 0.0,
            y: bounds.centre()[1] - bar_height / 2.0,
            width: area.right(),
            height: bar_height,
        });
        Laid {
            space,
            size: [width, high],
            bar_area,
        }
    }

    /// The box so that it and its texts fill an area, and the rectangle around them.
    fn fitted(&self, area: Rect) -> (Space, Rect) {
        let scene = self.scene;
        let usual = if scene.options.lit() {
            LIT_ELEVATION
        } else {
            ELEVATION
        };
        let azimuth = scene.options.azimuth.unwrap_or(AZIMUTH) + scene.turned.unwrap_or(0.0);
        let eye = [scene.options.elevation.unwrap_or(usual), azimuth];
        let scales = [
            axis(&self.field.x, 0.0),
            axis(&self.field.y, 0.0),
            self.bar.scale,
        ];
        let places = self.places(scales);
        let mut room = area;
        for _ in 0..ROUNDS {
            let space = self.space(eye, &places, scales, room);
            let (core, bounds) = self.extents(&space, &places);
            // texts keep their size: what they take around the box is left of the area
            room.x = area.x + core.x - bounds.x;
            room.y = area.y + core.y - bounds.y;
            room.width = (area.width - (bounds.width - core.width)).max(1.0);
            room.height = (area.height - (bounds.height - core.height)).max(1.0);
        }
        let space = self.space(eye, &places, scales, room);
        let (_, bounds) = self.extents(&space, &places);
        (space, bounds)
    }

    fn space(&self, eye: [f64; 2], places: &[Vector], scales: [Scale; 3], room: Rect) -> Space {
        let camera = Camera::new(eye, places, room, self.scene.turned.is_some());
        Space {
            scales,
            camera,
            lifted: self.scene.options.floor,
        }
    }

    /// The places that the picture reaches to: the box, or without axes the surface.
    fn places(&self, scales: [Scale; 3]) -> Vec<Vector> {
        if self.scene.options.has_axes() {
            return corners(HALF).collect();
        }
        let nowhere = Rect {
            x: 0.0,
            y: 0.0,
            width: 1.0,
            height: 1.0,
        };
        let camera = Camera::new(
            [ELEVATION, AZIMUTH],
            &[HALF, HALF.map(|v| -v)],
            nowhere,
            false,
        );
        let space = Space {
            scales,
            camera,
            lifted: self.scene.options.floor,
        };
        let mut places = Mesh::new(self.field, &space).outline();
        if self.scene.options.floor {
            places.extend(corners(HALF).filter(|corner| corner[2] < 0.0));
        }
        places
    }

    /// The rectangles around the places, and around them and all texts; while the eye turns, at
    /// every azimuth.
    fn extents(&self, space: &Space, places: &[Vector]) -> (Rect, Rect) {
        let (mut core, mut all) = self.extent(space, places);
        for k in 1..24 {
            if self.scene.turned.is_none() {
                break;
            }
            let camera = space.camera.turned(15.0 * f64::from(k));
            let turned = Space {
                scales: space.scales,
                camera,
                lifted: space.lifted,
            };
            let (one, other) = self.extent(&turned, places);
            (core, all) = (core.around(&one), all.around(&other));
        }
        (core, all)
    }

    fn extent(&self, space: &Space, places: &[Vector]) -> (Rect, Rect) {
        let core = space.camera.around(places);
        let has_axes = self.scene.options.has_axes();
        (
            core,
            if has_axes {
                space.bounds(self.scene.look, self.names)
            } else {
                core
            },
        )
    }
}
