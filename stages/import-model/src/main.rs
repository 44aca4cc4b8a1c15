//! Imports a trained network: `import-model --arch resnet56 --checkpoint model_300.t7 --output model.h5`.

mod args;
mod checkpoint;
mod matching;

use std::{fs, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use files::{Contents, Model, Note, Provenance};
use sha2::{Digest, Sha256};

use args::{Args, Import, Task};
use checkpoint::Checkpoint;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    match args.task()? {
        Task::List => list(),
        Task::Import(task) => import(&task),
    }
}

fn import(task: &Import) -> anyhow::Result<()> {
    let file = || task.checkpoint.display().to_string();
    let bytes = fs::read(&task.checkpoint).with_context(|| format!("{} cannot be read", file()))?;
    let checkpoint = Checkpoint::read(&bytes).with_context(file)?;
    let state = checkpoint.state(task.key.as_deref()).with_context(file)?;

    let architecture = matching::architecture(&task.arch, &state, bytes.len()).with_context(file)?;
    let tensors = matching::tensors(&architecture, &checkpoint, &state).with_context(file)?;

    let source = task.checkpoint.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let model = Model {
        program: architecture.program.to_json(),
        state: tensors,
        architecture: architecture.name,
        notes: vec![("source".into(), Note::Text(source)), ("source_sha256".into(), Note::Text(sha256))],
    };
    model.write(&task.output.output, &Provenance::of_this_command(&[]))?;
    let parameters: usize = model.parameters().map(|entry| entry.tensor.len()).sum();
    task.output.say(format!("{}: {parameters} parameters in {} tensors", model.architecture, model.state.len()));
    Ok(())
}

fn list() -> anyhow::Result<()> {
    for name in zoo::NAMES {
        let parameters: usize = matching::sizes(&zoo::build(name, 3, 10)?).sum();
        println!("{name:<20} {parameters:>9}");
    }
    Ok(())
}
