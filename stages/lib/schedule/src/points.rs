use stage::Progress;

use crate::{Exchange, Journal, Kept, Start, States};

/// The points of a shard that are left, and where their values go.
pub struct Points<'a> {
    left: Vec<usize>,
    next: usize,
    journal: &'a mut Journal,
    states: &'a mut States,
    progress: Progress,
}

impl<'a> Points<'a> {
    /// Those of `points` that the journal lacks.
    pub fn new(
        points: &[usize],
        journal: &'a mut Journal,
        states: &'a mut States,
        progress: Progress,
    ) -> Self {
        let mut left = Vec::new();
        for point in points {
            if !journal.has(*point) {
                left.push(*point);
            }
        }
        Self {
            left,
            next: 0,
            journal,
            states,
            progress,
        }
    }
}

impl Exchange for Points<'_> {
    fn take(&mut self) -> anyhow::Result<Option<Start>> {
        let Some(&point) = self.left.get(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        let kept = self.states.read(point)?;
        Ok(Some(Start { point, kept }))
    }

    fn left(&self) -> usize {
        self.left.len().saturating_sub(self.next)
    }

    fn keep(&mut self, point: usize, added: Kept) -> anyhow::Result<()> {
        // two runs must not write one state
        self.journal.hold()?;
        self.states.write(point, &added)
    }

    fn put(&mut self, point: usize, values: Vec<f64>) -> anyhow::Result<()> {
        self.journal.add(point, &values)?;
        self.states.remove(point);
        self.progress.step();
        Ok(())
    }

    fn close(&mut self) {
        self.left.clear();
    }
}

impl Drop for Points<'_> {
    fn drop(&mut self) {
        self.progress.finish();
    }
}
