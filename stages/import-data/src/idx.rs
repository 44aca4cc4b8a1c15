//! IDX files (LeCun's MNIST page): big-endian, a magic number 00 00 type rank, the sizes, the
//! values.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context, anyhow, bail, ensure};
use files::{Examples, Split, Tensor};
use flate2::read::MultiGzDecoder;
use ndarray::ArrayD;

use crate::Raw;

const FASHION_MNIST: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

/// The type code of unsigned bytes, the only one that such data sets use.
const UNSIGNED_BYTE: u8 = 0x08;

/// How many times its file's size an array may have: MNIST shrinks to a fifth, zeros to a
/// thousandth.
const MOST_INFLATED: u64 = 100;

/// Names of classes.
#[derive(Debug, Clone)]
pub struct Classes(Vec<String>);

impl FromStr for Classes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = match text {
            "mnist" => (0..10).map(|digit| digit.to_string()).collect(),
            "fashion-mnist" => FASHION_MNIST.map(String::from).into(),
            list if list.contains(',') => list
                .split(',')
                .map(|name| name.trim().to_string())
                .collect(),
            other => {
                return Err(format!(
                    "\"{other}\" is neither mnist nor fashion-mnist, nor a list such as cat,dog"
                ));
            }
        };
        Ok(Self(names))
    }
}

/// The splits in a folder of IDX files.
///
/// # Errors
/// No such files, files that are no IDX, images and labels of different number, labels beyond the
/// names.
pub fn read(folder: &Path, classes: &Classes) -> anyhow::Result<Raw> {
    ensure!(folder.is_dir(), "{} is no folder", folder.display());
    let mut splits = Vec::new();
    for (split, prefix) in [(Split::Train, "train"), (Split::Test, "t10k")] {
        let (images, labels) = (
            find(folder, prefix, "images", 3)?,
            find(folder, prefix, "labels", 1)?,
        );
        match (images, labels) {
            (Some(images), Some(labels)) => {
                splits.push((split, examples(&images, &labels, classes)?))
            }
            (None, None) => {}
            (Some(only), None) | (None, Some(only)) => {
                bail!(
                    "{} has no partner: images and labels go together",
                    only.display()
                )
            }
        }
    }
    ensure!(
        !splits.is_empty(),
        "{} holds neither train-images-idx3-ubyte[.gz] nor t10k-images-idx3-ubyte[.gz] with their \
         labels",
        folder.display()
    );
    Ok(Raw {
        splits,
        classes: classes.0.clone(),
    })
}

/// `train-images-idx3-ubyte`, also with a dot before `idx` as some mirrors have it, gzipped or not.
///
/// # Errors
/// Several of them: nobody says which is meant.
fn find(folder: &Path, prefix: &str, what: &str, rank: u8) -> anyhow::Result<Option<PathBuf>> {
    let mut found: Option<PathBuf> = None;
    for separator in ["-", "."] {
        for ending in ["", ".gz"] {
            let name = format!("{prefix}-{what}{separator}idx{rank}-ubyte{ending}");
            let path = folder.join(name);
            if !path.is_file() {
                continue;
            }
            if let Some(other) = &found {
                let (other, path) = (other.display(), path.display());
                bail!("{other} and {path} are both there: keep one of them");
            }
            found = Some(path);
        }
    }
    Ok(found)
}

fn examples(images: &Path, labels: &Path, classes: &Classes) -> anyhow::Result<Examples> {
    let inputs = array(images, 3)?;
    let targets = array(labels, 1)?.mapv(i64::from);
    let (count, labelled) = (inputs.shape()[0], targets.len());
    let (images, labels) = (images.display(), labels.display());
    ensure!(
        count == labelled,
        "{images} holds {count} images, {labels} holds {labelled} labels"
    );
    ensure!(count > 0, "{images} holds no image");
    ensure!(
        !inputs.is_empty(),
        "{images} holds images without pixels: its shape is {:?}",
        inputs.shape()
    );
    let largest = targets.iter().copied().max().unwrap_or(0);
    let names = classes.0.len();
    ensure!(
        (largest as usize) < names,
        "{labels} goes up to class {largest}, but --classes names {names}"
    );
    let inputs = inputs.insert_axis(ndarray::Axis(1));
    Ok(Examples::new(Tensor::U8(inputs), Tensor::I64(targets)))
}

/// The array of an IDX file of bytes.
fn array(path: &Path, rank: u8) -> anyhow::Result<ArrayD<u8>> {
    let file = stage::regular(path).and_then(File::open);
    let file = file.with_context(|| format!("{} cannot be read", path.display()))?;
    let most = MOST_INFLATED.saturating_mul(file.metadata()?.len());
    let compressed = path.extension().is_some_and(|extension| extension == "gz");
    let parsed = if compressed {
        parse(MultiGzDecoder::new(file), rank, most)
    } else {
        parse(file, rank, most)
    };
    parsed.with_context(|| format!("{} is no IDX file of {rank} dimensions", path.display()))
}

fn parse(mut file: impl Read, rank: u8, most: u64) -> anyhow::Result<ArrayD<u8>> {
    let mut magic = [0; 4];
    file.read_exact(&mut magic)
        .map_err(|_| anyhow!("it is cut short"))?;
    let wanted = [0, 0, UNSIGNED_BYTE, rank];
    ensure!(
        magic == wanted,
        "it starts with {magic:02x?}, not with {wanted:02x?}"
    );
    let mut shape = Vec::new();
    for _ in 0..rank {
        let mut size = [0; 4];
        file.read_exact(&mut size)
            .map_err(|_| anyhow!("it is cut short"))?;
        shape.push(u32::from_be_bytes(size) as usize);
    }
    let count = shape
        .iter()
        .try_fold(1usize, |count, size| count.checked_mul(*size));
    let count = count.with_context(|| format!("its shape {shape:?} is beyond any memory"))?;
    ensure!(
        count as u64 <= most,
        "its shape {shape:?} wants {count} bytes, more than {most}, which is {MOST_INFLATED} times \
         the file: it is damaged"
    );
    // read, never reserve, what the header promises; and one byte more, to notice what is too long
    let mut values = Vec::new();
    file.take(count as u64 + 1)
        .read_to_end(&mut values)
        .map_err(|why| anyhow!("it is damaged or cut short: {why}"))?;
    let found = values.len();
    ensure!(
        found >= count,
        "its shape {shape:?} wants {count} bytes, {found} are there"
    );
    ensure!(
        found == count,
        "there are more bytes than its shape {shape:?} wants"
    );
    Ok(ArrayD::from_shape_vec(shape, values)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(bytes: &[u8]) -> String {
        parse(bytes, 1, 1000).map_or_else(|error| error.to_string(), |array| array.to_string())
    }

    #[test]
    fn an_array_is_what_its_header_says() {
        assert_eq!(parsed(&[0, 0, 8, 1, 0, 0, 0, 2, 7, 9]), "[7, 9]");
    }

    #[test]
    fn damage_is_named() {
        assert!(parsed(&[0, 0, 8, 1, 0, 0, 0, 2, 7]).contains("wants 2 bytes, 1 are there"));
        assert!(parsed(&[0, 0, 8, 1, 0, 0, 0, 1, 7, 9]).contains("more bytes"));
        assert!(
            parsed(&[0, 0, 8, 1, 255, 255, 255, 255])
                .contains("wants 4294967295 bytes, more than 1000")
        );
        assert!(parsed(&[0, 0, 13, 1, 0, 0, 0, 1]).contains("starts with"));
        assert!(parsed(&[0, 0, 8]).contains("cut short"));
    }
}
