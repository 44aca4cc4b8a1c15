//! Trains a network and keeps its checkpoints: `train --arch resnet20 --data d.h5 --output-dir
//! nets/`.

mod args;
mod average;
mod checkpoints;
mod initial;
mod measuring;
mod run;
mod source;

use std::{process::ExitCode, time::Instant};

use anyhow::Context;
use clap::Parser;
use files::{DatasetFile, Split};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use torch::Batches;
use training::{Network, Resume, Score, Setup, Table};

use args::{Args, Settings, Source};
use run::Run;

/// Examples per batch where the test set is measured; 128 is fast on CPUs and small on GPUs.
const TEST_BATCH: usize = 128;
/// The table on stdout.
const COLUMNS: &str = "epoch\trate\ttrain_loss\ttrain_err\ttest_loss\ttest_err\tseconds";

fn main() -> ExitCode {
    torch::leave_at_once();
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let settings = args.settings()?;
    let recipe = &settings.training;
    torch::keep_memory();
    let data = DatasetFile::open(&settings.data)?;
    let examples = recipe.examples(&data, &Split::Train)?;
    let mut random = ChaCha8Rng::seed_from_u64(recipe.run.seed);
    let (network, state) = source::network(&settings, &data, &examples, &mut random)?;
    network.check_batch(recipe.batch, examples.count())?;
    let train = network.batches(recipe, &data, &examples, recipe.batch)?;
    let test = test_batches(&settings, &data, &network)?;

    let mut inputs = Vec::new();
    inputs.extend(&network.header);
    inputs.push(&data.header);
    let resume = Resume::new(
        &settings.checkpoints.folder().join(args::RESUME),
        settings.named(&network, &data.header),
    );
    let setup = Setup {
        settings: recipe,
        network: &network,
        inputs,
        train: &train,
        state,
        path: None,
        random,
        resume,
    };
    let mut run = Run::new(&settings, setup)?;
    if let Source::Program(model) = &settings.source {
        let files = || format!("{} and {}", model.display(), settings.data.display());
        run.training.check().with_context(files)?;
    }
    run.keep()?;
    let mut table = Table::new(COLUMNS);
    while !run.training.is_done() {
        let start = Instant::now();
        let epoch = run.training.next_epoch();
        let trained = run.epoch()?;
        let tested = match &test {
            Some(test) => Some(run.measure(test)?),
            None => None,
        };
        let rate = run.training.last_rate();
        let took = start.elapsed().as_secs_f64();
        let line = line(epoch, rate, trained, tested);
        let print = || table.print(format_args!("{line}\t{took:.0}"));
        run.training.progress().aside(print);
        trained.check("the training set", epoch, recipe.lr)?;
        if let Some(tested) = tested {
            tested.check("the test set", epoch, recipe.lr)?;
        }
        run.keep()?;
    }
    if let Some(average) = run.finish(test.as_ref())?
        && !recipe.run.quiet
    {
        let Score { loss, error } = average;
        stage::tell(format_args!(
            "model-average.h5: test loss {loss:.4}, error {error:.2} %"
        ));
    }
    table.end()
}

/// The line of an epoch in the table, without the time.
fn line(epoch: usize, rate: f64, trained: Score, tested: Option<Score>) -> String {
    // without a test set there is no loss of it
    let tested = tested.unwrap_or(Score {
        loss: f64::NAN,
        error: f64::NAN,
    });
    format!(
        "{epoch}\t{rate:.3e}\t{:.4}\t{:.2}\t{:.4}\t{:.2}",
        trained.loss, trained.error, tested.loss, tested.error
    )
}

/// The test set, where the data has one.
fn test_batches(
    settings: &Settings,
    data: &DatasetFile,
    network: &Network,
) -> anyhow::Result<Option<Batches>> {
    if !data.splits().contains(&Split::Test) {
        return Ok(None);
    }
    let examples = settings.training.examples(data, &Split::Test)?;
    // a batch is padded to its size
    let most = examples.count().clamp(1, TEST_BATCH);
    let batch = network.program.batch().unwrap_or(most);
    let batches = network.batches(&settings.training, data, &examples, batch)?;
    Ok(Some(batches))
}
