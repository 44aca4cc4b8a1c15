use files::{Contents, Header, Model, Note, Provenance, history};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use stage::Progress;
use torch::{Averages, Batches, Landscape, Loss, Plan, Statistics, Tensor, Trainer};

use crate::{
    args::Settings,
    augment::augmented,
    average::Average,
    checkpoints::{AVERAGE, Checkpoint},
    log::{Log, Row},
    network::Network,
    resume::{Place, Resume, Snapshot, network_state},
};

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

/// How good a network is on some examples.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    /// The mean loss, in nats for cross-entropy.
    pub(crate) loss: f64,
    /// Wrong answers, in percent; NaN for a loss that is not on classes.
    pub(crate) error: f64,
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

    fn restore(&mut self, snapshot: Snapshot) -> anyhow::Result<()> {
        self.trainer.restore(&snapshot.state, snapshot.kept)?;
        self.place = snapshot.place;
        self.random.set_word_pos(snapshot.random);
        if let Some(average) = &mut self.average {
            average.count = snapshot.averaged;
            for tensor in snapshot.average {
                average
                    .parameters
                    .push(tensor.to_device(self.settings.device));
            }
        }
        Ok(())
    }

    /// Steps of an epoch.
    fn per_epoch(&self) -> usize {
        (self.train.examples() as usize).div_ceil(self.settings.batch)
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
            if self.place.step % per_epoch != 0 && self.checkpoint().is_some() {
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
        if let Some(average) = &mut self.average {
            let state = self.trainer.state();
            let mut parameters = Vec::new();
            for index in self.trainer.parameters() {
                parameters.push(state[*index].shallow_clone());
            }
            let ended = (self.place.step % per_epoch == 0).then_some(epoch);
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

    /// Checks that the loss can measure what the network returns, before the first step.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let count = self.train.examples().min(self.settings.batch as i64);
        let indices: Vec<i64> = (0..count).collect();
        let (inputs, targets) = self.train.pick(&Tensor::from_slice(&indices));
        let inputs = self.call(&inputs, targets.as_ref());
        Ok(self.trainer.check(&inputs, self.train.targets())?)
    }

    /// The score of the network as it is, in evaluation mode.
    pub(crate) fn measure(&self, batches: &Batches) -> anyhow::Result<Score> {
        self.measure_state(&self.trainer.state(), batches)
    }

    fn measure_state(&self, state: &[Tensor], batches: &Batches) -> anyhow::Result<Score> {
        let names = self.network.names();
        let program = &self.network.program;
        let plan = Plan::plain(program);
        let device = self.settings.device;
        let landscape = Landscape::new(&plan, &names, state, &[], &[], device)?;
        let criterion = self.settings.criterion;
        let averages = Averages {
            criterion,
            metrics: torch::usual_metrics(criterion.loss, program.outputs.len()),
            stop: None,
        };
        let samples = torch::no_grad(|| landscape.measure(batches, (0, 1), &averages, &|| false))?;
        let score = averages.score(&samples.unwrap_or_default())?;
        Ok(Score {
            loss: score.means[0],
            error: if criterion.loss.wants_classes() {
                100.0 - score.means[1]
            } else {
                f64::NAN
            },
        })
    }

    /// The checkpoint that is written now, if there is one.
    fn checkpoint(&self) -> Option<&'a Checkpoint> {
        self.settings
            .checkpoints
            .after(self.place.step, self.per_epoch())
    }

    /// Keeps what an interrupted training goes on from, then the checkpoint that is written now. A
    /// run that is killed in between writes it when it goes on.
    pub(crate) fn keep(&mut self) -> anyhow::Result<()> {
        if let Some(log) = &mut self.log {
            log.flush()?;
        }
        let (average, averaged) = match &self.average {
            Some(average) => (&average.parameters[..], average.count),
            None => (&[][..], 0),
        };
        let snapshot = Snapshot {
            place: self.place,
            random: self.random.get_word_pos(),
            kept: self.trainer.kept(),
            state: self.trainer.state(),
            average: average.iter().map(Tensor::shallow_clone).collect(),
            averaged,
        };
        self.resume
            .write(self.network, &snapshot, &self.provenance())?;
        if let Some(checkpoint) = self.checkpoint() {
            let epoch = match checkpoint.whole_epochs() {
                Some(epoch) => Note::Integer(epoch),
                None => Note::Real(checkpoint.epochs()),
            };
            self.save(
                &checkpoint.name,
                &snapshot.state,
                vec![("epoch".into(), epoch)],
            )?;
        }
        Ok(())
    }

    /// Writes the averaged weights, where they are asked for, and ends the training. Returns how
    /// good the average is on the test set.
    pub(crate) fn finish(&self, test: Option<&Batches>) -> anyhow::Result<Option<Score>> {
        self.progress.finish();
        let mut score = None;
        if let Some(average) = &self.average {
            let mut state = self.trainer.state();
            for (index, parameter) in self.trainer.parameters().iter().zip(&average.parameters) {
                state[*index] = parameter.shallow_clone();
            }
            let state = self.with_statistics(state)?;
            let kind = average.averaging().name();
            let notes = vec![
                ("average".into(), Note::Text(kind.into())),
                ("averaged".into(), Note::Integer(average.count)),
            ];
            self.save(AVERAGE, &state, notes)?;
            if let Some(test) = test {
                score = Some(self.measure_state(&state, test)?);
            }
        }
        self.resume.remove()?;
        Ok(score)
    }

    /// A state with the running statistics of batch normalisation as they are over the training
    /// set, whose examples are taken in order and not changed at random.
    fn with_statistics(&self, state: Vec<Tensor>) -> anyhow::Result<Vec<Tensor>> {
        let names = self.network.names();
        let (program, device) = (&self.network.program, self.settings.device);
        let Some(mut statistics) = Statistics::new(program, &names, &state, device)? else {
            return Ok(state);
        };
        torch::manual_seed(seed_of_step(self.settings.seed, self.place.step));
        let order: Vec<i64> = (0..self.train.examples()).collect();
        for indices in order.chunks(self.settings.batch) {
            let (inputs, targets) = self.train.pick(&Tensor::from_slice(indices));
            statistics.add(&self.call(&inputs, targets.as_ref()))?;
        }
        Ok(statistics.state())
    }

    /// Writes a model.
    fn save(
        &self,
        name: &str,
        state: &[Tensor],
        mut notes: Vec<(String, Note)>,
    ) -> anyhow::Result<()> {
        let is_whole = name.bytes().all(|byte| byte.is_ascii_digit());
        if !is_whole {
            notes.push(("checkpoint".into(), Note::Text(name.into())));
        }
        notes.push(("seed".into(), Note::Integer(self.settings.seed as i64)));
        let model = Model {
            program: self.network.text.clone(),
            state: network_state(self.network, state)?,
            architecture: self.network.architecture.clone(),
            notes,
        };
        model.write(&self.settings.checkpoints.target(name), &self.provenance())?;
        Ok(())
    }

    fn provenance(&self) -> Provenance {
        let mut headers = Vec::new();
        headers.extend(&self.network.header);
        headers.push(self.data);
        let provenance = Provenance::of_this_command(&headers);
        provenance.with(history::DEVICE, self.settings.device_name())
    }
}

/// Names and values of all settings on which the bits depend.
fn all_settings(settings: &Settings, network: &Network, data: &Header) -> Vec<(String, String)> {
    let mut named = Vec::new();
    let source = match &network.header {
        Some(model) => ("--program with the id", &model.id),
        None => ("--arch", &network.architecture),
    };
    for (name, value) in [source, ("--data with the id", &data.id)] {
        named.push((name.to_string(), value.clone()));
    }
    named.extend(settings.named());
    named
}

/// The seed of what a step draws inside the network, such as dropout.
fn seed_of_step(seed: u64, step: usize) -> i64 {
    // neighbouring seeds far apart: 2^64 over the golden ratio
    let start = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    start.wrapping_add(step as u64) as i64
}
