//! Measures eigenvalues, trace and density of the Hessian: `hessian --model m.h5 --data d.h5 --top
//! 5 --trace --density --output spectrum.h5`.

mod args;
mod inputs;
mod measure;
mod result;
mod row;
mod settings;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use evaluation::{Rows, Signals, fastest_plan};
use files::Provenance;
use schedule::check_output;
use spectral::Element;
use torch::{Kind, Precision};

use args::Args;
use inputs::Inputs;
use measure::{Spectra, Worker};
use row::Row;
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

    let inputs = Inputs::read(&settings)?;
    let plane = inputs.plane();
    let subject = inputs.subject();
    let element = subject.real().elt_size_in_bytes();
    let batch = evaluation::batch_of(subject, &plane, settings.batch, element)?;
    let told = inputs.settings(&settings, batch);
    let lines = inputs.journal_settings(&settings, &told);
    let mut rows = Rows::open(&inputs.models, &settings.output, "hessian 2", lines)?;

    let part = subject.parts.first().context("there is a split")?;
    let batches = evaluation::batches(subject, part, batch, true)?;
    let splits = [batches.share(batch)];
    let plan = torch::no_grad(|| fastest_plan(subject, &plane, &splits, Precision::Full))?;
    let jobs = settings
        .jobs
        .unwrap_or_else(|| evaluation::cores(subject.device));
    let jobs = jobs.min(batches.count() * settings.models.len());
    let mut workers = Vec::new();
    for _ in 0..jobs {
        workers.push(Worker {
            bent: settings
                .bending
                .bent((subject, &plane), &plan, &batches, jobs)?,
            row: settings.models.len().checked_sub(1),
        });
    }
    let dimension = workers[0].bent.curvature.dimension();
    let spectra = Spectra {
        inputs: &inputs,
        bending: &settings.bending,
        plan: &plan,
        place: settings.place.as_ref(),
        wanted: settings.wanted,
        dimension,
        element: match subject.real() {
            Kind::Double => Element::F64,
            _ => Element::F32,
        },
        chunks: batches.count(),
        has_vectors: settings.wants_vectors(),
        jobs,
    };

    rows.measure(&spectra, workers, &signals)?;

    let mut found = Vec::new();
    for values in rows.values()? {
        found.push(Row::from_values(&values, &settings.wanted)?);
    }
    say_unfinished(&settings, &found);
    let names = settings.bending.parameters.names(subject)?;
    let spectrum = result::spectrum(&settings, &inputs, told, (dimension, names), &found)?;
    rows.publish(&spectrum, Provenance::of_this_command(&inputs.headers()))
}

/// Says which models have eigenvalues that are not known to the tolerance.
fn say_unfinished(settings: &Settings, rows: &[Row]) {
    for (model, row) in settings.models.iter().zip(rows) {
        if !row.is_converged {
            settings.output.say(format!(
                "warning: {}: after {} products its eigenvalues are not known to --tolerance {}, \
                 see their bounds; --max-products allows more",
                model.display(),
                row.products,
                settings.wanted.tolerance
            ));
        }
    }
}
