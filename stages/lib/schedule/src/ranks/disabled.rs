use anyhow::ensure;

use crate::Exchange;

/// One process.
pub struct Ranks;

impl Ranks {
    /// # Errors
    /// Several processes, which would all compute the same.
    pub fn start() -> anyhow::Result<Self> {
        let started = super::started();
        ensure!(
            started == 1,
            "{started} processes of eval-grid were started together, and this one was built \
             without MPI: build it with `cargo build --release -p eval-grid --features mpi`, or \
             give each its --shard"
        );
        Ok(Self)
    }

    /// Whether there are others.
    pub fn several(&self) -> bool {
        false
    }

    /// Whether this process is the one that writes the file.
    pub fn leads(&self) -> bool {
        true
    }

    /// What this process prepared.
    ///
    /// # Errors
    /// The error of the outcome.
    pub fn together<T>(&self, outcome: anyhow::Result<T>) -> anyhow::Result<T> {
        outcome
    }

    /// Numbers that the first process found, in all of them.
    pub fn told(&self, numbers: Vec<f64>) -> Vec<f64> {
        numbers
    }

    /// Runs `body` with the points of this process.
    ///
    /// # Errors
    /// Those of `body`.
    pub fn lead(
        &self,
        mut own: impl Exchange,
        body: impl FnOnce(&mut dyn Exchange) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        body(&mut own)
    }

    /// No process follows another here.
    ///
    /// # Errors
    /// None.
    pub fn follow(
        &self,
        _: impl FnOnce(&mut dyn Exchange) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        Ok(())
    }
}
