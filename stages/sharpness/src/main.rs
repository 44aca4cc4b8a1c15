//! Measures how sharp the minima are in which networks lie: `sharpness --model 'nets/model-*.h5'
//! --data d.h5 --output sharpness.h5`.

mod args;
mod measure;
mod result;
mod settings;
mod steps;
mod study;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use evaluation::{Models, Parameters, Plane, Signals, fastest_plan};
use files::{Note, Places, Provenance, history};
use grid::Grid;
use schedule::{Journal, Points, States, check_output, measure_points, publish};
use serde_json::{Value, json};
use stage::Progress;
use torch::{Averages, Kind, Precision};
use weights::Selection;

use args::Args;
use measure::Sharpnesses;
use settings::Settings;

fn main() -> ExitCode {
    torch::leave_at_once();
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let signals = Signals::catch()?;
    let settings = args.settings()?;
    check_output(&settings.output, settings.inputs())?;
    torch::keep_memory();
    torch::one_thread();
    torch::bound_memory(evaluation::free_memory());

    let models = Models::read(&settings.question, &settings.models)?;
    let subject = &models.subject;
    let plane = Plane::new(subject, None);
    let element = subject.real().elt_size_in_bytes();
    let batch = evaluation::batch_of(subject, &plane, settings.batch, element)?;
    let mut told = models.settings(batch);
    told.extend(settings.wanted.told());
    let rows: Vec<usize> = (0..settings.models.len()).collect();
    let lines = journal_settings(&models, &told);
    let mut journal = Journal::open(&settings.output, lines, rows.len())?;
    let mut states = States::find(&settings.output, &journal);

    let part = subject.parts.first().context("there is a split")?;
    let batches = evaluation::batches(subject, part, batch, true)?;
    let splits = [batches.share(batch)];
    let plan = torch::no_grad(|| fastest_plan(subject, &plane, &splits, Precision::Full))?;
    drop(plane);
    let criterion = settings.question.criterion;
    let outputs = subject.program.outputs.len();
    let loss = torch::chosen_metrics(&["loss".to_string()], criterion.loss, outputs);
    let sharpnesses = Sharpnesses {
        models: &models,
        wanted: &settings.wanted,
        parameters: &all_parameters()?,
        plan: &plan,
        averages: Averages {
            criterion,
            metrics: loss.map_err(anyhow::Error::msg)?,
            stop: None,
        },
        chunks: batches.count(),
        rounding: match subject.real() {
            Kind::Double => f64::EPSILON,
            _ => f32::EPSILON.into(),
        },
    };

    let left: Vec<usize> = rows
        .iter()
        .copied()
        .filter(|row| !journal.has(*row))
        .collect();
    let mut workers = Vec::new();
    for job in 0..jobs(&settings, batches.count() * left.len()) {
        workers.push(sharpnesses.worker(left[job % left.len()], &batches)?);
    }
    let places = Places::Grid(Grid {
        x: rows.iter().map(|row| *row as f64).collect(),
        y: None,
    });
    let (before, quiet) = (journal.len(), settings.output.quiet);
    let progress = Progress::new("models", rows.len(), before, part.count, quiet);
    let mut points = Points::new(&rows, &mut journal, &mut states, progress);
    let stop = || signals.caught().is_some();
    measure_points(&sharpnesses, workers, &places, &stop, &mut points)
        .with_context(|| subject.both_files())?;
    drop(points);
    if journal.len() < rows.len() {
        let signal = signals.caught().unwrap_or("a signal");
        let what =
            format!("{signal}: what is measured is kept, the same command goes on from there");
        return Err(stage::Stopped(what).into());
    }

    let mut values = Vec::new();
    for row in rows {
        values.push(journal.values(row)?);
    }
    let table = result::table(&models, &settings.wanted, told, values)?;
    result::say_missing(&settings, &table);
    let provenance = Provenance::of_this_command(&models.all_headers())
        .with(history::DEVICE, torch::device_name(subject.device));
    publish(&table, &settings.output, &provenance, journal)
}

/// Gradients are those by all parameters.
fn all_parameters() -> anyhow::Result<Parameters> {
    Ok(Parameters {
        which: options::Parameters::All,
        selection: Selection::new(&[], &[])?,
    })
}

/// The first line of the journal: passes of other settings are of no use.
fn journal_settings(models: &Models, told: &[(String, Note)]) -> Vec<(String, Value)> {
    let mut lines = vec![("journal".to_string(), json!("sharpness 1"))];
    for (role, origin) in models.origins() {
        lines.push((role, json!(origin.id)));
    }
    let mut ids = Vec::new();
    for header in &models.headers {
        ids.push(header.id.as_str());
    }
    lines.push(("models".into(), json!(ids)));
    for (name, value) in told {
        let value = match value {
            Note::Text(text) => json!(text),
            Note::Integer(number) => json!(number),
            Note::Real(number) => json!(number),
        };
        lines.push((name.clone(), value));
    }
    lines
}

/// How many threads measure, where there is work for so many at most.
fn jobs(settings: &Settings, most: usize) -> usize {
    let cores = evaluation::cores(settings.question.device);
    settings.jobs.unwrap_or(cores).min(most)
}
