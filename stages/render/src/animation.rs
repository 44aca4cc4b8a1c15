//! Moving pictures: APNG with all colours, GIF where nothing else is shown.

use std::borrow::Cow;

use resvg::tiny_skia::{Pixmap, PremultipliedColorU8};

use crate::{
    args::{Args, Motion, Plot},
    dither::{COLOURS, Palette, Rgb},
    input::Input,
    output::{self, Target},
    sheet::{self, Moment},
};

/// Pictures per turn.
const TURN: usize = 72;
/// Pictures that the end of a path is looked at.
const REST: usize = 20;
/// The colour of a GIF that leaves a pixel as it is in the picture before.
const UNCHANGED: u8 = COLOURS as u8;

/// The bytes of an animation.
pub(crate) fn animation(
    args: &Args,
    plot: Plot,
    input: &Input,
    target: Target,
) -> anyhow::Result<Vec<u8>> {
    let frames = moments(args, input)
        .into_iter()
        .enumerate()
        .map(|(k, moment)| {
            let moment = Moment {
                speaks: k == 0,
                ..moment
            };
            let canvas = sheet::sheet(args, plot, input, moment)?;
            output::frame(&canvas, args.dpi())
        });
    let frames = frames.collect::<anyhow::Result<Vec<_>>>()?;
    let bytes = match target {
        Target::Gif => gif(&frames, args.fps)?,
        _ => apng(&frames, args.fps)?,
    };
    Ok(match (&input.record, target) {
        (None, _) => bytes,
        (Some(record), Target::Gif) => provenance::insert_into_gif(&bytes, record),
        (Some(record), _) => provenance::insert_into_png(&bytes, record),
    })
}

fn moments(args: &Args, input: &Input) -> Vec<Moment> {
    let steps = input
        .runs
        .iter()
        .map(|run| run.path.steps().len())
        .max()
        .unwrap_or(0);
    match args.animate {
        Some(Motion::Trajectory) => {
            let count = args.frames.map_or(steps, usize::from).max(2);
            let grown = (0..count).map(|k| k as f64 / (count - 1) as f64);
            grown
                .chain(std::iter::repeat_n(1.0, REST))
                .map(|progress| Moment {
                    progress,
                    turned: None,
                    speaks: false,
                })
                .collect()
        }
        _ => {
            let count = args.frames.map_or(TURN, usize::from);
            let turned = |k: usize| Some(360.0 * k as f64 / count as f64);
            (0..count)
                .map(|k| Moment {
                    progress: 1.0,
                    turned: turned(k),
                    speaks: false,
                })
                .collect()
        }
    }
}

fn apng(frames: &[Pixmap], fps: u16) -> anyhow::Result<Vec<u8>> {
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
    Ok(bytes)
}

/// One palette for all pictures, and a pattern that does not move; a picture holds what changed.
fn gif(frames: &[Pixmap], fps: u16) -> anyhow::Result<Vec<u8>> {
    let pixels = frames
        .iter()
        .flat_map(|frame| frame.pixels().iter().step_by(3));
    let mut palette = Palette::new(pixels.map(rgb));
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
    Ok(bytes)
}

/// The colour of a pixel; the paper is opaque.
fn rgb(pixel: &PremultipliedColorU8) -> Rgb {
    [pixel.red(), pixel.green(), pixel.blue()]
}
