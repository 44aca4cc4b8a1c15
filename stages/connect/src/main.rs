//! Trains a curve of low loss between two networks: `connect --model a.h5 --target b.h5 --data d.h5
//! --output bend.h5`.

mod args;
mod ends;

use std::{process::ExitCode, time::Instant};

use anyhow::Context;
use clap::Parser;
use files::{Contents, DatasetFile, Note, Split};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use torch::Path;
use training::{Network, Resume, Setup, Table, Training};

use args::{Args, Settings};
use ends::Ends;

/// The table on stdout.
const COLUMNS: &str = "epoch\trate\ttrain_loss\ttrain_err\tseconds";

fn main() -> ExitCode {
    torch::leave_at_once();
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let settings = args.settings()?;
    let recipe = &settings.training;
    let device = recipe.run.device;
    torch::keep_memory();
    let ends = Ends::read(&settings.model, &settings.target)?;
    let data = DatasetFile::open(&settings.data)?;
    let examples = recipe.examples(&data, &Split::Train)?;
    training::check_targets(recipe.criterion.loss, &data, &examples)?;

    let path = Path::new(settings.curve, ends.trained(device));
    let state = ends.state(path.middle());
    let Ends { model, target } = ends;
    let (header, target) = (model.header.clone(), target.header);
    let (network, _) = Network::of_model(model.contents, model.header, device)?;
    network.check_batch(recipe.batch, examples.count())?;
    let train = network.batches(recipe, &data, &examples, recipe.batch)?;
    let resume = Resume::new(
        &settings.resume,
        settings.named(&header, &target, &data.header),
    );
    let mut training = Training::new(Setup {
        settings: recipe,
        network: &network,
        inputs: vec![&header, &target, &data.header],
        train: &train,
        state,
        path: Some(path),
        random: ChaCha8Rng::seed_from_u64(recipe.run.seed),
        resume,
    })?;
    let files = || {
        let (model, data) = (settings.model.display(), settings.data.display());
        format!("{model} and {data}")
    };
    training.check().with_context(files)?;

    let mut table = Table::new(COLUMNS);
    while !training.is_done() {
        epoch(&settings, &mut training, &mut table)?;
    }
    training.progress().finish();
    let bend = training.with_statistics(training.state())?;
    let mut notes = vec![("epoch".into(), Note::Integer(recipe.epochs as i64))];
    for (name, text) in [
        ("curve", settings.curve.name()),
        ("curve_start", &header.id),
        ("curve_end", &target.id),
    ] {
        notes.push((name.into(), Note::Text(text.into())));
    }
    let bend = training.model(&bend, notes)?;
    bend.write(&settings.output, &training.provenance())?;
    training.end()?;
    table.end()
}

/// One pass over the training set, and its line in the table.
fn epoch(settings: &Settings, training: &mut Training, table: &mut Table) -> anyhow::Result<()> {
    let start = Instant::now();
    let epoch = training.next_epoch();
    let left = training.examples_left();
    for examples in left.chunks(settings.training.batch) {
        training.step(examples)?;
    }
    let (score, rate) = (training.score(), training.last_rate());
    let took = start.elapsed().as_secs_f64();
    training.progress().aside(|| {
        table.print(format_args!(
            "{epoch}\t{rate:.3e}\t{:.4}\t{:.2}\t{took:.0}",
            score.loss, score.error
        ));
    });
    score.check("the training set", epoch, settings.training.lr)?;
    training.keep(Vec::new())
}
