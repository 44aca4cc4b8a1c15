//! `OUTPUT.partial`: the finished points of a run that is not over, so that nothing is lost when it
//! is killed. One line of JSON says what is measured, then come [records](crate::record).

mod file;

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use crc32fast::Hasher;
use files::Note;
use serde_json::{Map, Value, json};
use stage::Output;

use crate::record::{self, Found, Record, Records};
use file::{append, is_named, lock};

/// How long points may stay in memory of the operating system, where a power cut loses them.
const SYNC_EVERY: Duration = Duration::from_secs(10);
/// Bytes of another journal's first line that are read, to say in what it differs.
const LONGEST_LINE: usize = 1 << 20;

/// Something that the points depend on, by name.
pub type Setting = (String, Value);

/// The finished points of a shard, on disk.
pub struct Journal {
    path: PathBuf,
    line: String,
    check: Hasher,
    /// Opened with the first point, so that a run that fails before leaves nothing.
    file: Option<File>,
    synced: Instant,
    /// Where the values of each point are.
    records: HashMap<usize, Record>,
}

impl Journal {
    /// The journal beside the output, with the points of an earlier run of the same settings.
    /// Points count from 0 to `points`.
    ///
    /// # Errors
    /// A journal of other settings (`--force` moves it away), or of a run that still goes on.
    pub fn open(output: &Output, settings: Vec<Setting>, points: usize) -> anyhow::Result<Self> {
        let settings: Map<String, Value> = settings.into_iter().collect();
        let line = format!("{}\n", Value::Object(settings.clone()));
        let mut journal = Self {
            path: beside(output, ".partial"),
            check: record::check_of(&line),
            line,
            file: None,
            synced: Instant::now(),
            records: HashMap::new(),
        };
        if journal.path.exists() {
            journal
                .resume(&settings, points, output.force)
                .with_context(|| journal.path.display().to_string())?;
        }
        Ok(journal)
    }

    fn resume(
        &mut self,
        settings: &Map<String, Value>,
        points: usize,
        force: bool,
    ) -> anyhow::Result<()> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(stage::regular(&self.path)?)?;
        lock(&file)?;
        let mut line = Vec::new();
        BufReader::new(&file)
            .take(LONGEST_LINE.max(self.line.len()) as u64)
            .read_until(b'\n', &mut line)?;
        if line == self.line.as_bytes() {
            self.find_records(&file, points)?;
        } else if self.line.as_bytes().starts_with(&line) {
            // torn in its first line, before any point
            file.set_len(0)?;
            file.write_all(self.line.as_bytes())?;
        } else {
            let difference = difference(settings, &line);
            if !force {
                bail!("it holds other points: {difference}; --force moves it away")
            }
            return self.move_away(&file, &difference);
        }
        self.file = Some(file);
        Ok(())
    }

    /// Finds the records of a journal, cuts off a torn end and says what is damaged.
    fn find_records(&mut self, file: &File, points: usize) -> anyhow::Result<()> {
        let mut damaged = 0;
        let mut records = Records::from(file, &self.check, self.line.len() as u64)?;
        while let Some(found) = records.next()? {
            match found {
                Found::Record(record) if record.point < points => {
                    self.records.insert(record.point, record);
                }
                Found::Record(_) => {}
                Found::Damaged(bytes) => damaged += bytes,
                Found::Torn(bytes) => file.set_len(file.metadata()?.len() - bytes)?,
            }
        }
        if damaged > 0 {
            stage::tell(format_args!(
                "warning: {damaged} bytes of {} are damaged: {} points are kept, the lost ones are \
                 measured again",
                self.path.display(),
                self.records.len()
            ));
        }
        Ok(())
    }

    /// Keeps points that this run cannot use under another name: they may have cost days.
    fn move_away(&self, file: &File, why: &str) -> anyhow::Result<()> {
        if !is_named(file, &self.path) {
            bail!("another run replaced it meanwhile: start this one again");
        }
        for number in 1.. {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            let other = PathBuf::from(name);
            if other.exists() {
                continue;
            }
            fs::rename(&self.path, &other)?;
            let (journal, other) = (self.path.display(), other.display());
            stage::tell(format_args!(
                "{journal} holds other points: {why}; it was moved to {other}"
            ));
            break;
        }
        Ok(())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of finished points.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether no point is finished.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether a point is finished.
    pub fn has(&self, point: usize) -> bool {
        self.records.contains_key(&point)
    }

    /// The values of a finished point, read from disk.
    ///
    /// # Errors
    /// The journal cannot be read, or does not hold the point.
    pub fn values(&self, point: usize) -> anyhow::Result<Vec<f64>> {
        let (Some(file), Some(record)) = (&self.file, self.records.get(&point)) else {
            bail!("{} does not hold point {point}", self.path.display())
        };
        record
            .values(file)
            .with_context(|| format!("{} cannot be read", self.path.display()))
    }

    /// A check that is bound to the settings of this journal.
    pub(crate) fn check(&self) -> &Hasher {
        &self.check
    }

    /// Makes it, unless it is there: from then on no other run of the same command is let in.
    ///
    /// # Errors
    /// It cannot be written, or another run made it.
    pub(crate) fn hold(&mut self) -> anyhow::Result<()> {
        if self.file.is_none() {
            let made = self.create();
            let file =
                made.with_context(|| format!("{} cannot be written", self.path.display()))?;
            self.file = Some(file);
        }
        Ok(())
    }

    /// Writes a finished point down.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, point: usize, values: &[f64]) -> anyhow::Result<()> {
        self.write(point, values)
            .with_context(|| format!("{} cannot be written", self.path.display()))
    }

    fn write(&mut self, point: usize, values: &[f64]) -> anyhow::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let file = self.create()?;
                self.file.insert(file)
            }
        };
        let at = append(file, &record::encode(&self.check, point, values))?;
        let record = Record::at(at, point, values.len());
        self.records.insert(point, record);
        if self.synced.elapsed() >= SYNC_EVERY {
            file.sync_data()?;
            self.synced = Instant::now();
        }
        Ok(())
    }

    /// A new journal with its first line; where that cannot be written, there is none.
    fn create(&self) -> anyhow::Result<File> {
        let opened = OpenOptions::new()
            .read(true)
            .append(true)
            .create_new(true)
            .open(&self.path);
        let mut file = match opened {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                bail!("another run made it meanwhile: the same command goes on from there")
            }
            file => file?,
        };
        lock(&file)?;
        if let Err(why) = file.write_all(self.line.as_bytes()) {
            let _ = fs::remove_file(&self.path);
            return Err(why.into());
        }
        Ok(file)
    }

    /// Removes it, once its points are in the output. Where another file took its name meanwhile,
    /// that one stays.
    pub fn remove(self) {
        if let Some(file) = &self.file
            && is_named(file, &self.path)
        {
            // what is left of it holds the points of the finished output, and does no harm
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The value of a setting that a file says too.
pub fn value_of(note: &Note) -> Value {
    match note {
        Note::Text(text) => json!(text),
        Note::Integer(number) => json!(number),
        Note::Real(number) => json!(number),
    }
}

/// A file beside the output, whose name has `end` behind the output's.
pub(crate) fn beside(output: &Output, end: &str) -> PathBuf {
    let mut name = output.output.file_name().unwrap_or_default().to_owned();
    name.push(end);
    output.output.with_file_name(name)
}

/// The first setting in which another journal differs.
fn difference(mine: &Map<String, Value>, line: &[u8]) -> String {
    let Ok(theirs) = serde_json::from_slice::<Map<String, Value>>(line) else {
        return "its first line is damaged".into();
    };
    for (name, value) in mine {
        let other = theirs.get(name).unwrap_or(&Value::Null);
        if other != value {
            return format!("{name} is {other} there, {value} here");
        }
    }
    "it has settings that this version does not know".into()
}

#[cfg(test)]
mod tests;
