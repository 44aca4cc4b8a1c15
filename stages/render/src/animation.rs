//! Moving pictures: GIF for slides and web pages, APNG for all colours.

use std::{borrow::Cow, collections::HashMap};

use color_quant::NeuQuant;
use resvg::tiny_skia::Pixmap;

use crate::{
    args::{Args, Motion, Plot},
    input::Input,
    output::{self, Target},
    sheet::{self, Moment},
};

/// Pictures a turn.
const TURN: usize = 72;
/// Pictures that the end of a path is looked at.
const REST: usize = 20;
/// The colour of a GIF that leaves a pixel as it is in the picture before.
const UNCHANGED: u8 = 255;

/// The bytes of an animation.
pub(crate) fn animation(args: &Args, plot: Plot, input: &Input, target: Target) -> anyhow::Result<Vec<u8>> {
    let frames = moments(args, input).into_iter().enumerate().map(|(k, moment)| {
        let moment = Moment { speaks: k == 0, ..moment };
        let canvas = sheet::sheet(args, plot, input, moment)?;
        output::frame(&canvas, args.dpi())
    });
    let frames = frames.collect::<anyhow::Result<Vec<_>>>()?;
    if target == Target::Gif { gif(&frames, args.fps) } else { apng(&frames, args.fps) }
}

fn moments(args: &Args, input: &Input) -> Vec<Moment> {
    let steps = input.runs.iter().map(|run| run.path.steps().len()).max().unwrap_or(0);
    match args.animate {
        Some(Motion::Trajectory) => {
            let count = args.frames.map_or(steps, usize::from).max(2);
            let grown = (0..count).map(|k| k as f64 / (count - 1) as f64);
            grown
                .chain(std::iter::repeat_n(1.0, REST))
                .map(|progress| Moment { progress, turned: None, speaks: false })
                .collect()
        }
        _ => {
            let count = args.frames.map_or(TURN, usize::from);
            let turned = |k: usize| Some(360.0 * k as f64 / count as f64);
            (0..count).map(|k| Moment { progress: 1.0, turned: turned(k), speaks: false }).collect()
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

/// One palette for all pictures, so that colours do not flicker; a picture holds what changed.
fn gif(frames: &[Pixmap], fps: u16) -> anyhow::Result<Vec<u8>> {
    let sample: Vec<u8> = frames.iter().flat_map(|frame| frame.pixels().iter().step_by(11)).flat_map(rgba).collect();
    let palette = NeuQuant::new(10, usize::from(UNCHANGED), &sample);
    let mut indices: HashMap<[u8; 4], u8> = HashMap::new();
    let (width, height) = (frames[0].width() as u16, frames[0].height() as u16);
    let mut colours = palette.color_map_rgb();
    colours.truncate(3 * usize::from(UNCHANGED));
    colours.extend([0; 3]);

    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &colours)?;
    encoder.set_repeat(gif::Repeat::Infinite)?;
    let mut before: Vec<u8> = Vec::new();
    for frame in frames {
        let of = |pixel| {
            let pixel = rgba(pixel);
            *indices.entry(pixel).or_insert_with(|| palette.index_of(&pixel) as u8)
        };
        let now: Vec<u8> = frame.pixels().iter().map(of).collect();
        let changed = |(k, index): (usize, &u8)| if before.get(k) == Some(index) { UNCHANGED } else { *index };
        let frame = gif::Frame {
            width,
            height,
            buffer: Cow::Owned(now.iter().enumerate().map(changed).collect()),
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

fn rgba(pixel: &resvg::tiny_skia::PremultipliedColorU8) -> [u8; 4] {
    [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
}
