//! A stage with a measure of several passes, for tests: the largest eigenvalue of an analytic
//! quadratic by power iteration, `eigenvalue OUTPUT I/N JOBS LOG`.
//!
//! The quadratic at a point is the mean of one per example of the data. A pass multiplies a vector
//! with its Hessian, in chunks of fixed size, and keeps the vector. Each chunk that is measured is
//! a line of LOG: `POINT PASS CHUNK`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use files::{Contents, Measurement, MetricMeaning, Origin, Places, Provenance, Quantity, Shard};
use grid::Grid;
use schedule::{
    Chunk, Column, Cut, Exchange, Journal, Measure, Next, Point, Points, Ranks, State, States,
    Stop, Vectors, measure_points, metrics,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use stage::Progress;

const SIZE: usize = 8;
const PASSES: usize = 6;
const CHUNKS: usize = 5;
const EXAMPLES: usize = 7;
/// What a chunk takes, so that a run can be killed inside a pass.
const CHUNK_TAKES: Duration = Duration::from_millis(1);

struct PowerIteration {
    log: File,
}

/// The vector after some passes, and its length before it was scaled to one.
#[derive(Serialize, Deserialize)]
struct Iterate {
    passes: usize,
    vector: [f64; SIZE],
    length: f64,
    /// The vectors before it, of which some passes forget the earlier ones.
    #[serde(skip)]
    before: Vec<[u8; 8 * SIZE]>,
}

/// The passes after which the vectors before it are forgotten.
const FORGETS: usize = 4;

impl Iterate {
    /// How many vectors come before it.
    fn count(&self) -> usize {
        self.passes % FORGETS
    }
}

impl State for Iterate {
    fn vectors(&self) -> Vectors<'_> {
        Vectors {
            generation: (self.passes / FORGETS) as u64,
            all: self.before.iter().map(|vector| &vector[..]).collect(),
        }
    }

    fn restore(&mut self, vectors: &[Vec<u8>]) -> bool {
        for vector in vectors {
            let Ok(vector) = vector[..].try_into() else {
                return false;
            };
            self.before.push(vector);
        }
        self.before.len() == self.count()
    }
}

impl Measure for PowerIteration {
    type Worker = ();
    type Partial = [f64; SIZE];
    type State = Iterate;

    fn cut(&self, _: &Iterate) -> Cut {
        Cut::Always(CHUNKS)
    }

    fn begin(&self, _: Point) -> Iterate {
        Iterate {
            passes: 0,
            vector: [1.0; SIZE],
            length: f64::NAN,
            before: Vec::new(),
        }
    }

    fn pass(
        &self,
        (): &mut (),
        point: Point,
        state: &Iterate,
        chunk: Chunk,
        _: Stop,
    ) -> anyhow::Result<Option<[f64; SIZE]>> {
        std::thread::sleep(CHUNK_TAKES);
        let mut product = [0.0; SIZE];
        for example in chunk.number * EXAMPLES..(chunk.number + 1) * EXAMPLES {
            for (row, sum) in product.iter_mut().enumerate() {
                for (column, value) in state.vector.iter().enumerate() {
                    *sum += entry(point, example, row, column) * value;
                }
            }
        }
        let line = format!("{} {} {}\n", point.number, state.passes, chunk.number);
        (&self.log).write_all(line.as_bytes())?;
        Ok(Some(product))
    }

    fn join(&self, all: &mut [f64; SIZE], next: [f64; SIZE]) {
        for (sum, value) in all.iter_mut().zip(next) {
            *sum += value;
        }
    }

    fn absorb(&self, state: Iterate, all: [f64; SIZE]) -> anyhow::Result<Next<Iterate>> {
        let examples = (CHUNKS * EXAMPLES) as f64;
        let mut length = 0.0;
        for value in all {
            length += (value / examples).powi(2);
        }
        let length = length.sqrt();
        let passes = state.passes + 1;
        if passes == PASSES {
            return Ok(Next::Done(vec![length]));
        }
        let mut before = state.before;
        before.push(bytes(&state.vector));
        if passes.is_multiple_of(FORGETS) {
            before.clear();
        }
        Ok(Next::Again(Iterate {
            passes,
            vector: all.map(|value| value / examples / length),
            length,
            before,
        }))
    }
}

/// A vector as bytes.
fn bytes(vector: &[f64; SIZE]) -> [u8; 8 * SIZE] {
    let mut bytes = [0; 8 * SIZE];
    for (value, place) in vector.iter().zip(bytes.as_chunks_mut::<8>().0) {
        *place = value.to_le_bytes();
    }
    bytes
}

/// An entry of the Hessian of an example: symmetric, and another one at each point.
fn entry(point: Point, example: usize, row: usize, column: usize) -> f64 {
    let wave = ((row + 1) * (column + 1) * (example + 3)) as f64;
    let diagonal = if row == column { 2.0 + row as f64 } else { 0.0 };
    diagonal + 0.3 * (wave * (1.0 + point.x) + point.y).sin()
}

fn column() -> Column {
    Column {
        quantity: Quantity::new("max_eig", MetricMeaning::Eigenvalue, "", None),
        at_least: false,
        stderr: false,
    }
}

fn main() -> ExitCode {
    stage::run(std::env::args().collect(), run)
}

fn run(args: Vec<String>) -> anyhow::Result<()> {
    let [_, output, part, jobs, log] = &args[..] else {
        anyhow::bail!("eigenvalue OUTPUT I/N JOBS LOG");
    };
    let part: grid::Shard = part.parse()?;
    let jobs: usize = jobs.parse()?;
    let ranks = Ranks::start()?;
    let grid = Grid::new(&"-1:1:4".parse()?, Some(&"0:1:3".parse()?));
    let places = Places::Grid(grid);
    let log = OpenOptions::new().append(true).create(true).open(log)?;
    let measure = PowerIteration { log };
    let work = |exchange: &mut dyn Exchange| {
        measure_points(&measure, vec![(); jobs], &places, &|| false, exchange)
    };
    if !ranks.leads() {
        return ranks.follow(work);
    }
    let output = stage::Output {
        output: PathBuf::from(output),
        force: false,
        quiet: true,
    };
    let points: Vec<usize> = part.points(places.len()).collect();
    let settings = vec![("shard".to_string(), json!(part.to_string()))];
    let mut journal = Journal::open(&output, settings, places.len())?;
    let mut states = States::find(&output, &journal);
    let progress = Progress::new("points", points.len(), journal.len(), 1, true);
    ranks.lead(
        Points::new(&points, &mut journal, &mut states, progress),
        work,
    )?;
    let shard = Shard {
        metrics: metrics(&[column()], &points, &journal)?,
        points: points.iter().map(|point| *point as i64).collect(),
        places,
        part,
        measurement: measurement(),
        dir_file: String::new(),
        seconds_per_point: None,
        working_batch: None,
        precision_error: None,
        plane: Vec::new(),
    };
    shard.write(&output.target(), &Provenance::of_this_command(&[]))?;
    journal.remove();
    Ok(())
}

fn measurement() -> Measurement {
    let origin = |id: &str| Origin {
        id: id.into(),
        command: "a test".into(),
    };
    Measurement {
        model: origin("quadratic"),
        data: origin("data"),
        directions: origin("directions"),
        points: None,
        start: None,
        loss: "regression".into(),
        ignore_index: None,
        class_axis: None,
        precision: "f64".into(),
        batch: EXAMPLES,
        limit: None,
        stop_above: None,
        recalibrate_bn: None,
        recalibrate_batch: None,
        at_checkpoints: false,
        hessian: None,
    }
}
