use std::sync::{
    atomic::{AtomicBool, AtomicUsize, Ordering},
    mpsc,
};

use grid::Grid;

/// Measures a point of the landscape: through libtorch, or, in tests, by a formula.
pub(crate) trait Evaluate: Send {
    /// Called once, in the thread that measures.
    fn start(&mut self) {}

    /// The metrics at a point; `None` where `stop` told it to leave off.
    fn evaluate(&mut self, x: f64, y: f64, stop: &dyn Fn() -> bool) -> anyhow::Result<Option<Vec<f64>>>;
}

/// Measures the points `todo`, each evaluator in a thread of its own, and hands each result to `done` as it comes.
///
/// The values do not depend on the number of evaluators, the order in which `done` sees them does. The first error ends
/// the work, after the points at hand were handed over; where `stop` says so, it ends soon and those are left.
pub(crate) fn evaluate<E: Evaluate>(
    evaluators: Vec<E>,
    todo: &[usize],
    grid: &Grid,
    stop: &(dyn Fn() -> bool + Sync),
    mut done: impl FnMut(usize, Vec<f64>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (next, failed) = (&AtomicUsize::new(0), &AtomicBool::new(false));
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for mut evaluator in evaluators {
            let sender = sender.clone();
            scope.spawn(move || {
                evaluator.start();
                while !failed.load(Ordering::Relaxed) && !stop() {
                    let Some(&point) = todo.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                    let (x, y) = grid.point(point);
                    let Some(values) = evaluator.evaluate(x, y, stop).transpose() else { break };
                    let values = values.map_err(|error| error.context(format!("at point {point} (x = {x}, y = {y})")));
                    if sender.send((point, values)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut outcome = Ok(());
        for (point, values) in results {
            let handed = values.and_then(|values| done(point, values));
            if handed.is_err() {
                failed.store(true, Ordering::Relaxed);
                outcome = outcome.and(handed);
            }
        }
        outcome
    })
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

    fn measured(jobs: usize, fails_beyond: f64) -> (anyhow::Result<()>, BTreeMap<usize, Vec<f64>>) {
        let grid = Grid::new(&"-1:1:9".parse().unwrap(), Some(&"0:2:5".parse().unwrap()));
        let todo: Vec<usize> = (0..grid.len()).collect();
        let mut found = BTreeMap::new();
        let bowls = (0..jobs).map(|_| Bowl { fails_beyond }).collect();
        let outcome = evaluate(bowls, &todo, &grid, &|| false, |point, values| {
            assert!(found.insert(point, values).is_none(), "point {point} was measured twice");
            Ok(())
        });
        (outcome, found)
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
        let (outcome, found) = measured(2, 0.5);
        let message = format!("{:#}", outcome.unwrap_err());
        assert!(message.contains("x = 0.75") && message.contains("too far out"), "{message}");
        assert!(!found.is_empty() && found.len() < 45);
    }
}
