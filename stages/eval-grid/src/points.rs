use std::{sync::mpsc, time::Duration};

use grid::Grid;

/// Measures a point of the landscape: through libtorch, or, in tests, by a formula.
pub(crate) trait Evaluate: Send {
    /// Called once, in the thread that measures.
    fn start(&mut self) {}

    /// The metrics at a point; `None` where `stop` told it to leave off.
    fn evaluate(&mut self, x: f64, y: f64, stop: &dyn Fn() -> bool) -> anyhow::Result<Option<Vec<f64>>>;
}

/// Where points come from and where their values go: this process, or through MPI another.
pub(crate) trait Exchange {
    /// The next point to measure; `None` where no more is left.
    fn take(&mut self) -> anyhow::Result<Option<usize>>;

    /// A point that was measured.
    fn put(&mut self, point: usize, values: Vec<f64>) -> anyhow::Result<()>;

    /// Gives no more points, to nobody.
    fn close(&mut self) {}

    /// Attends to other processes; whether any of them is still at work.
    fn attend(&mut self) -> anyhow::Result<bool> {
        Ok(false)
    }
}

/// What an evaluator's thread tells the one that exchanges.
enum Event {
    /// It has no point.
    Idle(usize),
    Measured(usize, anyhow::Result<Vec<f64>>),
    Ended,
}

/// Measures points until there are no more, each evaluator in a thread of its own.
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
                    let point = if outcome.is_ok() && !stop() { exchange.take()? } else { None };
                    // the thread waits for it, unless it ended by a panic, which the scope passes on
                    let _ = inboxes[thread].send(point);
                }
                Some(Event::Measured(point, values)) => {
                    outcome = outcome.and(values.and_then(|values| exchange.put(point, values)));
                }
                Some(Event::Ended) => busy -= 1,
                None => {}
            }
        }
    })
}

/// How often other processes are attended to.
const POLL: Duration = Duration::from_millis(1);

/// What a thread does: asks for a point, measures it, tells its values.
fn measure<E: Evaluate>(
    mut evaluator: E,
    thread: usize,
    grid: &Grid,
    stop: &dyn Fn() -> bool,
    points: &mpsc::Receiver<Option<usize>>,
    sender: &mpsc::Sender<Event>,
) {
    evaluator.start();
    // whoever stopped listening wants nothing more
    while sender.send(Event::Idle(thread)).is_ok() {
        let Ok(Some(point)) = points.recv() else { break };
        let (x, y) = grid.point(point);
        let Some(values) = evaluator.evaluate(x, y, stop).transpose() else { break };
        let values = values.map_err(|error| error.context(format!("at point {point} (x = {x}, y = {y})")));
        let _ = sender.send(Event::Measured(point, values));
    }
    let _ = sender.send(Event::Ended);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use anyhow::bail;

    use super::*;

    /// A landscape with a known surface.
    struct Bowl {
        fails_beyond: f64,
    }

    impl Evaluate for Bowl {
        fn evaluate(&mut self, x: f64, y: f64, _: &dyn Fn() -> bool) -> anyhow::Result<Option<Vec<f64>>> {
            if x > self.fails_beyond {
                bail!("too far out");
            }
            Ok(Some(vec![x * x + y * y]))
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

        fn close(&mut self) {
            self.count = 0;
        }

        fn put(&mut self, point: usize, values: Vec<f64>) -> anyhow::Result<()> {
            assert!(self.values.insert(point, values).is_none(), "point {point} was measured twice");
            Ok(())
        }
    }

    fn measured(jobs: usize, fails_beyond: f64) -> (anyhow::Result<()>, BTreeMap<usize, Vec<f64>>) {
        let grid = Grid::new(&"-1:1:9".parse().unwrap(), Some(&"0:2:5".parse().unwrap()));
        let mut found = Found { count: grid.len(), ..Found::default() };
        let bowls = (0..jobs).map(|_| Bowl { fails_beyond }).collect();
        (evaluate(bowls, &grid, &|| false, &mut found), found.values)
    }

    #[test]
    fn every_point_is_measured_once_whatever_the_jobs() {
        let (outcome, alone) = measured(1, 2.0);
        assert!(outcome.is_ok());
        assert_eq!(alone.len(), 45);
        assert_eq!(alone[&0], [1.0]);
        for jobs in [2, 3, 8] {
            assert_eq!(measured(jobs, 2.0).1, alone);
        }
    }

    #[test]
    fn an_error_names_the_point_and_keeps_what_was_measured() {
        // of two jobs either may be the first beyond
        let message = format!("{:#}", measured(2, 0.5).0.unwrap_err());
        assert!(message.contains("too far out"), "{message}");
        let (outcome, found) = measured(1, 0.5);
        let message = format!("{:#}", outcome.unwrap_err());
        assert!(message.contains("x = 0.75") && message.contains("too far out"), "{message}");
        assert!(!found.is_empty() && found.len() < 45);
    }
}
