//! Trains a network of the zoo and keeps its checkpoints: `train --arch resnet20 --data d.h5 --output-dir nets/`.

mod args;
mod augment;
mod initial;
mod schedule;
mod training;

use std::{process::ExitCode, time::Instant};

use anyhow::ensure;
use clap::Parser;
use files::{DatasetFile, Examples, Split};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use torch::Batches;

use args::Args;
use training::Training;

/// Examples a batch where the test set is measured; 128 is fast on CPUs and small on GPUs.
const TEST_BATCH: usize = 128;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    args.check()?;
    torch::keep_memory();
    let device = args.device.resolve()?;
    let data = DatasetFile::open(&args.data)?;
    let train = data
        .examples(&Split::Train, args.limit)?
        .with_wide_classes();
    let test = data
        .splits()
        .contains(&Split::Test)
        .then(|| data.examples(&Split::Test, args.limit))
        .transpose()?;
    let architecture = initial::architecture(&args.arch, &data, &train)?;

    let batches = |examples: &Examples, size| {
        Batches::new(
            examples,
            &data.normalization,
            &architecture.program.inputs,
            size,
            device,
        )
    };
    let train = batches(&train, args.batch)?;
    let test = test.map(|test| batches(&test, TEST_BATCH)).transpose()?;
    let mut random = ChaCha8Rng::seed_from_u64(args.seed);
    let state = initial::state(&architecture, &mut random);
    let mut training = Training::new(&args, &architecture, &data.header, state, device)?;

    training.save(0)?;
    // a training goes on where its table cannot be printed, and fails at its end
    let mut printed =
        stage::print("epoch\trate\ttrain_loss\ttrain_err\ttest_loss\ttest_err\tseconds");
    for epoch in 1..=args.epochs {
        let (start, rate) = (
            Instant::now(),
            args.schedule.rate(args.lr, epoch, args.epochs),
        );
        let (loss, error) = training.epoch(&train, rate, &mut random)?;
        let (test_loss, test_error) = test
            .as_ref()
            .map_or(Ok((f64::NAN, f64::NAN)), |test| training.measure(test))?;
        let seconds = start.elapsed().as_secs_f64();
        printed = printed.and(stage::print(format_args!(
            "{epoch}\t{rate:.3e}\t{loss:.4}\t{error:.2}\t{test_loss:.4}\t{test_error:.2}\t{seconds:.0}"
        )));
        // without a test set there is no loss of it to be NaN
        ensure!(
            loss.is_finite() && (test.is_none() || test_loss.is_finite()),
            "the loss is {loss} in epoch {epoch}, that of the test set {test_loss}: try a smaller --lr than {}",
            args.lr
        );
        if epoch % args.save_every == 0 || epoch == args.epochs {
            training.save(epoch)?;
        }
    }
    Ok(printed?)
}
