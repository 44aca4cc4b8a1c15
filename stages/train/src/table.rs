use std::{io, time::Duration};

use crate::training::Score;

/// The table on stdout. A training goes on where it cannot be printed, and fails at its end.
pub(crate) struct Table(io::Result<()>);

impl Table {
    pub(crate) fn new() -> Self {
        Self(stage::print(
            "epoch\trate\ttrain_loss\ttrain_err\ttest_loss\ttest_err\tseconds",
        ))
    }

    pub(crate) fn print(
        &mut self,
        epoch: usize,
        rate: f64,
        trained: Score,
        tested: Option<Score>,
        took: Duration,
    ) {
        // without a test set there is no loss of it
        let tested = tested.unwrap_or(Score {
            loss: f64::NAN,
            error: f64::NAN,
        });
        let printed = stage::print(format_args!(
            "{epoch}\t{rate:.3e}\t{:.4}\t{:.2}\t{:.4}\t{:.2}\t{:.0}",
            trained.loss,
            trained.error,
            tested.loss,
            tested.error,
            took.as_secs_f64()
        ));
        if self.0.is_ok() {
            self.0 = printed;
        }
    }

    pub(crate) fn end(self) -> anyhow::Result<()> {
        Ok(self.0?)
    }
}
