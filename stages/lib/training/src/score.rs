use anyhow::ensure;

/// How good a network is on some examples.
#[derive(Debug, Clone, Copy)]
pub struct Score {
    /// The mean loss, in nats for cross-entropy.
    pub loss: f64,
    /// Wrong answers, in percent; NaN for a loss that is not on classes.
    pub error: f64,
}

impl Score {
    /// Ends a training that diverged.
    ///
    /// # Errors
    /// The loss of these examples, such as "the training set", is no number.
    pub fn check(&self, examples: &str, epoch: usize, rate: f64) -> anyhow::Result<()> {
        let loss = self.loss;
        ensure!(
            loss.is_finite(),
            "the loss of {examples} is {loss} in epoch {epoch}: try a smaller --lr than {rate}"
        );
        Ok(())
    }
}
