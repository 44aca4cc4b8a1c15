/// A point on the canvas: points (1/72 inch) from the left and from the top.
pub(crate) type Point = [f64; 2];

/// A rectangle on the canvas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub(crate) fn centre(&self) -> Point {
        [self.x + self.width / 2.0, self.y + self.height / 2.0]
    }

    /// Its corners, around it.
    pub(crate) fn corners(&self) -> Vec<Point> {
        let (right, bottom) = (self.right(), self.bottom());
        vec![
            [self.x, self.y],
            [right, self.y],
            [right, bottom],
            [self.x, bottom],
        ]
    }

    /// The least rectangle around some points.
    pub(crate) fn around_points(points: &[Point]) -> Self {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for point in points {
            for k in 0..2 {
                low[k] = low[k].min(point[k]);
                high[k] = high[k].max(point[k]);
            }
        }
        Self {
            x: low[0],
            y: low[1],
            width: high[0] - low[0],
            height: high[1] - low[1],
        }
    }

    /// The least rectangle around both.
    pub(crate) fn around(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (
            self.right().max(other.right()),
            self.bottom().max(other.bottom()),
        );
        Self {
            x,
            y,
            width: right - x,
            height: bottom - y,
        }
    }

    /// Whether they have a point in common.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    /// Whether a point lies inside, at least `margin` from the border.
    pub(crate) fn contains(&self, [x, y]: Point, margin: f64) -> bool {
        x >= self.x + margin
            && x <= self.right() - margin
            && y >= self.y + margin
            && y <= self.bottom() - margin
    }
}
