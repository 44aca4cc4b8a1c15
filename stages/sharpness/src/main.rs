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
use evaluation::{Models, Parameters, Plane, Rows, Signals, fastest_plan, settings_of};
use files::Provenance;
use schedule::check_output;
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
    let lines = settings_of(&told);
    let mut rows = Rows::open(&models, &settings.output, "sharpness 2", lines)?;

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

    let left = rows.left();
    let mut workers = Vec::new();
    for job in 0..jobs(&settings, batches.count() * left.len()) {
        workers.push(sharpnesses.worker(left[job % left.len()], &batches)?);
    }
    rows.measure(&sharpnesses, workers, &signals)?;

    let table = result::table(&models, &settings.wanted, told, rows.values()?)?;
    result::say_missing(&settings, &table);
    rows.publish(&table, Provenance::of_this_command(&models.all_headers()))
}

/// Gradients are those by all parameters.
fn all_parameters() -> anyhow::Result<Parameters> {
    Ok(Parameters {
        which: options::Parameters::All,
        selection: Selection::new(&[], &[])?,
    })
}

/// How many threads measure, where there is work for so many at most.
fn jobs(settings: &Settings, most: usize) -> usize {
    let cores = evaluation::cores(settings.question.device);
    settings.jobs.unwrap_or(cores).min(most)
}
