//! Measures the loss at the points of a grid, or of one shard of it: `eval-grid --model m.h5 --data
//! d.h5 --directions dirs.h5 --x=-1:1:51 --y=-1:1:51 --shard 3/10 --output shard.h5`.

mod args;
mod batch_size;
mod checks;
mod finished;
mod inputs;
mod measure;
mod measured;
mod networks;
mod places;
mod precision;
mod range;
mod result;
mod settings;
mod setup;
mod variances;

use std::{process::ExitCode, time::Instant};

use anyhow::Context;
use clap::Parser;
use evaluation::{Plane, Signals};
use files::{Contents, Provenance, history};
use schedule::{Exchange, Journal, Points, Ranks, States, measure_points};
use stage::Progress;

use args::Args;
use inputs::Inputs;
use measured::Measured;
use result::Remarks;
use settings::Settings;
use setup::Setup;

fn main() -> ExitCode {
    torch::leave_at_once();
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let ranks = Ranks::start()?;
    let signals = Signals::catch()?;
    let settings = ranks.together(args.settings())?;
    if ranks.leads() {
        finished::check_output(&settings)?;
    }
    torch::keep_memory();
    torch::one_thread();
    torch::bound_memory(evaluation::free_memory());

    let inputs = ranks.together(Inputs::read(&settings))?;
    let plane = Plane::new(&inputs.subject, Some(&inputs.directions));
    let places = ranks.together(places::find(&settings, &inputs, &plane, &ranks))?;
    let measured = ranks.together(Measured::new(&settings, &inputs, &plane, places))?;
    let places = &measured.places;

    // points of other settings are told before data are read and plans are made
    let mut points: Vec<usize> = settings.shard.points(places.len()).collect();
    let mut leader = None;
    if ranks.leads() {
        let kept = ranks.together(Kept::open(&settings, &measured, points.len()))?;
        if kept.finished {
            points.clear();
        }
        leader = Some(kept);
    }

    let several = ranks.several();
    let setup = Setup::new(&settings, &inputs, &plane, &measured, points.len(), several);
    let setup = ranks.together(setup)?;
    let mut precision_error = None;
    if ranks.leads() {
        let checked = precision::check(&settings, &measured, &setup, &points);
        precision_error = ranks.together(checked)?;
    }
    let workers = ranks.together(setup.workers())?;

    let start = Instant::now();
    let stop = || signals.caught().is_some();
    let measure = |exchange: &mut dyn Exchange| {
        measure_points(&setup.measure, workers, places, &stop, exchange).with_context(|| {
            let (model, data) = (
                settings.question.model.display(),
                settings.question.data.display(),
            );
            format!("{model} with {data}")
        })
    };
    let Some(kept) = leader else {
        return ranks.follow(measure);
    };
    let Kept {
        mut journal,
        mut states,
        finished,
    } = kept;
    let before = journal.len();
    let progress = Progress::new(
        "points",
        points.len(),
        before,
        inputs.examples(),
        settings.output.quiet,
    );
    let own = Points::new(&points, &mut journal, &mut states, progress);
    ranks.lead(own, measure)?;
    if finished {
        let output = settings.output.output.display();
        let said = format!("{output} holds all points already");
        settings.output.say(said);
        journal.remove();
        return Ok(());
    }
    check_complete(&journal, points.len(), &signals)?;

    let computed = points.len() - before;
    let seconds = start.elapsed().as_secs_f64() * setup.jobs as f64 / computed as f64;
    let remarks = Remarks {
        seconds_per_point: (computed > 0 && !several).then_some(seconds),
        working_batch: setup.batch,
        precision_error,
    };
    let metrics = schedule::metrics(&measured.columns, &points, &journal)?;
    let shard = result::shard(&settings, &inputs, &measured, &points, metrics, &remarks);
    let provenance = Provenance::of_this_command(&inputs.headers())
        .with(history::BATCH, &measured.measurement.batch.to_string())
        .with(
            history::DEVICE,
            torch::device_name(settings.question.device),
        );
    shard.write(&settings.output.target(), &provenance)?;
    journal.remove();
    if !settings.wanted.at_checkpoints()
        && let Some(missing) = variances::describe(&inputs, &shard)
    {
        settings.output.say(missing);
    }
    settings.output.say(format!(
        "{} points: {computed} computed now, {before} before",
        points.len()
    ));
    Ok(())
}

/// What earlier runs of the same command left.
struct Kept {
    journal: Journal,
    states: States,
    /// The output is there already.
    finished: bool,
}

impl Kept {
    fn open(settings: &Settings, measured: &Measured, points: usize) -> anyhow::Result<Self> {
        let finished = finished::is_finished(settings, measured)?;
        let journal = Journal::open(
            &settings.output,
            measured.journal_settings(settings),
            measured.places.len(),
        )?;
        if !journal.is_empty() && !finished {
            settings.output.say(format!(
                "resuming: {} holds {} of {points} points",
                journal.path().display(),
                journal.len()
            ));
        }
        let states = States::find(&settings.output, &journal);
        if states.begun() > 0 && !finished {
            let begun = states.begun();
            settings.output.say(format!(
                "resuming: {begun} points go on from their last pass"
            ));
        }
        Ok(Self {
            journal,
            states,
            finished,
        })
    }
}

/// Checks that no point is left, which is so unless a signal stopped the run.
fn check_complete(journal: &Journal, points: usize, signals: &Signals) -> anyhow::Result<()> {
    if journal.len() == points {
        return Ok(());
    }
    let signal = signals.caught().unwrap_or("a signal to another rank");
    let file = journal.path().display();
    let done = journal.len();
    let what = format!(
        "{signal}: {file} holds {done} of {points} points, the same command goes on from there"
    );
    Err(stage::Stopped(what).into())
}
