use std::{
    fs::{self, File, Metadata},
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use anyhow::bail;
use files::Target;

/// The options of every stage that writes one file.
#[derive(Debug, Clone, clap::Args)]
pub struct Output {
    /// Write to this file
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// Overwrite the output where it exists
    #[arg(long)]
    pub force: bool,

    /// Print errors only
    #[arg(short, long)]
    pub quiet: bool,
}

impl Output {
    /// The file to be written.
    pub fn target(&self) -> Target {
        Target::new(&self.output, self.force)
    }

    /// Checks, before any work, that the output may be written and is none of the files that are
    /// read.
    ///
    /// # Errors
    /// It is an input; those of [`Target::check`].
    pub fn check<'a>(&self, inputs: impl IntoIterator<Item = &'a Path>) -> anyhow::Result<()> {
        let output = fs::metadata(&self.output);
        for input in inputs {
            if input.is_dir() && !may_replace_in(input, &self.output) {
                let (output, input) = (self.output.display(), input.display());
                bail!(
                    "{output} lies in the input {input} and is not a file of relief: use another \
                     --output"
                );
            }
            if let (Ok(output), Ok(status)) = (&output, fs::metadata(input))
                && are_one(output, &status)
            {
                let (output, input) = (self.output.display(), input.display());
                bail!(
                    "{output} is the input {input}, and would be overwritten: use another --output"
                );
            }
        }
        Ok(self.target().check()?)
    }

    /// Says something to the person who looks on, on stderr, unless `--quiet`.
    pub fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            crate::tell(text.as_ref());
        }
    }
}

/// Whether a file may be replaced that lies in a folder which is read: one of relief's, but no
/// image and no archive.
fn may_replace_in(folder: &Path, output: &Path) -> bool {
    const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";
    let (Ok(folder), Ok(output)) = (folder.canonicalize(), output.canonicalize()) else {
        return true;
    };
    if !output.starts_with(folder) || !output.is_file() {
        return true;
    }
    let mut start = [0; HDF5.len()];
    let read = File::open(output).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == HDF5
}

fn are_one(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}
