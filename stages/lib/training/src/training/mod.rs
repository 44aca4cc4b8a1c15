//! A network in training: its steps and epochs.

mod keeping;

use files::Header;
use rand::{RngExt, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use stage::Progress;
use torch::{Batches, Loss, Path, Step, Tensor, Trainer};

use crate::{
    Network, Resume, Score, Settings,
    augment::augmented,
    log::{Log, Row},
    resume::Place,
};

/// A network in training: its steps and epochs.
pub struct Training<'a> {
    settings: &'a Settings,
    network: &'a Network,
    inputs: Vec<&'a Header>,
    train: &'a Batches,
    trainer: Trainer,
    path: Option<Path>,
    random: ChaCha8Rng,
    place: Place,
    resume: Resume,
    besides: Vec<(String, Tensor)>,
    log: Option<Log>,
    progress: Progress,
}

/// What a training starts from.
pub struct Setup<'a> {
    /// How it is trained.
    pub settings: &'a Settings,
    /// What is trained.
    pub network: &'a Network,
    /// The files that it is made from.
    pub inputs: Vec<&'a Header>,
    /// The training set.
    pub train: &'a Batches,
    /// The state before the first step.
    pub state: Vec<Tensor>,
    /// The curve of which the state is the bend; without it the network itself is trained.
    pub path: Option<Path>,
    /// What everything is drawn from.
    pub random: ChaCha8Rng,
    /// What an interrupted training goes on from.
    pub resume: Resume,
}

impl<'a> Training<'a> {
    /// A training at its start, or where an earlier run of the same command was interrupted.
    ///
    /// # Errors
    /// A program that libtorch cannot run; an interrupted training of another command.
    pub fn new(setup: Setup<'a>) -> anyhow::Result<Self> {
        let (settings, network) = (setup.settings, setup.network);
        network.check_precision(settings.precision, &setup.state)?;
        let mut named = Vec::new();
        for ((name, role), tensor) in network.entries.iter().zip(setup.state) {
            named.push((name.as_str(), *role, tensor));
        }
        let (rule, path) = match setup.path {
            None => (settings.rule, None),
            Some(path) => {
                let (rule, penalty) = settings.rule.without_penalty();
                (rule, Some(path.with_penalty(penalty)))
            }
        };
        let trainer = Trainer::new(
            &network.program,
            named,
            settings.criterion,
            rule,
            (settings.precision, settings.run.device),
        )?;
        let mut training = Self {
            settings,
            network,
            inputs: setup.inputs,
            train: setup.train,
            trainer,
            path,
            random: setup.random,
            place: Place::default(),
            resume: setup.resume,
            besides: Vec::new(),
            log: None,
            progress: Progress::new("steps", 0, 0, 0, true),
        };
        training.settle()?;
        Ok(training)
    }

    /// Goes on where an earlier run was interrupted, opens the table of steps and shows the bar.
    fn settle(&mut self) -> anyhow::Result<()> {
        let run = &self.settings.run;
        if !run.force
            && let Some(snapshot) = self.resume.read(self.trainer.parameters().len())?
        {
            self.trainer.restore(&snapshot.state, snapshot.kept)?;
            self.place = snapshot.place;
            self.random.set_word_pos(snapshot.random);
            self.besides = snapshot.besides;
            let epochs = self.place.step as f64 / self.per_epoch() as f64;
            if !run.quiet {
                stage::tell(format_args!("resuming after {epochs} epochs"));
            }
        }
        let step = self.place.step;
        if let Some(path) = &run.log {
            self.log = Some(Log::open(path, step)?);
        }
        let steps = self.per_epoch() * self.settings.epochs;
        self.progress = Progress::new("steps", steps, step, self.settings.batch, run.quiet);
        Ok(())
    }

    /// What the stage kept besides, in the run that was interrupted: names and values.
    pub fn besides(&mut self) -> Vec<(String, Tensor)> {
        std::mem::take(&mut self.besides)
    }

    /// Checks that the loss can measure what the network returns, before the first step.
    ///
    /// # Errors
    /// It cannot.
    pub fn check(&self) -> anyhow::Result<()> {
        let count = self.train.examples().min(self.settings.batch as i64);
        let indices: Vec<i64> = (0..count).collect();
        let (inputs, targets) = self.train.pick(&Tensor::from_slice(&indices));
        let inputs = self.call(&inputs, targets.as_ref());
        Ok(self.trainer.check(&inputs, self.train.targets())?)
    }

    /// Steps of an epoch.
    pub fn per_epoch(&self) -> usize {
        self.settings.per_epoch(self.train)
    }

    /// Steps that are done.
    pub fn steps(&self) -> usize {
        self.place.step
    }

    /// Whether the last step was the last of an epoch.
    pub fn ends_epoch(&self) -> bool {
        self.place.step.is_multiple_of(self.per_epoch())
    }

    /// Whether all steps are done.
    pub fn is_done(&self) -> bool {
        self.place.step == self.per_epoch() * self.settings.epochs
    }

    /// The epoch of the next step, which counts from 1.
    pub fn next_epoch(&self) -> usize {
        self.place.step / self.per_epoch() + 1
    }

    /// The rate of the last step that was done.
    pub fn last_rate(&self) -> f64 {
        let last = self.place.step.saturating_sub(1);
        self.settings.schedule.rate(last, self.per_epoch())
    }

    /// The bar, above which things are printed.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The examples of the next steps, to the end of the epoch, in random order: all of them, or
    /// those that an interrupted epoch has left.
    pub fn examples_left(&mut self) -> Vec<i64> {
        let done = self.place.step % self.per_epoch();
        let mut order: Vec<i64> = (0..self.train.examples()).collect();
        if done == 0 {
            self.place = Place {
                step: self.place.step,
                order: self.random.get_word_pos(),
                ..Place::default()
            };
            order.shuffle(&mut self.random);
        } else {
            // the order of the epoch that was interrupted is drawn again
            let now = self.random.get_word_pos();
            self.random.set_word_pos(self.place.order);
            order.shuffle(&mut self.random);
            self.random.set_word_pos(now);
        }
        order.split_off(done * self.settings.batch)
    }

    /// One step on these examples.
    ///
    /// # Errors
    /// What the network refuses; the table of steps cannot be written.
    pub fn step(&mut self, examples: &[i64]) -> anyhow::Result<()> {
        let epoch = self.next_epoch();
        let (mut inputs, targets) = self.train.pick(&Tensor::from_slice(examples));
        let first = inputs.remove(0);
        inputs.insert(0, augmented(first, self.settings.augment, &mut self.random));
        let inputs = self.call(&inputs, targets.as_ref());
        let rate = self
            .settings
            .schedule
            .rate(self.place.step, self.per_epoch());
        torch::manual_seed(self.seed_of_step());
        let step = match &self.path {
            None => self.trainer.step(&inputs, targets.as_ref(), rate)?,
            Some(path) => {
                let t: f64 = self.random.random();
                let targets = targets.as_ref();
                self.trainer.step_on((path, t), &inputs, targets, rate)?
            }
        };
        self.place.step += 1;
        self.place.loss += step.loss * step.counted as f64;
        self.place.correct += step.correct;
        self.place.counted += step.counted;
        self.note(step, epoch, rate)?;
        self.progress.step();
        Ok(())
    }

    /// Adds a row to the table of steps.
    fn note(&mut self, step: Step, epoch: usize, rate: f64) -> anyhow::Result<()> {
        let Some(log) = &mut self.log else {
            return Ok(());
        };
        let is_on_classes = self.settings.criterion.loss.wants_classes();
        let right = 100.0 * step.correct as f64 / step.counted as f64;
        log.add(&Row {
            step: self.place.step,
            epoch,
            rate,
            loss: step.loss,
            error: is_on_classes.then_some(100.0 - right),
        })
    }

    /// The score of the steps of this epoch, as they met it on the way.
    pub fn score(&self) -> Score {
        let counted = self.place.counted as f64;
        let is_on_classes = self.settings.criterion.loss.wants_classes();
        Score {
            loss: self.place.loss / counted,
            error: if is_on_classes {
                100.0 - 100.0 * self.place.correct as f64 / counted
            } else {
                f64::NAN
            },
        }
    }

    /// What the network is called with: inputs, and targets where it computes the loss itself.
    fn call(&self, inputs: &[Tensor], targets: Option<&Tensor>) -> Vec<Tensor> {
        let mut inputs = self.train.fed(inputs);
        if self.settings.criterion.loss == Loss::Program {
            inputs.extend(targets.map(Tensor::shallow_clone));
        }
        inputs
    }

    /// The seed of what a step draws inside the network, such as dropout.
    fn seed_of_step(&self) -> i64 {
        // neighbouring seeds far apart: 2^64 over the golden ratio
        let start = self.settings.run.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        start.wrapping_add(self.place.step as u64) as i64
    }

    /// The state now, in `state_dict` order.
    pub fn state(&self) -> Vec<Tensor> {
        self.trainer.state()
    }

    /// Which entries of the state are trained.
    pub fn parameters(&self) -> &[usize] {
        self.trainer.parameters()
    }
}
