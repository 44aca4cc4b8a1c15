//! Measures the loss at the points of a grid, or of one shard of it:
//! `eval-grid --model m.h5 --data d.h5 --directions dirs.h5 --x=-1:1:51 --y=-1:1:51 --shard 3/10 --output shard.h5`.

mod args;
mod batch_size;
mod checks;
mod evaluator;
mod finished;
mod inputs;
mod journal;
mod memory;
mod points;
mod precision;
mod ranks;
mod result;
mod signals;
mod todo;
mod variances;

use std::{process::ExitCode, time::Instant};

use anyhow::Context;
use clap::Parser;
use files::{Contents, Provenance, history};
use stage::Progress;

use args::Args;
use inputs::Inputs;
use journal::Journal;
use points::Exchange;
use ranks::Ranks;
use result::Remarks;
use signals::Signals;
use todo::Todo;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let (ranks, signals) = (Ranks::start()?, Signals::catch()?);
    if ranks.leads() {
        finished::check_output(&args)?;
    }
    torch::bound_memory(memory::free().0);
    let inputs = Inputs::read(&args)?;
    let grid = args.grid();
    let points: Vec<usize> = args.shard.points(grid.len()).collect();
    let jobs = ranks.together(inputs.jobs(&args, points.len(), ranks.several()))?;
    let precision_error = if ranks.leads() {
        ranks.together(precision::check(&args, &inputs, &jobs, &grid, &points))?
    } else {
        None
    };
    let evaluators = ranks.together(inputs.evaluators(&jobs))?;

    let start = Instant::now();
    let stop = || signals.caught().is_some();
    let evaluate = |exchange: &mut dyn Exchange| {
        let evaluated = points::evaluate(evaluators, &grid, &stop, exchange);
        evaluated.with_context(|| format!("{} with {}", args.model.display(), args.data.display()))
    };
    if !ranks.leads() {
        return ranks.follow(evaluate);
    }
    let finished = ranks.together(finished::is_finished(&args, &inputs, &grid))?;
    let points = if finished { Vec::new() } else { points };
    let columns = result::columns(&inputs);
    let mut journal = Journal::open(
        &args.output,
        inputs.measurement(),
        &grid,
        args.shard,
        &columns,
    )?;
    let before = journal.len();
    if before > 0 && !finished {
        args.output.say(format!(
            "resuming: {} holds {before} of {} points",
            journal.path().display(),
            points.len()
        ));
    }
    let progress = Progress::new(
        "points",
        points.len(),
        before,
        inputs.images(),
        args.output.quiet,
    );
    ranks.lead(Todo::new(&points, &mut journal, progress), evaluate)?;
    if finished {
        let output = args.output.output.display();
        args.output
            .say(format!("{output} holds all points already"));
        journal.remove();
        return Ok(());
    }
    if journal.len() < points.len() {
        let signal = signals.caught().unwrap_or("a signal to another rank");
        let (done, all, file) = (journal.len(), points.len(), journal.path().display());
        let what =
            format!("{signal}: {file} holds {done} of {all} points, the same command resumes");
        return Err(stage::Stopped(what).into());
    }

    let computed = points.len() - before;
    let seconds = start.elapsed().as_secs_f64() * jobs.count as f64 / computed as f64;
    let seconds_per_point = (computed > 0 && !ranks.several()).then_some(seconds);
    let remarks = Remarks {
        seconds_per_point,
        working_batch: jobs.batch,
        precision_error,
    };
    let shard = result::shard(&args, &inputs, grid, &points, &journal, &remarks);
    let provenance = Provenance::of_this_command(&inputs.headers())
        .with(history::BATCH, &inputs.measurement().batch.to_string())
        .with(history::DEVICE, inputs.device());
    shard.write(&args.output.target(), &provenance)?;
    journal.remove();
    if let Some(missing) = variances::describe(&inputs, &shard) {
        args.output.say(missing);
    }
    args.output.say(format!(
        "{} points: {computed} computed now, {before} before",
        shard.points.len()
    ));
    Ok(())
}
