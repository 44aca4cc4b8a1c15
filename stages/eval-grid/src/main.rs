//! Measures the loss at the points of a grid, or of one shard of it:
//! `eval-grid --model m.h5 --data d.h5 --directions dirs.h5 --x=-1:1:51 --y=-1:1:51 --shard 3/10 --output shard.h5`.

mod args;
mod inputs;
mod journal;
mod points;
mod result;
mod signals;

use std::{process::ExitCode, time::Instant};

use anyhow::Context;
use clap::Parser;
use files::{Contents, Provenance};
use stage::Progress;

use args::Args;
use inputs::Inputs;
use journal::Journal;
use signals::Signals;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    args.output.check()?;
    let signals = Signals::catch()?;
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

    let (start, jobs) = (Instant::now(), evaluators.len());
    let mut progress = Progress::new("points", points.len(), resumed, inputs.images(), args.output.quiet);
    let stop = || signals.caught().is_some();
    let evaluated = points::evaluate(evaluators, &todo, &grid, &stop, |point, values| {
        journal.add(point, &values)?;
        progress.step();
        Ok(())
    });
    evaluated.with_context(|| format!("{} with {}", args.model.display(), args.data.display()))?;
    progress.finish();
    if let Some(signal) = signals.caught().filter(|_| journal.len() < points.len()) {
        return Err(stage::Stopped(format!(
            "{signal}: {} of {} points stand in {}, the same command goes on",
            journal.len(),
            points.len(),
            journal.path().display()
        ))
        .into());
    }
    let seconds = start.elapsed().as_secs_f64() * jobs as f64 / todo.len() as f64;

    let provenance = Provenance::of_this_command(&inputs.headers());
    let shard =
        result::shard(&args, &inputs, grid, points, metrics, &journal, Some(seconds).filter(|_| !todo.is_empty()));
    shard.write(&args.output.output, &provenance)?;
    journal.remove();
    args.output.say(format!("{} points: {} computed now, {resumed} before", shard.points.len(), todo.len()));
    Ok(())
}
