//! Points are measured once each, whatever the threads, and an error keeps what was measured.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeMap;

use anyhow::bail;
use files::Places;
use grid::Grid;
use schedule::{Chunk, Cut, Exchange, Kept, Measure, Next, Point, Start, Stop, measure_points};

/// A bowl with a known surface; each example of the data adds its number to it.
struct Bowl {
    fails_beyond: f64,
}

const EXAMPLES: usize = 10;

impl Measure for Bowl {
    type Worker = ();
    type Partial = Vec<f64>;
    type State = ();

    fn cut(&self, (): &()) -> Cut {
        Cut::Freely(EXAMPLES)
    }

    fn begin(&self, _: Point) {}

    fn pass(
        &self,
        (): &mut (),
        point: Point,
        (): &(),
        chunk: Chunk,
        _: Stop,
    ) -> anyhow::Result<Option<Vec<f64>>> {
        assert!(!self.fails_beyond.is_nan(), "on purpose");
        if point.x > self.fails_beyond {
            bail!("too far out");
        }
        let first = EXAMPLES * chunk.number / chunk.of;
        let end = EXAMPLES * (chunk.number + 1) / chunk.of;
        let bowl = point.x * point.x + point.y * point.y;
        Ok(Some((first..end).map(|k| bowl + k as f64).collect()))
    }

    fn join(&self, all: &mut Vec<f64>, next: Vec<f64>) {
        all.extend(next);
    }

    fn absorb(&self, (): (), all: Vec<f64>) -> anyhow::Result<Next<()>> {
        Ok(Next::Done(all))
    }
}

/// Points from 0 on, and their values.
#[derive(Default)]
struct Found {
    next: usize,
    count: usize,
    values: BTreeMap<usize, Vec<f64>>,
}

impl Exchange for Found {
    fn take(&mut self) -> anyhow::Result<Option<Start>> {
        let point = self.next;
        self.next += 1;
        let start = Start { point, kept: None };
        Ok((point < self.count).then_some(start))
    }

    fn left(&self) -> usize {
        self.count.saturating_sub(self.next)
    }

    fn close(&mut self) {
        self.count = 0;
    }

    fn keep(&mut self, _: usize, _: Kept) -> anyhow::Result<()> {
        bail!("a measure of one pass keeps nothing")
    }

    fn put(&mut self, point: usize, values: Vec<f64>) -> anyhow::Result<()> {
        let before = self.values.insert(point, values);
        assert!(before.is_none(), "point {point} was measured twice");
        Ok(())
    }
}

fn measured(jobs: usize, fails_beyond: f64) -> (anyhow::Result<()>, BTreeMap<usize, Vec<f64>>) {
    let grid = Grid::new(&"-1:1:9".parse().unwrap(), Some(&"0:2:5".parse().unwrap()));
    let places = Places::Grid(grid);
    let mut found = Found {
        count: places.len(),
        ..Found::default()
    };
    let bowl = Bowl { fails_beyond };
    let outcome = measure_points(&bowl, vec![(); jobs], &places, &|| false, &mut found);
    (outcome, found.values)
}

#[test]
fn every_point_is_measured_once_whatever_the_jobs() {
    let (outcome, alone) = measured(1, 2.0);
    assert!(outcome.is_ok());
    assert_eq!(alone.len(), 45);
    assert_eq!(
        alone[&0],
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
    );
    // the last points are cut into chunks
    for jobs in [2, 3, 8, 60] {
        assert_eq!(measured(jobs, 2.0).1, alone);
    }
}

#[test]
#[should_panic(expected = "a scoped thread panicked")]
fn a_panic_ends_the_work() {
    let _ = measured(2, f64::NAN);
}

#[test]
fn an_error_names_the_point_and_keeps_what_was_measured() {
    // of two jobs either may be the first beyond
    let message = format!("{:#}", measured(2, 0.5).0.unwrap_err());
    assert!(message.contains("too far out"), "{message}");
    let (outcome, found) = measured(1, 0.5);
    let message = format!("{:#}", outcome.unwrap_err());
    assert!(
        message.contains("x = 0.75") && message.contains("too far out"),
        "{message}"
    );
    assert!(!found.is_empty() && found.len() < 45);
}
