use crate::Kept;

/// Where points come from and where their values go: this process, or another one through MPI.
pub trait Exchange {
    /// The next point to measure; `None` where no more is left.
    ///
    /// # Errors
    /// What is kept of the point cannot be read.
    fn take(&mut self) -> anyhow::Result<Option<Start>>;

    /// How many points are left, as far as is known.
    fn left(&self) -> usize {
        usize::MAX
    }

    /// Keeps what a pass added to what is kept of a point. When it returns, the pass is not done
    /// again.
    ///
    /// # Errors
    /// It cannot be written.
    fn keep(&mut self, point: usize, added: Kept) -> anyhow::Result<()>;

    /// Takes the values of a finished point.
    ///
    /// # Errors
    /// They cannot be written.
    fn put(&mut self, point: usize, values: Vec<f64>) -> anyhow::Result<()>;

    /// Gives no more points, to nobody.
    fn close(&mut self) {}

    /// Attends to other processes; whether any of them is still at work.
    ///
    /// # Errors
    /// Those of what they ask for.
    fn attend(&mut self) -> anyhow::Result<bool> {
        Ok(false)
    }
}

/// A point to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Its number in the grid.
    pub point: usize,
    /// What an earlier run kept of it between two passes.
    pub kept: Option<Kept>,
}
