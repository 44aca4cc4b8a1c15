//! Moving pictures: APNG with all colours, GIF where nothing else is shown.

use std::borrow::Cow;

use provenance::Record;
use resvg::tiny_skia::PremultipliedColorU8;

use crate::output::{
    dither::{COLOURS, Palette, Rgb},
    picture::Frame,
};

/// The colour of a GIF that leaves a pixel as it is in the picture before.
const UNCHANGED: u8 = COLOURS as u8;

pub(crate) fn apng(frames: &[Frame], fps: u16, record: Option<&Record>) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, frames[0].width(), frames[0].height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_animated(frames.len() as u32, 0)?;
    encoder.set_frame_delay(1, fps)?;
    let mut writer = encoder.write_header()?;
    for frame in frames {
        // the paper is opaque, so premultiplied colours are plain ones
        writer.write_image_data(frame.data())?;
    }
    writer.finish()?;
    Ok(match record {
        Some(record) => provenance::insert_into_png(&bytes, record),
        None => bytes,
    })
}

/// One palette for all pictures, and a pattern that does not move; a picture holds what changed.
pub(crate) fn gif(frames: &[Frame], fps: u16, record: Option<&Record>) -> anyhow::Result<Vec<u8>> {
    // every third pixel tells enough of the colours
    let seen = frames
        .iter()
        .flat_map(|frame| frame.pixels().iter().step_by(3));
    let mut palette = Palette::new(seen.map(rgb));
    let (width, height) = (frames[0].width() as u16, frames[0].height() as u16);
    let mut colours = palette.colours.concat();
    colours.resize(3 * (COLOURS + 1), 0);

    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &colours)?;
    encoder.set_repeat(gif::Repeat::Infinite)?;
    let mut before: Vec<u8> = Vec::new();
    for frame in frames {
        let mut now = Vec::with_capacity(frame.pixels().len());
        for (k, pixel) in frame.pixels().iter().enumerate() {
            let place = [k % usize::from(width), k / usize::from(width)];
            now.push(palette.index(rgb(pixel), place));
        }
        let mut buffer = now.clone();
        for (pixel, before) in buffer.iter_mut().zip(&before) {
            if pixel == before {
                *pixel = UNCHANGED;
            }
        }
        let frame = gif::Frame {
            width,
            height,
            buffer: Cow::Owned(buffer),
            // hundredths of a second
            delay: (100 + fps / 2) / fps,
            transparent: Some(UNCHANGED),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame)?;
        before = now;
    }
    drop(encoder);
    Ok(match record {
        Some(record) => provenance::insert_into_gif(&bytes, record),
        None => bytes,
    })
}

/// The colour of a pixel; the paper is opaque.
fn rgb(pixel: &PremultipliedColorU8) -> Rgb {
    [pixel.red(), pixel.green(), pixel.blue()]
}
