use std::f64::consts::PI;

use anyhow::ensure;

/// How the learning rate changes, as it is typed.
#[derive(Debug, Clone, clap::Args)]
pub struct ScheduleOptions {
    /// How the learning rate falls
    #[arg(long, value_enum, default_value_t = Shape::Step)]
    schedule: Shape,

    /// Multiply the rate by this at each decay (step) [default: 0.1]
    #[arg(long, value_name = "FACTOR")]
    lr_decay: Option<f64>,

    /// Decay after these epochs (step) [default: 1/2, 3/4 and 11/12 of all, as in the paper]
    #[arg(long, value_name = "EPOCHS", value_delimiter = ',')]
    decay_at: Option<Vec<usize>>,

    /// Let the rate rise from 0 in a line over so many epochs, such as 0.5
    #[arg(long, value_name = "EPOCHS", default_value_t = 0.0)]
    warmup: f64,
}

/// How the learning rate falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Shape {
    /// At some epochs, at once
    Step,
    /// Along half a cosine, from step to step, to 0 at the end
    Cosine,
    /// Never
    Constant,
}

/// The learning rate at every step of a training.
#[derive(Debug, Clone)]
pub struct Schedule {
    shape: Shape,
    /// The rate at the start.
    start: f64,
    /// The factor of a decay, and the epochs after which it happens.
    decay: f64,
    decay_at: Vec<usize>,
    /// Epochs in which the rate rises.
    warmup: f64,
    epochs: usize,
}

impl ScheduleOptions {
    /// The schedule of so many epochs from a rate on.
    ///
    /// # Errors
    /// Numbers out of their range, settings of another schedule.
    pub(crate) fn schedule(&self, start: f64, epochs: usize) -> anyhow::Result<Schedule> {
        let decay = self.lr_decay.unwrap_or(0.1);
        ensure!(
            decay > 0.0 && decay <= 1.0,
            "--lr-decay is {decay}, it must be in (0, 1]"
        );
        for (name, given) in [
            ("lr-decay", self.lr_decay.is_some()),
            ("decay-at", self.decay_at.is_some()),
        ] {
            ensure!(
                self.shape_has_decays() || !given,
                "--{name} does nothing but with --schedule step: leave it out"
            );
        }
        for epoch in self.decay_at.iter().flatten() {
            ensure!(
                *epoch <= epochs,
                "--decay-at names epoch {epoch}, but there are {epochs}"
            );
        }
        ensure!(
            self.warmup >= 0.0 && self.warmup < epochs as f64,
            "--warmup is {}, it must be 0 or more and below the {epochs} epochs",
            self.warmup
        );
        let mut decay_at = match &self.decay_at {
            Some(epochs) => epochs.clone(),
            None => vec![epochs / 2, epochs * 3 / 4, epochs * 11 / 12],
        };
        // a training of one or two epochs never decays before its first
        decay_at.retain(|after| *after > 0);
        // an epoch named twice (few epochs in all) decays once
        decay_at.sort_unstable();
        decay_at.dedup();
        Ok(Schedule {
            shape: self.schedule,
            start,
            decay,
            decay_at,
            warmup: self.warmup,
            epochs,
        })
    }

    fn shape_has_decays(&self) -> bool {
        match self.schedule {
            Shape::Step => true,
            Shape::Cosine | Shape::Constant => false,
        }
    }
}

impl Schedule {
    /// Names and values of its settings.
    pub(crate) fn named(&self) -> Vec<(String, String)> {
        let shape = match self.shape {
            Shape::Step => format!(
                "step --lr-decay {} --decay-at {:?}",
                self.decay, self.decay_at
            ),
            Shape::Cosine => "cosine".into(),
            Shape::Constant => "constant".into(),
        };
        let mut named = Vec::new();
        for (name, value) in [
            ("lr", self.start.to_string()),
            ("schedule", shape),
            ("warmup", self.warmup.to_string()),
        ] {
            named.push((format!("--{name}"), value));
        }
        named
    }

    /// The rate of a step, which counts from 0; an epoch has `per_epoch` of them.
    pub(crate) fn rate(&self, step: usize, per_epoch: usize) -> f64 {
        let warmup = (self.warmup * per_epoch as f64).round() as usize;
        let fallen = match self.shape {
            Shape::Step => self.rate_of_epoch(step / per_epoch + 1),
            Shape::Constant => self.start,
            Shape::Cosine => {
                // PyTorch's CosineAnnealingLR with eta_min 0, after the warm-up
                let steps = self.epochs * per_epoch - warmup;
                let share = step.saturating_sub(warmup) as f64 / steps as f64;
                self.start / 2.0 * (1.0 + (PI * share).cos())
            }
        };
        if step < warmup {
            fallen * (step + 1) as f64 / warmup as f64
        } else {
            fallen
        }
    }

    /// The rate in an epoch, which counts from 1, with decays.
    fn rate_of_epoch(&self, epoch: usize) -> f64 {
        let mut decays = 0;
        for after in &self.decay_at {
            if epoch > *after {
                decays += 1;
            }
        }
        self.start * self.decay.powi(decays)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(shape: Shape, warmup: f64, epochs: usize) -> Schedule {
        let options = ScheduleOptions {
            schedule: shape,
            lr_decay: None,
            decay_at: None,
            warmup,
        };
        options.schedule(0.1, epochs).unwrap()
    }

    fn assert_near(found: &[f64], wanted: &[f64]) {
        assert_eq!(found.len(), wanted.len());
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
        }
    }

    #[test]
    fn the_paper_decays_after_150_225_and_275_of_300_epochs() {
        let schedule = schedule(Shape::Step, 0.0, 300);
        let rates = [150, 151, 225, 226, 275, 276, 300].map(|epoch| {
            // the first step and the last of an epoch
            let (first, last) = ((epoch - 1) * 7, epoch * 7 - 1);
            assert_eq!(schedule.rate(first, 7), schedule.rate(last, 7));
            schedule.rate(first, 7)
        });
        assert_near(&rates, &[0.1, 0.01, 0.01, 0.001, 0.001, 0.0001, 0.0001]);
    }

    #[test]
    fn a_cosine_is_that_of_pytorch() {
        // torch.optim.lr_scheduler.CosineAnnealingLR(sgd, T_max=8), lr 0.1, after each step
        let wanted = [
            0.1,
            0.096_193_976_625_564_34,
            0.085_355_339_059_327_38,
            0.069_134_171_618_254_49,
            0.05,
            0.030_865_828_381_745_52,
            0.014_644_660_940_672_627,
            0.003_806_023_374_435_662_5,
        ];
        let schedule = schedule(Shape::Cosine, 0.0, 2);
        let rates: Vec<f64> = (0..8).map(|step| schedule.rate(step, 4)).collect();
        assert_near(&rates, &wanted);
    }

    #[test]
    fn a_warm_up_rises_in_a_line() {
        let constant = schedule(Shape::Constant, 0.5, 2);
        let rates: Vec<f64> = (0..8).map(|step| constant.rate(step, 8)).collect();
        assert_near(&rates, &[0.025, 0.05, 0.075, 0.1, 0.1, 0.1, 0.1, 0.1]);
        let cosine = schedule(Shape::Cosine, 1.0, 3);
        assert_near(&[cosine.rate(1, 2), cosine.rate(4, 2)], &[0.1, 0.05]);
    }
}
