//! Trains a network and keeps its checkpoints: `train --arch resnet20 --data d.h5 --output-dir
//! nets/`.

mod args;
mod augment;
mod average;
mod checkpoints;
mod initial;
mod log;
mod network;
mod resume;
mod rule;
mod schedule;
mod table;
mod training;

use std::{process::ExitCode, time::Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use files::{DatasetFile, Examples, Split};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use torch::Batches;

use args::{Args, Settings, Source};
use network::Network;
use table::Table;
use training::{Score, Training};

/// Examples per batch where the test set is measured; 128 is fast on CPUs and small on GPUs.
const TEST_BATCH: usize = 128;

fn main() -> ExitCode {
    torch::leave_at_once();
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let settings = args.settings()?;
    torch::keep_memory();
    let data = DatasetFile::open(&settings.data)?;
    let examples = examples(&settings, &data, &Split::Train)?;
    let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
    let (network, state) = Network::new(&settings, &data, &examples, &mut random)?;
    network.check_batch(settings.batch, examples.count())?;
    let feed = Feed {
        settings: &settings,
        data: &data,
        network: &network,
    };
    let train = feed.batches(&examples, settings.batch)?;
    let test = feed.test_batches()?;

    let mut training = Training::new(&settings, &network, &data.header, &train, state, random)?;
    if let Source::Program(model) = &settings.source {
        let files = || format!("{} and {}", model.display(), settings.data.display());
        training.check().with_context(files)?;
    }
    training.keep()?;
    let mut table = Table::new();
    while !training.is_done() {
        let start = Instant::now();
        let epoch = training.next_epoch();
        let trained = training.epoch()?;
        let tested = match &test {
            Some(test) => Some(training.measure(test)?),
            None => None,
        };
        let (rate, took) = (training.last_rate(), start.elapsed());
        training
            .progress()
            .aside(|| table.print(epoch, rate, trained, tested, took));
        check_losses(epoch, trained, tested, settings.lr)?;
        training.keep()?;
    }
    if let Some(average) = training.finish(test.as_ref())?
        && !settings.quiet
    {
        let Score { loss, error } = average;
        stage::tell(format_args!(
            "model-average.h5: test loss {loss:.4}, error {error:.2} %"
        ));
    }
    table.end()
}

/// The examples of a split that are used.
fn examples(settings: &Settings, data: &DatasetFile, split: &Split) -> anyhow::Result<Examples> {
    let examples = data.examples(split, settings.limit)?;
    Ok(if settings.criterion.loss.wants_classes() {
        examples.with_wide_classes()
    } else {
        examples
    })
}

/// Ends a training that diverged.
fn check_losses(
    epoch: usize,
    trained: Score,
    tested: Option<Score>,
    rate: f64,
) -> anyhow::Result<()> {
    let mut losses = vec![("the training set", trained.loss)];
    losses.extend(tested.map(|score| ("the test set", score.loss)));
    for (split, loss) in losses {
        ensure!(
            loss.is_finite(),
            "the loss of {split} is {loss} in epoch {epoch}: try a smaller --lr than {rate}"
        );
    }
    Ok(())
}

/// How examples become batches.
struct Feed<'a> {
    settings: &'a Settings,
    data: &'a DatasetFile,
    network: &'a Network,
}

impl Feed<'_> {
    fn batches(&self, examples: &Examples, size: usize) -> Result<Batches, torch::Error> {
        let loss = self.settings.criterion.loss;
        let inputs = self.network.fed(loss, examples.targets.is_some());
        let normalization = &self.data.normalization;
        Batches::new(examples, normalization, inputs, size, self.settings.device)
    }

    /// The test set, where the data has one.
    fn test_batches(&self) -> anyhow::Result<Option<Batches>> {
        if !self.data.splits().contains(&Split::Test) {
            return Ok(None);
        }
        let examples = examples(self.settings, self.data, &Split::Test)?;
        let batch = self.network.program.batch().unwrap_or(TEST_BATCH);
        Ok(Some(self.batches(&examples, batch)?))
    }
}
