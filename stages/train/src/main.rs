//! Trains a network of the zoo and keeps its checkpoints: `train --arch resnet20 --data d.h5
//! --output-dir nets/`.

mod args;
mod augment;
mod initial;
mod schedule;
mod training;

use std::{
    io,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::ensure;
use clap::Parser;
use files::{DatasetFile, Examples, Split};
use program::Input;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use torch::Batches;

use args::{Args, Settings};
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
    let train = data
        .examples(&Split::Train, settings.limit)?
        .with_wide_classes();
    let architecture = initial::architecture(&settings.arch, &data, &train)?;
    let feed = Feed {
        settings: &settings,
        data: &data,
        inputs: &architecture.program.inputs,
    };
    let train = feed.batches(&train, settings.batch)?;
    let test = feed.test_batches()?;

    let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
    let state = initial::state(&architecture, &mut random);
    let mut training = Training::new(&settings, &architecture, &data.header, state)?;
    training.save(0)?;
    let mut table = Table::new();
    for epoch in 1..=settings.epochs {
        let start = Instant::now();
        let rate = settings.schedule.rate(settings.lr, epoch, settings.epochs);
        let trained = training.epoch(&train, rate, &mut random)?;
        let tested = match &test {
            Some(test) => Some(training.measure(test)?),
            None => None,
        };
        table.print(epoch, rate, trained, tested, start.elapsed());
        check_losses(epoch, trained, tested, settings.lr)?;
        if epoch % settings.save_every == 0 || epoch == settings.epochs {
            training.save(epoch)?;
        }
    }
    table.end()
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
    inputs: &'a [Input],
}

impl Feed<'_> {
    fn batches(&self, examples: &Examples, size: usize) -> Result<Batches, torch::Error> {
        let normalization = &self.data.normalization;
        Batches::new(
            examples,
            normalization,
            self.inputs,
            size,
            self.settings.device,
        )
    }

    /// The test set, where the data has one.
    fn test_batches(&self) -> anyhow::Result<Option<Batches>> {
        if !self.data.splits().contains(&Split::Test) {
            return Ok(None);
        }
        let examples = self.data.examples(&Split::Test, self.settings.limit)?;
        Ok(Some(self.batches(&examples, TEST_BATCH)?))
    }
}

/// The table on stdout. A training goes on where it cannot be printed, and fails at its end.
struct Table(io::Result<()>);

impl Table {
    fn new() -> Self {
        Self(stage::print(
            "epoch\trate\ttrain_loss\ttrain_err\ttest_loss\ttest_err\tseconds",
        ))
    }

    fn print(
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

    fn end(self) -> anyhow::Result<()> {
        Ok(self.0?)
    }
}
