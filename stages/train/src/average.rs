use anyhow::ensure;
use torch::Tensor;

/// How weights are averaged, as it is typed.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct AverageOptions {
    /// Average the weights on the way, and write model-average.h5 at the end
    #[arg(long, value_enum)]
    average: Option<Kind>,

    /// Average the ends of epochs from this one on (swa) [default: half of the epochs]
    #[arg(long, value_name = "EPOCH")]
    average_from: Option<usize>,

    /// Share of the average that is kept at each step (ema) [default: 0.999]
    #[arg(long, value_name = "SHARE")]
    ema_decay: Option<f64>,
}

/// How weights are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// Equal mean over the ends of epochs (Izmailov et al. 2018)
    Swa,
    /// Moving mean over all steps that forgets exponentially
    Ema,
}

/// A way of averaging.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Averaging {
    /// The ends of epochs from this one on, which counts from 1.
    Swa { from: usize },
    /// Every step, with the share of the average that is kept.
    Ema { decay: f64 },
}

/// Averaged weights of a training.
pub(crate) struct Average {
    averaging: Averaging,
    /// How many weights it is the average of.
    pub(crate) count: i64,
    /// For each parameter; empty before the first.
    pub(crate) parameters: Vec<Tensor>,
}

impl AverageOptions {
    /// What is averaged in a training of so many epochs.
    ///
    /// # Errors
    /// Numbers out of their range, settings of another average.
    pub(crate) fn averaging(&self, epochs: usize) -> anyhow::Result<Option<Averaging>> {
        let (swa, ema) = match self.average {
            Some(Kind::Swa) => (true, false),
            Some(Kind::Ema) => (false, true),
            None => (false, false),
        };
        ensure!(
            swa || self.average_from.is_none(),
            "--average-from does nothing without --average swa"
        );
        ensure!(
            ema || self.ema_decay.is_none(),
            "--ema-decay does nothing without --average ema"
        );
        let from = self.average_from.unwrap_or((epochs / 2).max(1));
        ensure!(
            (1..=epochs).contains(&from),
            "--average-from is {from}, it must be an epoch from 1 to {epochs}"
        );
        let decay = self.ema_decay.unwrap_or(0.999);
        ensure!(
            (0.0..1.0).contains(&decay),
            "--ema-decay is {decay}, it must be 0 or more and below 1"
        );
        Ok(match self.average {
            Some(Kind::Swa) => Some(Averaging::Swa { from }),
            Some(Kind::Ema) => Some(Averaging::Ema { decay }),
            None => None,
        })
    }
}

impl Averaging {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Swa { .. } => "swa",
            Self::Ema { .. } => "ema",
        }
    }
}

impl Average {
    pub(crate) fn new(averaging: Averaging) -> Self {
        Self {
            averaging,
            count: 0,
            parameters: Vec::new(),
        }
    }

    pub(crate) fn averaging(&self) -> Averaging {
        self.averaging
    }

    /// Takes in the parameters after a step; `ended` is the epoch that it ends, if it ends one.
    pub(crate) fn add(&mut self, parameters: &[Tensor], ended: Option<usize>) {
        // PyTorch's get_swa_multi_avg_fn and get_ema_multi_avg_fn
        let share = match self.averaging {
            Averaging::Swa { from } => match ended {
                Some(epoch) if epoch >= from => 1.0 / (self.count + 1) as f64,
                Some(_) | None => return,
            },
            Averaging::Ema { decay } => 1.0 - decay,
        };
        if self.count == 0 {
            self.parameters = parameters.iter().map(Tensor::copy).collect();
        } else {
            for (average, parameter) in self.parameters.iter_mut().zip(parameters) {
                let _ = average.lerp_(parameter, share);
            }
        }
        self.count += 1;
    }
}
