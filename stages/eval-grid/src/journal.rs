//! `OUTPUT.partial`: the finished points of a run that is not over, so that nothing is lost when it is killed.
//!
//! One line of JSON says what is measured; then each point is a record of fixed size: its index (u64), its values (f64)
//! and a CRC-32 of both, little-endian. A record that was torn by a crash fails its check and is cut off.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
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
    /// One of another measurement (`--force` discards it), or of a run that still goes on.
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
                .resume(&header, metrics.len(), grid.len(), output.force)
                .with_context(|| journal.path.display().to_string())?;
        }
        Ok(journal)
    }

    fn resume(
        &mut self,
        header: &Map<String, Value>,
        values: usize,
        len: usize,
        force: bool,
    ) -> anyhow::Result<()> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(&self.path)?;
        lock(&file)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let line = bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        if bytes[..line] != *self.header.as_bytes() {
            let difference = difference(header, &bytes[..line]);
            match difference {
                Some(difference) if !force => {
                    bail!(
                        "it holds points of another measurement: {difference}; --force discards it"
                    )
                }
                // torn in its first line, before any point, or not wanted
                _ => file.set_len(0)?,
            }
            return Ok(());
        }
        let size = 8 + 8 * values + 4;
        let mut kept = line;
        for record in bytes[line..].chunks_exact(size) {
            let Some((point, numbers)) = decode(record).filter(|(point, _)| *point < len) else {
                break;
            };
            self.points.insert(point, numbers);
            kept += size;
        }
        file.set_len(kept as u64)?;
        file.seek(SeekFrom::End(0))?;
        self.file = Some(file);
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
                let mut file = OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(&self.path)?;
                lock(&file)?;
                file.set_len(0)?;
                file.write_all(self.header.as_bytes())?;
                self.file.insert(file)
            }
        };
        file.write_all(&encode(point, values))?;
        if self.synced.elapsed() >= SYNC_EVERY {
            file.sync_data()?;
            self.synced = Instant::now();
        }
        Ok(())
    }

    /// Removes it, once its points stand in the output.
    pub(crate) fn remove(self) {
        // what is left of it holds the points of the finished output, and does no harm
        let _ = fs::remove_file(&self.path);
    }
}

/// Two runs must not write one journal. A file system without locks is trusted.
fn lock(file: &File) -> anyhow::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            bail!("another run is writing it: wait for that, or use another --output")
        }
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

fn encode(point: usize, values: &[f64]) -> Vec<u8> {
    let mut record: Vec<u8> = (point as u64).to_le_bytes().into();
    record.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    let check = crc32fast::hash(&record);
    record.extend(check.to_le_bytes());
    record
}

fn decode(record: &[u8]) -> Option<(usize, Vec<f64>)> {
    let (body, check) = record.split_last_chunk::<4>()?;
    let (point, values) = body.split_first_chunk::<8>()?;
    let whole = crc32fast::hash(body) == u32::from_le_bytes(*check);
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
        ("journal", json!("eval-grid 3")),
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

/// The first thing in which another journal's header differs; `None` where that is no header.
fn difference(mine: &Map<String, Value>, theirs: &[u8]) -> Option<String> {
    let theirs: Map<String, Value> = serde_json::from_slice(theirs).ok()?;
    let (name, value) = mine
        .iter()
        .find(|(name, value)| theirs.get(*name) != Some(value))?;
    Some(format!(
        "{name} is {} there, {value} here",
        theirs.get(name).unwrap_or(&Value::Null)
    ))
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
    }

    #[test]
    fn two_runs_never_share_a_journal() {
        let fixture = Fixture::new();
        let mut first = fixture.open(false).unwrap();
        first.add(3, &[0.1]).unwrap();
        let message = format!("{:#}", fixture.open(false).err().unwrap());
        assert!(message.contains("another run"), "{message}");
    }
}
