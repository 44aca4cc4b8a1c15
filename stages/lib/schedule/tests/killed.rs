//! A measure of several passes is killed between and inside its passes. However the points are cut
//! into shards, jobs and ranks, the values are the same to the bit, and no pass that was finished
//! is done again.
//!
//! `RELIEF_MPIRUN` names an `mpirun` (with its options) for the example that was built with MPI;
//! the ranks are tested only then.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use files::{Contents, Shard};
use tempfile::TempDir;

/// The pause between two looks at a run.
const POLL: Duration = Duration::from_millis(1);
const CHUNKS: usize = 5;

/// A cut of the work.
#[derive(Debug, Clone, Copy)]
struct Cut {
    shards: usize,
    jobs: usize,
    ranks: usize,
}

#[test]
fn a_run_of_several_passes_that_is_killed_goes_on_where_it_was() {
    let wanted = undisturbed();
    // CI kills more often
    let kills = match std::env::var_os("RELIEF_LONG_TESTS") {
        Some(_) => 20,
        None => 10,
    };
    for shards in [1, 2, 7] {
        for jobs in [1, 3] {
            for ranks in [1, 2, 4] {
                if ranks == 1 || mpirun().is_some() {
                    let cut = Cut {
                        shards,
                        jobs,
                        ranks,
                    };
                    let values = Killed::new(cut).run(kills);
                    assert_eq!(values, wanted, "{cut:?}");
                }
            }
        }
    }
}

/// The values of a run in one piece.
fn undisturbed() -> HashMap<i64, u64> {
    let folder = TempDir::new().unwrap();
    let cut = Cut {
        shards: 1,
        jobs: 1,
        ranks: 1,
    };
    let ended = start(folder.path(), 1, cut).wait().unwrap();
    assert!(ended.success());
    values_in(folder.path())
}

/// A run that is killed again and again.
struct Killed {
    folder: TempDir,
    cut: Cut,
    /// Lines of the log that were looked at.
    seen: usize,
    random: u64,
    /// Points that went on after a pass that was kept.
    went_on: usize,
}

impl Killed {
    fn new(cut: Cut) -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            cut,
            seen: 0,
            went_on: 0,
            random: 1 + (cut.shards * 100 + cut.jobs * 10 + cut.ranks) as u64,
        }
    }

    /// Kills the shards one after the other, then lets each end; returns the values of all points.
    fn run(mut self, kills: usize) -> HashMap<i64, u64> {
        for kill in 0..kills {
            let number = 1 + kill % self.cut.shards;
            if self.output(number).exists() {
                continue;
            }
            // by what it has done, so that it is the same moment on every machine
            self.random = self.random.wrapping_mul(6_364_136_223_846_793_005) + 1_442_695;
            let chunks = 1 + (self.random >> 33) as usize % (3 * CHUNKS);
            let kept = self.kept_passes();
            let mut run = start(self.folder.path(), number, self.cut);
            let enough = self.log().len() + chunks;
            while self.log().len() < enough {
                if let Some(ended) = run.try_wait().unwrap() {
                    assert!(ended.success(), "{:?}", self.cut);
                    break;
                }
                thread::sleep(POLL);
            }
            kill_all(&mut run, self.folder.path());
            self.check_passes(&kept);
        }
        for number in 1..=self.cut.shards {
            let kept = self.kept_passes();
            if !self.output(number).exists() {
                let ended = start(self.folder.path(), number, self.cut).wait().unwrap();
                assert!(ended.success(), "{:?}", self.cut);
            }
            self.check_passes(&kept);
        }
        assert!(self.went_on > 0, "no state was used: {:?}", self.cut);
        let names = fs::read_dir(self.folder.path()).unwrap();
        for name in names {
            let name = name.unwrap().file_name().into_string().unwrap();
            assert!(!name.contains(".state-"), "{name} was left");
        }
        values_in(self.folder.path())
    }

    /// Checks that no pass was done that a state on disk had behind it.
    fn check_passes(&mut self, kept: &HashMap<usize, usize>) {
        let log = self.log();
        for line in &log[self.seen..] {
            let [point, pass, _] = *line;
            let before = kept.get(&point).copied().unwrap_or(0);
            if pass > 0 && pass == before {
                self.went_on += 1;
            }
            assert!(
                pass >= before,
                "pass {pass} of point {point} was done again after {before}: {:?}",
                self.cut
            );
        }
        self.seen = log.len();
    }

    /// How many passes of each point are kept: those in its state, or all where it is finished.
    fn kept_passes(&self) -> HashMap<usize, usize> {
        let mut kept = HashMap::new();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if let Some((_, point)) = name.split_once(".state-")
                && let Ok(point) = point.parse()
            {
                // the first number of the state, below 128, is its first byte
                let passes = fs::read(&path).unwrap()[0];
                kept.insert(point, usize::from(passes));
            }
        }
        for number in 1..=self.cut.shards {
            for point in journaled(&self.folder.path().join(format!("{number}.h5.partial"))) {
                kept.insert(point, usize::MAX);
            }
        }
        kept
    }

    fn output(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("{number}.h5"))
    }

    /// Point, pass and chunk of each whole line.
    fn log(&self) -> Vec<[usize; 3]> {
        let text = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let mut lines = Vec::new();
        for line in text.split_inclusive('\n') {
            if line.ends_with('\n') {
                let numbers: Vec<usize> = line
                    .split_whitespace()
                    .map(|it| it.parse().unwrap())
                    .collect();
                lines.push(numbers.try_into().unwrap());
            }
        }
        lines
    }
}

/// The points in a journal of one value each.
fn journaled(path: &Path) -> Vec<usize> {
    const RECORD: usize = 4 + 8 + 4 + 4 + 8 + 4;
    let bytes = fs::read(path).unwrap_or_default();
    let line = bytes.iter().position(|byte| *byte == b'\n');
    let Some(line) = line else {
        return Vec::new();
    };
    let mut points = Vec::new();
    for record in bytes[line + 1..].chunks_exact(RECORD) {
        points.push(u64::from_le_bytes(record[4..12].try_into().unwrap()) as usize);
    }
    points
}

/// The bits of the value at each point, of all shards.
fn values_in(folder: &Path) -> HashMap<i64, u64> {
    let mut values = HashMap::new();
    for number in 1.. {
        let path = folder.join(format!("{number}.h5"));
        if !path.exists() {
            break;
        }
        let shard = Shard::read(&path).unwrap();
        for (point, value) in shard.points.iter().zip(&shard.metrics[0].values) {
            let before = values.insert(*point, value.to_bits());
            assert!(before.is_none(), "point {point} is in two shards");
        }
    }
    assert_eq!(values.len(), 12);
    values
}

fn mpirun() -> Option<String> {
    std::env::var("RELIEF_MPIRUN").ok()
}

/// Starts a shard.
fn start(folder: &Path, number: usize, cut: Cut) -> Child {
    let mut words = Vec::new();
    if cut.ranks > 1 {
        words.extend(mpirun().unwrap().split_whitespace().map(String::from));
        words.extend(["-n".into(), cut.ranks.to_string()]);
    }
    words.push(example().to_str().unwrap().into());
    Command::new(&words[0])
        .args(&words[1..])
        .arg(format!("{number}.h5"))
        .arg(format!("{number}/{}", cut.shards))
        .arg(cut.jobs.to_string())
        .arg("log")
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Kills all processes of a run: those that work in its folder. (Ranks of MPI leave the process
/// group of mpirun.)
fn kill_all(run: &mut Child, folder: &Path) {
    loop {
        let mut found = false;
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            if fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == folder) {
                let number = entry.file_name();
                let killed = Command::new("kill").arg("-KILL").arg(&number).output();
                assert!(killed.is_ok(), "there is no kill");
                found = true;
            }
        }
        // a process that was killed has no folder any more
        let ended = run.try_wait().unwrap().is_some();
        if ended && !found {
            return;
        }
        thread::sleep(POLL);
    }
}

/// The example, which is built beside this test.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    folder.join("examples/eigenvalue")
}
