use stage::Progress;

use crate::{journal::Journal, points::Exchange};

/// The points of a shard that are left, and where their values go.
pub(crate) struct Todo<'a> {
    points: Vec<usize>,
    next: usize,
    journal: &'a mut Journal,
    progress: Progress,
}

impl<'a> Todo<'a> {
    /// Those of `points` that the journal lacks.
    pub(crate) fn new(points: &[usize], journal: &'a mut Journal, progress: Progress) -> Self {
        let points = points
            .iter()
            .copied()
            .filter(|point| !journal.has(*point))
            .collect();
        Self {
            points,
            next: 0,
            journal,
            progress,
        }
    }
}

impl Exchange for Todo<'_> {
    fn take(&mut self) -> anyhow::Result<Option<usize>> {
        let point = self.points.get(self.next).copied();
        self.next += 1;
        Ok(point)
    }

    fn left(&self) -> usize {
        self.points.len().saturating_sub(self.next)
    }

    fn close(&mut self) {
        self.points.clear();
    }

    fn put(&mut self, point: usize, values: Vec<f64>) -> anyhow::Result<()> {
        self.journal.add(point, &values)?;
        self.progress.step();
        Ok(())
    }
}

impl Drop for Todo<'_> {
    fn drop(&mut self) {
        self.progress.finish();
    }
}
