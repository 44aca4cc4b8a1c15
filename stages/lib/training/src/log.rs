use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};

const HEADER: &str = "step,epoch,rate,loss,error";

/// The table of all steps, a file of comma-separated values.
pub(crate) struct Log {
    path: PathBuf,
    file: BufWriter<File>,
}

/// A row: what a step found on its batch before it moved.
pub(crate) struct Row {
    /// From 1, over all epochs.
    pub(crate) step: usize,
    /// From 1.
    pub(crate) epoch: usize,
    pub(crate) rate: f64,
    /// The mean loss.
    pub(crate) loss: f64,
    /// Wrong answers in percent, for a loss on classes.
    pub(crate) error: Option<f64>,
}

impl Log {
    /// A table that has the rows of the first `steps` steps, and loses those after them.
    ///
    /// # Errors
    /// The file cannot be written, or lacks such rows.
    pub(crate) fn open(path: &Path, steps: usize) -> anyhow::Result<Self> {
        let file = if steps == 0 {
            created(path)
        } else {
            shortened(path, steps)
        };
        Ok(Self {
            file: BufWriter::new(file.with_context(|| path.display().to_string())?),
            path: path.into(),
        })
    }

    pub(crate) fn add(&mut self, row: &Row) -> anyhow::Result<()> {
        let error = row.error.map(|error| error.to_string()).unwrap_or_default();
        let Row {
            step,
            epoch,
            rate,
            loss,
            ..
        } = row;
        writeln!(self.file, "{step},{epoch},{rate},{loss},{error}").with_context(|| self.shown())
    }

    /// Brings all rows to disk.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        self.synced().with_context(|| self.shown())
    }

    fn synced(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()
    }

    fn shown(&self) -> String {
        self.path.display().to_string()
    }
}

fn created(path: &Path) -> anyhow::Result<File> {
    let mut file = File::create(path)?;
    writeln!(file, "{HEADER}")?;
    Ok(file)
}

/// Opens a table behind its first rows.
fn shortened(path: &Path, steps: usize) -> anyhow::Result<File> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let (mut end, mut lines) = (0, 0);
    for line in text.split_inclusive('\n').take(steps + 1) {
        if line.ends_with('\n') {
            end += line.len();
            lines += 1;
        }
    }
    ensure!(
        lines == steps + 1 && text.starts_with(HEADER),
        "it lacks rows of the first {steps} steps, after which the training goes on: name the \
         --log of the interrupted run, or use --force to start anew"
    );
    file.set_len(end as u64)?;
    file.seek(SeekFrom::End(0))?;
    Ok(file)
}
