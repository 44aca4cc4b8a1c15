//! Points as the data of an SVG path.

use std::fmt::Write;

use crate::figure::rect::Point;

/// A name for the data of a path, the same on every machine (FNV-1a).
pub(crate) fn fingerprint(text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash
}

/// Vertices nearer to each other than this, in points, are one: the lines of fine grids have many.
const NEAR: f64 = 0.1;

/// The data of a path through some points.
pub(crate) fn path(points: &[Point]) -> String {
    let mut data = String::new();
    let mut last: Option<Point> = None;
    for (k, &[x, y]) in points.iter().enumerate() {
        let far = last.is_none_or(|[last_x, last_y]| (x - last_x).hypot(y - last_y) >= NEAR);
        if far || k + 1 == points.len() {
            let _ = write!(
                data,
                "{}{x:.2} {y:.2}",
                if last.is_none() { 'M' } else { 'L' }
            );
            last = Some([x, y]);
        }
    }
    data
}
