use anyhow::ensure;

/// Step decay of the learning rate.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Schedule {
    /// Multiply the rate by this at each decay
    #[arg(long, value_name = "FACTOR", default_value_t = 0.1)]
    lr_decay: f64,

    /// Decay after these epochs [default: 1/2, 3/4 and 11/12 of all, as in the paper]
    #[arg(long, value_name = "EPOCHS", value_delimiter = ',')]
    decay_at: Option<Vec<usize>>,
}

impl Schedule {
    pub(crate) fn check(&self, epochs: usize) -> anyhow::Result<()> {
        ensure!(
            self.lr_decay > 0.0 && self.lr_decay <= 1.0,
            "--lr-decay is {}, it must be in (0, 1]",
            self.lr_decay
        );
        let late = self
            .decay_at
            .iter()
            .flatten()
            .find(|epoch| **epoch > epochs);
        ensure!(
            late.is_none(),
            "--decay-at names epoch {}, but there are {epochs}",
            late.unwrap_or(&0)
        );
        Ok(())
    }

    /// The rate in an epoch, which counts from 1.
    pub(crate) fn rate(&self, start: f64, epoch: usize, epochs: usize) -> f64 {
        let paper = || vec![epochs / 2, epochs * 3 / 4, epochs * 11 / 12];
        let mut decays = self.decay_at.clone().unwrap_or_else(paper);
        // a training of one or two epochs never decays before its first
        decays.retain(|after| *after > 0 && epoch > *after);
        // an epoch named twice (few epochs in all) decays once
        decays.sort_unstable();
        decays.dedup();
        start * self.lr_decay.powi(decays.len() as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paper_decays_after_150_225_and_275_of_300_epochs() {
        let schedule = Schedule {
            lr_decay: 0.1,
            decay_at: None,
        };
        let rates = [150, 151, 225, 226, 275, 276, 300].map(|epoch| schedule.rate(0.1, epoch, 300));
        let wanted = [0.1, 0.01, 0.01, 0.001, 0.001, 0.0001, 0.0001];
        assert!(
            rates
                .iter()
                .zip(wanted)
                .all(|(rate, wanted)| (rate / wanted - 1.0).abs() < 1e-12),
            "{rates:?}"
        );
    }
}
