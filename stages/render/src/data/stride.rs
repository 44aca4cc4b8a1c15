//! Which points of surfaces are kept where a page cannot hold all of them.

use files::{Stored, Surface};

/// The most values of a page, over all surfaces and quantities: some 3.5 MB. Where there are more,
/// only every second or third point is kept.
const MOST_VALUES: usize = 650_000;
/// The most points along an axis: the page tells them apart by 10 bits.
const MOST_ALONG: usize = 1000;

/// The least step from one point that is kept to the next with which all surfaces fit a page.
pub(crate) fn stride(surfaces: &[Stored<Surface>]) -> usize {
    let mut stride = 1;
    while !fits(surfaces, stride) {
        stride += 1;
    }
    stride
}

/// Whether what a step keeps of all surfaces fits a page.
fn fits(surfaces: &[Stored<Surface>], stride: usize) -> bool {
    let mut values = 0;
    for surface in surfaces {
        let columns = kept(surface.grid.x.len(), stride).len();
        let rows = kept(surface.grid.y.as_deref().unwrap_or_default().len(), stride).len();
        if columns.max(rows) > MOST_ALONG {
            return false;
        }
        values += columns * rows * surface.quantity_names().len();
    }
    values <= MOST_VALUES
}

/// The numbers of the points that a step keeps of `count`; the last is always kept.
pub(crate) fn kept(count: usize, stride: usize) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..count).step_by(stride).collect();
    if count > 0 && !(count - 1).is_multiple_of(stride) {
        kept.push(count - 1);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_point_are_kept() {
        assert_eq!(kept(7, 1), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(kept(7, 3), [0, 3, 6]);
        assert_eq!(kept(8, 3), [0, 3, 6, 7]);
        assert_eq!(kept(1, 5), [0]);
        assert_eq!(kept(0, 5), [0; 0]);
    }
}
