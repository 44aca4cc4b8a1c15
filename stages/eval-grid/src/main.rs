//! Measures the loss at the points of a grid, or of one shard of it:
//! `eval-grid --model m.h5 --data d.h5 --directions dirs.h5 --x=-1:1:51 --y=-1:1:51 --shard 3/10 --output shard.h5`.

mod args;
mod inputs;
mod journal;
mod points;
mod result;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use files::{Contents, Provenance};
use stage::Progress;

use args::Args;
use inputs::Inputs;
use journal::Journal;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    args.output.check()?;
    let inputs = Inputs::read(&args)?;
    let grid = args.grid();
    let points: Vec<usize> = args.shard.points(grid.len()).collect();

    let evaluators = inputs.evaluators(&args, points.len())?;
    let metrics = inputs.metrics();
    let mut journal = Journal::open(&args.output, inputs.measurement(), &grid, args.shard, &metrics)?;
    let todo: Vec<usize> = points.iter().copied().filter(|point| !journal.has(*point)).collect();
    let resumed = points.len() - todo.len();
    if resumed > 0 {
        args.output.say(format!("{resumed} of {} points stand in {}", points.len(), journal.path().display()));
    }

    let mut progress = Progress::new("points", points.len(), resumed, inputs.images(), args.output.quiet);
    let evaluated = points::evaluate(evaluators, &todo, &grid, |point, values| {
        journal.add(point, &values)?;
        progress.step();
        Ok(())
    });
    evaluated.with_context(|| format!("{} with {}", args.model.display(), args.data.display()))?;
    progress.finish();

    let provenance = Provenance::of_this_command(&inputs.headers());
    let shard = result::shard(&args, &inputs, grid, points, metrics, &journal);
    shard.write(&args.output.output, &provenance)?;
    journal.remove();
    args.output.say(format!("{} points: {} computed now, {resumed} before", shard.points.len(), todo.len()));
    Ok(())
}
