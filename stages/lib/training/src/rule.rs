use anyhow::ensure;
use torch::{Adam, Rule, Sgd};

/// The optimiser and its settings, as they are typed.
#[derive(Debug, Clone, clap::Args)]
pub struct RuleOptions {
    /// How gradients become steps
    #[arg(long, value_enum, default_value_t = Optimizer::Sgd)]
    optimizer: Optimizer,

    /// Learning rate at the start [default: 0.1 for sgd, 0.001 for adam and adamw]
    #[arg(long, value_name = "RATE")]
    lr: Option<f64>,

    /// Share of the last step that is kept (sgd) [default: 0.9]
    #[arg(long, value_name = "SHARE")]
    momentum: Option<f64>,

    /// Use plain momentum, not Nesterov's (sgd)
    #[arg(long)]
    no_nesterov: bool,

    /// Share of the mean gradient that is kept at each step (adam, adamw) [default: 0.9]
    #[arg(long, value_name = "SHARE")]
    beta1: Option<f64>,

    /// Share of the mean square of the gradient that is kept (adam, adamw) [default: 0.999]
    #[arg(long, value_name = "SHARE")]
    beta2: Option<f64>,

    /// Added to the root of the mean square (adam, adamw) [default: 1e-8]
    #[arg(long, value_name = "NUMBER")]
    eps: Option<f64>,

    /// L2 penalty on every parameter; decay of its own with adamw [default: 0.0005, adamw: 0.01]
    #[arg(long, value_name = "FACTOR")]
    weight_decay: Option<f64>,
}

/// How gradients become steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Optimizer {
    /// Stochastic gradient descent with momentum
    Sgd,
    /// Adam; the weight decay is added to the gradient
    Adam,
    /// Adam with decoupled weight decay
    Adamw,
}

impl Optimizer {
    fn name(self) -> &'static str {
        match self {
            Self::Sgd => "sgd",
            Self::Adam => "adam",
            Self::Adamw => "adamw",
        }
    }

    fn is_adam(self) -> bool {
        match self {
            Self::Sgd => false,
            Self::Adam | Self::Adamw => true,
        }
    }
}

impl RuleOptions {
    /// The learning rate at the start.
    pub(crate) fn rate(&self) -> f64 {
        let default = if self.optimizer.is_adam() { 1e-3 } else { 0.1 };
        self.lr.unwrap_or(default)
    }

    /// The rule, with its settings checked.
    ///
    /// # Errors
    /// Numbers out of their range, settings of another optimiser.
    pub(crate) fn rule(&self) -> anyhow::Result<Rule> {
        self.check_names()?;
        self.check_numbers()?;
        let decoupled = self.optimizer == Optimizer::Adamw;
        let weight_decay = self
            .weight_decay
            .unwrap_or(if decoupled { 1e-2 } else { 5e-4 });
        if self.optimizer.is_adam() {
            return Ok(Rule::Adam(Adam {
                beta1: self.beta1.unwrap_or(0.9),
                beta2: self.beta2.unwrap_or(0.999),
                eps: self.eps.unwrap_or(1e-8),
                weight_decay,
                decoupled,
            }));
        }
        let momentum = self.momentum.unwrap_or(0.9);
        ensure!(
            self.no_nesterov || momentum > 0.0,
            "Nesterov's momentum needs --momentum above 0, or --no-nesterov"
        );
        Ok(Rule::Sgd(Sgd {
            momentum,
            weight_decay,
            nesterov: !self.no_nesterov,
        }))
    }

    /// Refuses settings of another optimiser.
    fn check_names(&self) -> anyhow::Result<()> {
        let of_adam = self.optimizer.is_adam();
        for (name, given, is_of_adam) in [
            ("momentum", self.momentum.is_some(), false),
            ("no-nesterov", self.no_nesterov, false),
            ("beta1", self.beta1.is_some(), true),
            ("beta2", self.beta2.is_some(), true),
            ("eps", self.eps.is_some(), true),
        ] {
            ensure!(
                !given || of_adam == is_of_adam,
                "--{name} does nothing with --optimizer {}: leave it out, or use {}",
                self.optimizer.name(),
                if is_of_adam { "adam or adamw" } else { "sgd" }
            );
        }
        Ok(())
    }

    fn check_numbers(&self) -> anyhow::Result<()> {
        // libtorch computes with them in f32
        for (name, number) in [
            ("lr", self.lr),
            ("weight-decay", self.weight_decay),
            ("eps", self.eps),
        ] {
            let number = number.unwrap_or(0.0);
            ensure!(
                number >= 0.0 && number <= f64::from(f32::MAX),
                "--{name} is {number}, it must be from 0 to 3.4e38"
            );
        }
        for (name, share) in [
            ("momentum", self.momentum),
            ("beta1", self.beta1),
            ("beta2", self.beta2),
        ] {
            let share = share.unwrap_or(0.0);
            ensure!(
                (0.0..1.0).contains(&share),
                "--{name} is {share}, it must be 0 or more and below 1"
            );
        }
        Ok(())
    }
}
