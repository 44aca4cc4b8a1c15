//! Images in a folder for each class: `FOLDER/SPLIT/CLASS/*.png` (`train`, `test`, `val`, …), or
//! `FOLDER/CLASS/*.png`.

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context, ensure};
use files::{Examples, Split, Tensor};
use image::{DynamicImage, ImageReader, Limits, imageops::FilterType};
use ndarray::ArrayD;

use crate::Raw;

/// Endings of what is read, in lower case.
const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

/// Bytes of memory that any image may take.
const ALWAYS: u64 = 64 << 20;
/// How many times its file's size an image may take beside: photographs shrink to a tenth, one
/// colour to a thousandth.
const MOST_INFLATED: u64 = 200;

/// Width and height that images are brought to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    width: u32,
    height: u32,
}

/// An image's file, what was in it, and the number of its class.
struct Labelled {
    path: PathBuf,
    image: DynamicImage,
    class: i64,
}

/// The splits in a folder.
///
/// # Errors
/// No images, images that cannot be read, of different sizes and no `size`, or classes that differ
/// between the splits.
pub fn read(folder: &Path, size: Option<Size>) -> anyhow::Result<Raw> {
    ensure!(folder.is_dir(), "{} is no folder", folder.display());
    let mut there = splits(folder)?;
    if there.is_empty() {
        there.push((Split::Train, folder.to_path_buf()));
    }
    let classes = names(&there[0].1, Path::is_dir)?;
    ensure!(
        !classes.is_empty(),
        "{} holds no folder: one for each class is wanted",
        there[0].1.display()
    );
    let decoded = there
        .into_iter()
        .map(|(split, folder)| Ok((split, images(&folder, &classes, size)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let coloured = decoded
        .iter()
        .flat_map(|(_, images)| images)
        .any(|labelled| labelled.image.color().has_color());
    let splits = decoded
        .into_iter()
        .map(|(split, images)| Ok((split, examples(&images, coloured)?)));
    Ok(Raw {
        splits: splits.collect::<anyhow::Result<_>>()?,
        classes,
    })
}

/// The folders of splits, train and test first; none where the folder holds classes. Folders that
/// hold folders are splits.
fn splits(folder: &Path) -> anyhow::Result<Vec<(Split, PathBuf)>> {
    let mut splits = Vec::new();
    for name in names(folder, Path::is_dir)? {
        let inner = folder.join(&name);
        if names(&inner, Path::is_dir)?.is_empty() {
            continue;
        }
        let split = name
            .parse()
            .map_err(|why| anyhow::anyhow!("{}: {why}", inner.display()))?;
        splits.push((split, inner));
    }
    splits.sort_unstable();
    Ok(splits)
}

/// Whether the name of a file ends as that of an image.
fn is_image(path: &Path) -> bool {
    let Some(ending) = path.extension() else {
        return false;
    };
    let ending = ending.to_string_lossy().to_lowercase();
    ENDINGS.contains(&ending.as_str())
}

/// Images and their classes, in the order of classes and names.
fn images(folder: &Path, classes: &[String], size: Option<Size>) -> anyhow::Result<Vec<Labelled>> {
    let found = names(folder, Path::is_dir)?;
    ensure!(
        found == classes,
        "{} has the classes {}, the training set has {}",
        folder.display(),
        found.join(", "),
        classes.join(", ")
    );
    let mut images = Vec::new();
    for (class, name) in (0..).zip(classes) {
        let folder = folder.join(name);
        let names = names(&folder, is_image)?;
        ensure!(
            !names.is_empty(),
            "{} holds no image (.png, .jpg, .jpeg)",
            folder.display()
        );
        for name in names {
            let path = folder.join(name);
            let image =
                decoded(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            let image = match size {
                Some(size) => size.of(&image),
                None => image,
            };
            images.push(Labelled { path, image, class });
        }
    }
    Ok(images)
}

/// The image in a file.
fn decoded(path: &Path) -> anyhow::Result<DynamicImage> {
    let mut limits = Limits::default();
    let size = fs::metadata(stage::regular(path)?)?.len();
    limits.max_alloc = Some(ALWAYS.saturating_add(size.saturating_mul(MOST_INFLATED)));
    let mut reader = ImageReader::open(path)?;
    reader.limits(limits);
    Ok(reader.decode()?)
}

/// Names in a folder, sorted, hidden ones left out.
fn names(folder: &Path, wanted: impl Fn(&Path) -> bool) -> anyhow::Result<Vec<String>> {
    let paths = files::entries_of(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut names = Vec::new();
    for path in paths {
        let path = path.with_context(|| format!("{} cannot be read", folder.display()))?;
        let name = path.file_name().unwrap_or_default();
        if name.as_encoded_bytes().starts_with(b".") || !wanted(&path) {
            continue;
        }
        let name = name.to_str().with_context(|| {
            format!("{} has a name that is not UTF-8: rename it", path.display())
        })?;
        names.push(name.to_string());
    }
    names.sort_unstable();
    Ok(names)
}

/// Bytes `[N, C, H, W]` of one or three channels.
fn examples(images: &[Labelled], coloured: bool) -> anyhow::Result<Examples> {
    let Labelled {
        path: first, image, ..
    } = images.first().context("there is no image")?;
    let (width, height) = (image.width() as usize, image.height() as usize);
    let channels = if coloured { 3 } else { 1 };
    let mut pixels = Vec::with_capacity(images.len() * channels * width * height);
    for Labelled { path, image, .. } in images {
        ensure!(
            (image.width() as usize, image.height() as usize) == (width, height),
            "{} is {}×{}, {} is {width}×{height}: --size brings all to one size",
            path.display(),
            image.width(),
            image.height(),
            first.display()
        );
        let interleaved = if coloured {
            image.to_rgb8().into_raw()
        } else {
            image.to_luma8().into_raw()
        };
        pixels.extend(
            (0..channels).flat_map(|channel| interleaved.iter().skip(channel).step_by(channels)),
        );
    }
    let inputs = ArrayD::from_shape_vec(vec![images.len(), channels, height, width], pixels)?;
    let targets: Vec<i64> = images.iter().map(|labelled| labelled.class).collect();
    Ok(Examples::new(
        Tensor::U8(inputs),
        Tensor::I64(ArrayD::from_shape_vec(vec![images.len()], targets)?),
    ))
}

/// The longest side of an image that is made.
const LONGEST: u32 = 16_384;

impl Size {
    /// The image in this size, its proportions not kept; bilinear, over the area of each pixel.
    fn of(self, image: &DynamicImage) -> DynamicImage {
        image.resize_exact(self.width, self.height, FilterType::Triangle)
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = text.split_once('x').unwrap_or((text, text));
        let sides = (|| Some((sides.0.parse().ok()?, sides.1.parse().ok()?)))();
        match sides {
            Some((width @ 1..=LONGEST, height @ 1..=LONGEST)) => Ok(Self { width, height }),
            _ => Err(format!(
                "\"{text}\" is no size such as 32 or 64x48, up to {LONGEST}"
            )),
        }
    }
}
