//! Pictures as pixels.

use std::{fs::File, io::BufReader, path::Path};

/// A picture without its transparency.
pub(crate) struct Picture {
    /// Width and height.
    pub(crate) size: (u32, u32),
    /// Red, green and blue, from the top left.
    pub(crate) pixels: Vec<[u8; 3]>,
}

impl Picture {
    pub(crate) fn read(path: &Path) -> Self {
        let mut decoder = png::Decoder::new(BufReader::new(File::open(path).unwrap()));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut bytes).unwrap();
        let pixels = bytes[..frame.buffer_size()].chunks_exact(frame.color_type.samples());
        Self {
            size: (frame.width, frame.height),
            pixels: pixels.map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect(),
        }
    }

    /// Rows or columns of white at each edge: left, right, top, bottom.
    pub(crate) fn margins(&self) -> [u32; 4] {
        let (width, height) = self.size;
        let [mut left, mut right, mut top, mut bottom] = [width, width, height, height];
        for (place, pixel) in (0..).zip(&self.pixels) {
            if *pixel == [255; 3] {
                continue;
            }
            let (x, y) = (place % width, place / width);
            left = left.min(x);
            right = right.min(width - 1 - x);
            top = top.min(y);
            bottom = bottom.min(height - 1 - y);
        }
        [left, right, top, bottom]
    }
}
