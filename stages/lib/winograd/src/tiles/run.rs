//! The tiles of an output, in runs.

use crate::convolution::Convolution;

/// Tiles that lie beside one another.
pub(super) struct Run {
    pub(super) image: usize,
    pub(super) top: usize,
    pub(super) left: usize,
    pub(super) tiles: usize,
}

/// All tiles of an output, from the first image's upper left on.
pub(super) struct Tiles {
    images: usize,
    size: [usize; 2],
    /// Rows and columns of results of a tile.
    step: usize,
    next: [usize; 3],
}

impl Convolution {
    pub(super) fn tiles(&self) -> Tiles {
        Tiles {
            images: self.images,
            size: self.output_size().unwrap_or_default(),
            step: self.tile.results(),
            next: [0; 3],
        }
    }
}

impl Tiles {
    /// The next ones that lie beside one another, at most so many.
    pub(super) fn next(&mut self, most: usize) -> Option<Run> {
        let ([image, top, left], [height, width]) = (self.next, self.size);
        if image == self.images || most == 0 {
            return None;
        }
        let tiles = (width - left).div_ceil(self.step).min(most);
        self.next[2] += self.step * tiles;
        if self.next[2] >= width {
            self.next = [image, top + self.step, 0];
        }
        if self.next[1] >= height {
            self.next = [image + 1, 0, 0];
        }
        Some(Run {
            image,
            top,
            left,
            tiles,
        })
    }
}
