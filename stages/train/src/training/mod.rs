//! A network in training: its steps and epochs.

mod measuring;
mod saving;

use files::Header;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use stage::Progress;
use torch::{Batches, Loss, Tensor, Trainer};

use crate::{
    args::Settings,
    augment::augmented,
    average::Average,
    log::{Log, Row},
    network::Network,
    resume::{Place, Resume},
};

pub(crate) use measuring::Score;
use saving::all_settings;

/// A network in training and where its checkpoints go.
pub(crate) struct Training<'a> {
    settings: &'a Settings,
    network: &'a Network,
    data: &'a Header,
    train: &'a Batches,
    trainer: Trainer,
    average: Option<Average>,
    random: ChaCha8Rng,
    place: Place,
    resume: Resume,
    log: Option<Log>,
    progress: Progress,
}

impl<'a> Training<'a> {
    /// A training at its start, or where an earlier run of the same command was interrupted.
    ///
    /// # Errors
    /// A program that libtorch cannot run; an interrupted training of another command.
    pub(crate) fn new(
        settings: &'a Settings,
        network: &'a Network,
        data: &'a Header,
        train: &'a Batches,
        state: Vec<Tensor>,
        random: ChaCha8Rng,
    ) -> anyhow::Result<Self> {
        let mut named = Vec::new();
        for ((name, role), tensor) in network.entries.iter().zip(state) {
            named.push((name.as_str(), *role, tensor));
        }
        let trainer = Trainer::new(
            &network.program,
            named,
            settings.criterion,
            settings.rule,
            settings.device,
        )?;
        let mut training = Self {
            resume: Resume::new(
                settings.checkpoints.folder(),
                all_settings(settings, network, data),
            ),
            average: settings.averaging.map(Average::new),
            place: Place::default(),
            log: None,
            progress: Progress::new("steps", 0, 0, 0, true),
            settings,
            network,
            data,
            train,
            trainer,
            random,
        };
        training.settle()?;
        Ok(training)
    }

    /// Goes on where an earlier run was interrupted, opens the table of steps and shows the bar.
    fn settle(&mut self) -> anyhow::Result<()> {
        let per_epoch = self.per_epoch();
        self.settings.checkpoints.check_steps(per_epoch)?;
        if !self.settings.force
            && let Some(snapshot) = self.resume.read(self.trainer.parameters().len())?
        {
            self.restore(snapshot)?;
            let epochs = self.place.step as f64 / per_epoch as f64;
            if !self.settings.quiet {
                stage::tell(format_args!("resuming after {epochs} epochs"));
            }
        }
        let step = self.place.step;
        if let Some(path) = &self.settings.log {
            self.log = Some(Log::open(path, step)?);
        }
        let (batch, quiet) = (self.settings.batch, self.settings.quiet);
        let steps = per_epoch * self.settings.epochs;
        self.progress = Progress::new("steps", steps, step, batch, quiet);
        Ok(())
    }

    /// Steps of an epoch.
    fn per_epoch(&self) -> usize {
        (self.train.examples() as usize).div_ceil(self.settings.batch)
    }

    /// Whether the last step was the last of an epoch.
    fn ends_epoch(&self) -> bool {
        self.place.step.is_multiple_of(self.per_epoch())
    }

    /// Whether all steps are done.
    pub(crate) fn is_done(&self) -> bool {
        self.place.step == self.per_epoch() * self.settings.epochs
    }

    /// The epoch of the next step, which counts from 1.
    pub(crate) fn next_epoch(&self) -> usize {
        self.place.step / self.per_epoch() + 1
    }

    /// The rate of the last step that was done.
    pub(crate) fn last_rate(&self) -> f64 {
        let last = self.place.step.saturating_sub(1);
        self.settings.schedule.rate(last, self.per_epoch())
    }

    /// The bar, above which things are printed.
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The rest of a pass over the training set in random order; returns the score of the pass as
    /// it was met on the way.
    pub(crate) fn epoch(&mut self) -> anyhow::Result<Score> {
        let per_epoch = self.per_epoch();
        let epoch = self.next_epoch();
        let done = self.place.step % per_epoch;
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
        for indices in order.chunks(self.settings.batch).skip(done) {
            self.step(indices, epoch)?;
            if !self.ends_epoch() && self.checkpoint().is_some() {
                self.keep()?;
            }
        }
        let counted = self.place.counted as f64;
        let is_on_classes = self.settings.criterion.loss.wants_classes();
        Ok(Score {
            loss: self.place.loss / counted,
            error: if is_on_classes {
                100.0 - 100.0 * self.place.correct as f64 / counted
            } else {
                f64::NAN
            },
        })
    }

    fn step(&mut self, indices: &[i64], epoch: usize) -> anyhow::Result<()> {
        let per_epoch = self.per_epoch();
        let (mut inputs, targets) = self.train.pick(&Tensor::from_slice(indices));
        let first = inputs.remove(0);
        inputs.insert(0, augmented(first, self.settings.augment, &mut self.random));
        let inputs = self.call(&inputs, targets.as_ref());
        let rate = self.settings.schedule.rate(self.place.step, per_epoch);
        torch::manual_seed(seed_of_step(self.settings.seed, self.place.step));
        let step = self.trainer.step(&inputs, targets.as_ref(), rate)?;
        self.place.step += 1;
        self.place.loss += step.loss * step.counted as f64;
        self.place.correct += step.correct;
        self.place.counted += step.counted;
        let ended = self.ends_epoch().then_some(epoch);
        if let Some(average) = &mut self.average {
            let state = self.trainer.state();
            let mut parameters = Vec::new();
            for index in self.trainer.parameters() {
                parameters.push(state[*index].shallow_clone());
            }
            average.add(&parameters, ended);
        }
        if let Some(log) = &mut self.log {
            let is_on_classes = self.settings.criterion.loss.wants_classes();
            let right = 100.0 * step.correct as f64 / step.counted as f64;
            log.add(&Row {
                step: self.place.step,
                epoch,
                rate,
                loss: step.loss,
                error: is_on_classes.then_some(100.0 - right),
            })?;
        }
        self.progress.step();
        Ok(())
    }

    /// What the network is called with: inputs, and targets where it computes the loss itself.
    fn call(&self, inputs: &[Tensor], targets: Option<&Tensor>) -> Vec<Tensor> {
        let mut inputs = self.train.fed(inputs);
        if self.settings.criterion.loss == Loss::Program {
            inputs.extend(targets.map(Tensor::shallow_clone));
        }
        inputs
    }
}

/// The seed of what a step draws inside the network, such as dropout.
fn seed_of_step(seed: u64, step: usize) -> i64 {
    // neighbouring seeds far apart: 2^64 over the golden ratio
    let start = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    start.wrapping_add(step as u64) as i64
}
