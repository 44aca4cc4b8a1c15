use std::{collections::HashMap, sync::mpsc, time::Duration};

use anyhow::Context;
use grid::Grid;

/// Measures points of the landscape: through libtorch, or, in tests, by a formula.
pub(crate) trait Evaluate: Send {
    /// What is measured of a part of the data.
    type Measured: Send;

    /// Called once, in the thread that measures.
    fn start(&mut self) {}

    /// The most parts that the data can be cut into.
    fn most_parts(&self) -> usize;

    /// Measures a part of the data at a point; `None` where `stop` told it to leave off.
    fn measure(
        &mut self,
        x: f64,
        y: f64,
        part: Part,
        stop: &dyn Fn() -> bool,
    ) -> anyhow::Result<Option<Self::Measured>>;

    /// The metrics at a point, of all parts in their order.
    fn values(parts: Vec<Self::Measured>) -> anyhow::Result<Vec<f64>>;
}

/// A part of the data, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) number: usize,
    pub(crate) of: usize,
}

/// Where points come from and where their values go: this process, or through MPI another.
pub(crate) trait Exchange {
    /// The next point to measure; `None` where no more is left.
    fn take(&mut self) -> anyhow::Result<Option<usize>>;

    /// How many are left, as far as is known.
    fn left(&self) -> usize {
        usize::MAX
    }

    /// A point that was measured.
    fn put(&mut self, point: usize, values: Vec<f64>) -> anyhow::Result<()>;

    /// Gives no more points, to nobody.
    fn close(&mut self) {}

    /// Attends to other processes; whether any of them is still at work.
    fn attend(&mut self) -> anyhow::Result<bool> {
        Ok(false)
    }
}

/// Work of a thread: a point, or a part of it.
#[derive(Debug, Clone, Copy)]
struct Task {
    point: usize,
    part: Part,
}

/// What an evaluator's thread tells the one that exchanges.
enum Event<M> {
    /// It has no point.
    Idle(usize),
    Measured(Task, anyhow::Result<M>),
    Ended,
}

/// Measures points until there are no more, each evaluator in a thread of its own; of the last points, which are fewer than
/// the evaluators, each measures parts.
///
/// The values do not depend on the number of evaluators, the order in which they are put does. The first error ends the
/// work, after the points at hand were handed over; where `stop` says so, it ends soon and those are left.
pub(crate) fn evaluate<E: Evaluate>(
    evaluators: Vec<E>,
    grid: &Grid,
    stop: &(dyn Fn() -> bool + Sync),
    exchange: &mut (impl Exchange + ?Sized),
) -> anyhow::Result<()> {
    let (sender, events) = mpsc::channel();
    let mut tasks = Tasks::new(&evaluators);
    std::thread::scope(|scope| {
        let mut inboxes = Vec::new();
        for (thread, evaluator) in evaluators.into_iter().enumerate() {
            let (inbox, points) = mpsc::channel();
            let sender = sender.clone();
            scope.spawn(move || measure(evaluator, thread, grid, stop, &points, &sender));
            inboxes.push(inbox);
        }
        let (mut busy, mut outcome) = (inboxes.len(), Ok(()));
        loop {
            if outcome.is_err() || stop() {
                exchange.close();
            }
            let others = exchange.attend()?;
            if busy == 0 && !others {
                return outcome;
            }
            // other processes cannot wake this thread
            let event = match others {
                true => events.recv_timeout(POLL).ok(),
                false => events.recv().ok(),
            };
            match event {
                Some(Event::Idle(thread)) => {
                    let task = if outcome.is_ok() && !stop() {
                        tasks.next(exchange)?
                    } else {
                        None
                    };
                    // the thread waits for it, unless it ended by a panic, which the scope passes on
                    let _ = inboxes[thread].send(task);
                }
                Some(Event::Measured(task, measured)) => {
                    outcome =
                        outcome.and(measured.and_then(
                            |measured| {
                                match tasks.whole(task, measured) {
                                    Some(parts) => exchange
                                        .put(task.point, at(grid, task.point, E::values(parts))?),
                                    None => Ok(()),
                                }
                            },
                        ));
                }
                Some(Event::Ended) => busy -= 1,
                None => {}
            }
        }
    })
}

/// How often other processes are attended to.
const POLL: Duration = Duration::from_millis(1);

/// Points and their parts, handed out one by one and put together again.
struct Tasks<M> {
    jobs: usize,
    /// Parts of a point, where it is cut.
    parts: usize,
    /// Parts of a point that nobody has yet, the first one last.
    cut: Vec<Task>,
    /// What was measured of points that are cut.
    measured: HashMap<usize, Vec<Option<M>>>,
}

impl<M: Send> Tasks<M> {
    /// Parts for each job, so that none waits long for the last.
    const PARTS: usize = 4;

    fn new<E: Evaluate<Measured = M>>(evaluators: &[E]) -> Self {
        let (jobs, most) = (
            evaluators.len(),
            evaluators.first().map_or(1, E::most_parts),
        );
        let parts = (Self::PARTS * jobs).min(most).max(1);
        Self {
            jobs,
            parts,
            cut: Vec::new(),
            measured: HashMap::new(),
        }
    }

    fn next(&mut self, exchange: &mut (impl Exchange + ?Sized)) -> anyhow::Result<Option<Task>> {
        if self.cut.is_empty() {
            let of = if exchange.left() < self.jobs {
                self.parts
            } else {
                1
            };
            let Some(point) = exchange.take()? else {
                return Ok(None);
            };
            self.cut.extend((0..of).rev().map(|number| Task {
                point,
                part: Part { number, of },
            }));
        }
        Ok(self.cut.pop())
    }

    /// All parts of a point, in order, when this was the last.
    fn whole(&mut self, Task { point, part }: Task, measured: M) -> Option<Vec<M>> {
        let parts = self
            .measured
            .entry(point)
            .or_insert_with(|| (0..part.of).map(|_| None).collect());
        parts[part.number] = Some(measured);
        if parts.iter().any(Option::is_none) {
            return None;
        }
        self.measured.remove(&point)?.into_iter().collect()
    }
}

/// What a thread does: asks for a task, measures, tells what it found.
fn measure<E: Evaluate>(
    mut evaluator: E,
    thread: usize,
    grid: &Grid,
    stop: &dyn Fn() -> bool,
    tasks: &mpsc::Receiver<Option<Task>>,
    sender: &mpsc::Sender<Event<E::Measured>>,
) {
    // also where the evaluator panics, which the scope then passes on
    let _ended = Ended(sender);
    evaluator.start();
    // whoever stopped listening wants nothing more
    while sender.send(Event::Idle(thread)).is_ok() {
        let Ok(Some(task)) = tasks.recv() else { break };
        let (x, y) = grid.point(task.point);
        let Some(measured) = evaluator.measure(x, y, task.part, stop).transpose() else {
            break;
        };
        let _ = sender.send(Event::Measured(task, at(grid, task.point, measured)));
    }
}

/// Tells that a thread ends, however it does.
struct Ended<'a, M>(&'a mpsc::Sender<Event<M>>);

impl<M> Drop for Ended<'_, M> {
    fn drop(&mut self) {
        let _ = self.0.send(Event::Ended);
    }
}

/// An error says at which point.
fn at<T>(grid: &Grid, point: usize, outcome: anyhow::Result<T>) -> anyhow::Result<T> {
    let (x, y) = grid.point(point);
    outcome.with_context(|| format!("at point {point} (x = {x}, y = {y})"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use anyhow::bail;

    use super::*;

    /// A landscape with a known surface; what each example of the data adds to it is its number.
    struct Bowl {
        fails_beyond: f64,
    }

    const EXAMPLES: usize = 10;

    impl Evaluate for Bowl {
        type Measured = Vec<f64>;

        fn most_parts(&self) -> usize {
            EXAMPLES
        }

        fn measure(
            &mut self,
            x: f64,
            y: f64,
            part: Part,
            _: &dyn Fn() -> bool,
        ) -> anyhow::Result<Option<Vec<f64>>> {
            assert!(!self.fails_beyond.is_nan(), "on purpose");
            if x > self.fails_beyond {
                bail!("too far out");
            }
            let start = |number| EXAMPLES * number / part.of;
            Ok(Some(
                (start(part.number)..start(part.number + 1))
                    .map(|k| x * x + y * y + k as f64)
                    .collect(),
            ))
        }

        fn values(parts: Vec<Vec<f64>>) -> anyhow::Result<Vec<f64>> {
            Ok(parts.concat())
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
        fn take(&mut self) -> anyhow::Result<Option<usize>> {
            self.next += 1;
            Ok(Some(self.next - 1).filter(|point| *point < self.count))
        }

        fn left(&self) -> usize {
            self.count.saturating_sub(self.next)
        }

        fn close(&mut self) {
            self.count = 0;
        }

        fn put(&mut self, point: usize, values: Vec<f64>) -> anyhow::Result<()> {
            assert!(
                self.values.insert(point, values).is_none(),
                "point {point} was measured twice"
            );
            Ok(())
        }
    }

    fn measured(jobs: usize, fails_beyond: f64) -> (anyhow::Result<()>, BTreeMap<usize, Vec<f64>>) {
        let grid = Grid::new(&"-1:1:9".parse().unwrap(), Some(&"0:2:5".parse().unwrap()));
        let mut found = Found {
            count: grid.len(),
            ..Found::default()
        };
        let bowls = (0..jobs).map(|_| Bowl { fails_beyond }).collect();
        (evaluate(bowls, &grid, &|| false, &mut found), found.values)
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
        // the last points are cut into parts
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
}
