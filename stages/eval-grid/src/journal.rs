//! `OUTPUT.partial`: the finished points of a run that is not over, so that nothing is lost when it is killed.
//!
//! One line of JSON says what is measured; then each point is a record of fixed size: its index (u64), its values (f64)
//! and a CRC-32 of the line and both, little-endian. A record of another journal, or one that was damaged, fails its check, and its point is measured again.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use files::Measurement;
use grid::{Grid, Shard};
use serde_json::{Map, Value, json};
use stage::Output;

/// How long points may stay in memory of the operating system, where a power cut loses them.
const SYNC_EVERY: Duration = Duration::from_secs(10);

/// The finished points of a shard, on disk.
pub(crate) struct Journal {
    path: PathBuf,
    header: String,
    /// Opened with the first point, so that a run that fails before leaves nothing.
    file: Option<File>,
    synced: Instant,
    points: HashMap<usize, Vec<f64>>,
}

impl Journal {
    /// The journal beside the output, with the points of an earlier run of the same measurement.
    ///
    /// # Errors
    /// One of another measurement (`--force` moves it away), or of a run that still goes on.
    pub(crate) fn open(
        output: &Output,
        measurement: &Measurement,
        grid: &Grid,
        shard: Shard,
        metrics: &[String],
    ) -> anyhow::Result<Self> {
        let mut name = output.output.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let path = output.output.with_file_name(name);
        let header = header(measurement, grid, shard, metrics);
        let mut journal = Self {
            path,
            header: format!("{}\n", Value::Object(header.clone())),
            file: None,
            synced: Instant::now(),
            points: HashMap::new(),
        };
        if journal.path.exists() {
            journal
                .resume(&header, metrics.len(), grid.len(), output)
                .with_context(|| journal.path.display().to_string())?;
        }
        Ok(journal)
    }

    fn resume(
        &mut self,
        header: &Map<String, Value>,
        values: usize,
        len: usize,
        output: &Output,
    ) -> anyhow::Result<()> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(stage::regular(&self.path)?)?;
        lock(&file)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let Some(records) = bytes.strip_prefix(self.header.as_bytes()) else {
            // torn in its first line, before any point
            if self.header.as_bytes().starts_with(&bytes) {
                file.set_len(0)?;
                file.write_all(self.header.as_bytes())?;
                self.file = Some(file);
                return Ok(());
            }
            let difference = difference(header, &bytes);
            if !output.force {
                bail!("it holds other points: {difference}; --force moves it away")
            }
            return self.move_away(&file, &difference);
        };
        let size = 8 + 8 * values + 4;
        let records = records.chunks_exact(size);
        let torn = records.remainder().len();
        for record in records {
            if let Some((point, numbers)) =
                decode(&self.header, record).filter(|(point, _)| *point < len)
            {
                self.points.insert(point, numbers);
            }
        }
        file.set_len((bytes.len() - torn) as u64)?;
        self.file = Some(file);
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
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The number of finished points.
    pub(crate) fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether a point is finished.
    pub(crate) fn has(&self, point: usize) -> bool {
        self.points.contains_key(&point)
    }

    /// The values of a finished point.
    pub(crate) fn values(&self, point: usize) -> &[f64] {
        &self.points[&point]
    }

    /// Writes a finished point down.
    pub(crate) fn add(&mut self, point: usize, values: &[f64]) -> anyhow::Result<()> {
        self.write(point, values)
            .with_context(|| format!("{} cannot be written", self.path.display()))?;
        self.points.insert(point, values.into());
        Ok(())
    }

    fn write(&mut self, point: usize, values: &[f64]) -> anyhow::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let file = self.create()?;
                self.file.insert(file)
            }
        };
        append(file, &encode(&self.header, point, values))?;
        if self.synced.elapsed() >= SYNC_EVERY {
            file.sync_data()?;
            self.synced = Instant::now();
        }
        Ok(())
    }

    /// A new journal with its first line; where that cannot be written, there is none.
    fn create(&self) -> anyhow::Result<File> {
        let mut file = match OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&self.path)
        {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                bail!("another run made it meanwhile: the same command goes on from there")
            }
            file => file?,
        };
        lock(&file)?;
        if let Err(why) = file.write_all(self.header.as_bytes()) {
            let _ = fs::remove_file(&self.path);
            return Err(why.into());
        }
        Ok(file)
    }

    /// Removes it, once its points stand in the output. Where another file took its name meanwhile, that one stays.
    pub(crate) fn remove(self) {
        if let Some(file) = &self.file
            && is_named(file, &self.path)
        {
            // what is left of it holds the points of the finished output, and does no harm
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether a path still leads to an open file.
fn is_named(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), fs::metadata(path)) else {
        return false;
    };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

/// Two runs must not write one journal. Where a file system has no locks, it is said.
fn lock(file: &File) -> anyhow::Result<()> {
    let locked = loop {
        match file.try_lock() {
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            locked => break locked,
        }
    };
    match locked {
        Err(TryLockError::WouldBlock) => {
            bail!("another run is writing it: wait for that, or use another --output")
        }
        Err(TryLockError::Error(why)) => {
            stage::tell(format_args!(
                "warning: the points of a run cannot be locked here ({why}): start no second run with the same --output"
            ));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Appends a record, whole or not at all: other points of this run may follow it.
fn append(file: &mut File, record: &[u8]) -> std::io::Result<()> {
    let before = file.metadata()?.len();
    let written = file.write_all(record);
    if written.is_err() {
        let _ = file.set_len(before);
    }
    written
}

/// The check of a record, which binds it to the first line of its journal.
fn check(header: &str, record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header.as_bytes());
    hasher.update(record);
    hasher.finalize()
}

fn encode(header: &str, point: usize, values: &[f64]) -> Vec<u8> {
    let mut record: Vec<u8> = (point as u64).to_le_bytes().into();
    record.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    let check = check(header, &record);
    record.extend(check.to_le_bytes());
    record
}

fn decode(header: &str, record: &[u8]) -> Option<(usize, Vec<f64>)> {
    let (body, recorded) = record.split_last_chunk::<4>()?;
    let (point, values) = body.split_first_chunk::<8>()?;
    let whole = check(header, body) == u32::from_le_bytes(*recorded);
    let (values, _) = values.as_chunks::<8>();
    whole.then(|| {
        (
            u64::from_le_bytes(*point) as usize,
            values
                .iter()
                .map(|value| f64::from_le_bytes(*value))
                .collect(),
        )
    })
}

/// Everything that the points depend on.
fn header(
    measurement: &Measurement,
    grid: &Grid,
    shard: Shard,
    metrics: &[String],
) -> Map<String, Value> {
    let Measurement {
        model,
        data,
        directions,
        loss,
        ignore_index,
        class_axis,
        precision,
        batch,
        limit,
        stop_above,
    } = measurement;
    let mut header = Map::new();
    for (name, value) in [
        ("journal", json!("eval-grid 4")),
        ("model", json!(model.id)),
        ("data", json!(data.id)),
        ("directions", json!(directions.id)),
        ("loss", json!(loss)),
        ("ignore_index", json!(ignore_index)),
        ("class_axis", json!(class_axis)),
        ("precision", json!(precision)),
        ("batch", json!(batch)),
        ("limit", json!(limit)),
        ("stop_above", json!(stop_above)),
        ("x", json!(grid.x)),
        ("y", json!(grid.y)),
        ("shard", json!(shard.to_string())),
        ("metrics", json!(metrics)),
    ] {
        header.insert(name.into(), value);
    }
    header
}

/// The first thing in which another journal differs.
fn difference(mine: &Map<String, Value>, theirs: &[u8]) -> String {
    let line = theirs
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let Ok(theirs) = serde_json::from_slice::<Map<String, Value>>(line) else {
        return "its first line is damaged".into();
    };
    for (name, value) in mine {
        let other = theirs.get(name).unwrap_or(&Value::Null);
        if other != value {
            return format!("{name} is {other} there, {value} here");
        }
    }
    "its first line is written in another way".into()
}

#[cfg(test)]
mod tests {
    use files::Origin;

    use super::*;

    struct Fixture {
        folder: tempfile::TempDir,
        measurement: Measurement,
    }

    impl Fixture {
        fn new() -> Self {
            let origin = |id: &str| Origin {
                id: id.into(),
                command: "made by hand".into(),
            };
            let measurement = Measurement {
                model: origin("m"),
                data: origin("d"),
                directions: origin("v"),
                loss: "mse".into(),
                ignore_index: None,
                class_axis: None,
                precision: "f32".into(),
                batch: 8,
                limit: None,
                stop_above: None,
            };
            Self {
                folder: tempfile::tempdir().unwrap(),
                measurement,
            }
        }

        fn open(&self, force: bool) -> anyhow::Result<Journal> {
            let output = Output {
                output: self.folder.path().join("s.h5"),
                force,
                quiet: true,
            };
            let grid = Grid::new(&"0:1:11".parse().unwrap(), None);
            Journal::open(
                &output,
                &self.measurement,
                &grid,
                Shard::WHOLE,
                &["train_loss".into()],
            )
        }

        fn file(&self) -> PathBuf {
            self.folder.path().join("s.h5.partial")
        }
    }

    #[test]
    fn nothing_is_written_before_the_first_point() {
        let fixture = Fixture::new();
        drop(fixture.open(false).unwrap());
        assert!(!fixture.file().exists());
    }

    #[test]
    fn a_torn_record_is_cut_off_and_the_rest_kept_bit_for_bit() {
        let fixture = Fixture::new();
        let mut journal = fixture.open(false).unwrap();
        journal.add(3, &[0.1]).unwrap();
        journal.add(5, &[f64::NAN]).unwrap();
        drop(journal);
        let whole = fs::read(fixture.file()).unwrap();
        for cut in 1..40 {
            fs::write(fixture.file(), &whole[..whole.len() - cut]).unwrap();
            let mut journal = fixture.open(false).unwrap();
            let left = if cut <= 20 { 1 } else { 0 };
            assert_eq!(journal.points.len(), left, "{cut} bytes short");
            journal.add(7, &[0.7]).unwrap();
            drop(journal);
            let again = fixture.open(false).unwrap();
            assert_eq!(
                (again.points.len(), again.values(7)),
                (left + 1, &[0.7][..])
            );
        }
        fs::write(fixture.file(), &whole).unwrap();
        let journal = fixture.open(false).unwrap();
        assert_eq!(
            (journal.values(3), journal.values(5)[0].is_nan()),
            (&[0.1][..], true)
        );
    }

    #[test]
    fn points_of_another_measurement_are_refused_by_name() {
        let mut fixture = Fixture::new();
        fixture.open(false).unwrap().add(3, &[0.1]).unwrap();
        fixture.measurement.batch = 16;
        let message = format!("{:#}", fixture.open(false).err().unwrap());
        assert!(
            message.contains("batch is 8 there, 16 here") && message.contains("--force"),
            "{message}"
        );
        assert!(fixture.open(true).unwrap().points.is_empty());
        // --force keeps them aside
        let mut moved = fixture.file().into_os_string();
        moved.push(".1");
        fs::rename(moved, fixture.file()).unwrap();
        fixture.measurement.batch = 8;
        assert_eq!(fixture.open(false).unwrap().values(3), &[0.1]);
    }

    #[test]
    fn a_damaged_record_costs_its_own_point_only() {
        let fixture = Fixture::new();
        let mut journal = fixture.open(false).unwrap();
        for point in 0..5 {
            journal.add(point, &[0.5]).unwrap();
        }
        drop(journal);
        let whole = fs::read(fixture.file()).unwrap();
        let records = whole.len() - 5 * 20;
        for place in records..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 1;
            fs::write(fixture.file(), &bytes).unwrap();
            let mut journal = fixture.open(false).unwrap();
            let damaged = (place - records) / 20;
            assert_eq!((journal.len(), journal.has(damaged)), (4, false));
            journal.add(damaged, &[0.25]).unwrap();
            drop(journal);
            let again = fixture.open(false).unwrap();
            assert_eq!((again.len(), again.values(damaged)), (5, &[0.25][..]));
        }
        // without its first line nobody knows what the points are
        let mut bytes = whole.clone();
        bytes[0] ^= 1;
        fs::write(fixture.file(), &bytes).unwrap();
        let message = format!("{:#}", fixture.open(false).err().unwrap());
        assert!(message.contains("damaged"), "{message}");
    }

    #[test]
    fn two_runs_never_share_a_journal() {
        let fixture = Fixture::new();
        let mut first = fixture.open(false).unwrap();
        first.add(3, &[0.1]).unwrap();
        let message = format!("{:#}", fixture.open(false).err().unwrap());
        assert!(message.contains("another run"), "{message}");
    }

    #[test]
    fn a_journal_that_took_its_name_meanwhile_stays() {
        let fixture = Fixture::new();
        let mut first = fixture.open(false).unwrap();
        first.add(3, &[0.1]).unwrap();
        fs::remove_file(fixture.file()).unwrap();
        fixture.open(false).unwrap().add(5, &[0.2]).unwrap();
        first.remove();
        assert!(fixture.open(false).unwrap().has(5));
    }
}
