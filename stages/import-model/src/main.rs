//! Imports a trained network: `import-model --arch resnet56 --checkpoint model_300.t7 --output
//! model.h5`, or
//! `import-model --program model.pt2 --output model.h5`.

mod args;
mod inspect;
mod matching;
mod outputs;
mod prefix;
mod weights;

#[cfg(test)]
mod tests;

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use checkpoint::{State, exported::Used};
use clap::Parser;
use files::{Contents, Model, Note, Provenance, Role, StateTensor, history};

use args::{Args, Import, Source, Task};
use matching::Wanted;
use weights::Weights;

/// A model, and the files that it was read from: `SHA-256:PATH`.
type Imported = (Model, Vec<String>);

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    match args.task()? {
        Task::List => list(),
        Task::Inspect { file, key } => inspect::inspect(&file, key.as_deref()),
        Task::Import(task) => import(&task),
    }
}

fn import(task: &Import) -> anyhow::Result<()> {
    let (model, read) = match &task.source {
        Source::Zoo { arch, checkpoint } => of_the_zoo(arch, checkpoint, task)?,
        Source::Program {
            program,
            checkpoint,
        } => of_a_program(program, checkpoint.as_deref(), task)?,
    };
    let mut provenance = Provenance::of_this_command(&[]);
    for file in read {
        provenance = provenance.with(history::SHA256, &file);
    }
    model.write(&task.output.target(), &provenance)?;
    let parameters: usize = model.parameters().map(|entry| entry.tensor.len()).sum();
    task.output.say(format!(
        "{}: {parameters} parameters in {} tensors",
        model.architecture,
        model.state.len()
    ));
    Ok(())
}

/// An architecture with the weights of a checkpoint.
fn of_the_zoo(arch: &str, checkpoint: &Path, task: &Import) -> anyhow::Result<Imported> {
    let weights = Weights::read(checkpoint)?;
    let state = weights.state(task.key.as_deref())?;
    let wanted = matching::wanted(&zoo::build(arch, 3, 10)?);
    let state = aligned(&wanted, state, checkpoint, task)?;
    let (architecture, state) =
        matching::architecture(arch, &state).with_context(|| checkpoint.display().to_string())?;
    let notes = source(checkpoint, &weights);
    let model = Model {
        program: architecture.program.to_json(),
        state,
        architecture: architecture.name,
        notes,
    };
    Ok((model, weights.read_files()))
}

/// A program with its own weights, or with those of a checkpoint.
fn of_a_program(path: &Path, checkpoint: Option<&Path>, task: &Import) -> anyhow::Result<Imported> {
    let file = Weights::read(path)?;
    let mut exported = file.exported()?;
    outputs::choose(&mut exported, &task.output_names)
        .with_context(|| path.display().to_string())?;
    if let Some(half) = exported.program.half() {
        let half = half.name();
        task.output.say(format!(
            "it computes in {half}, as a whole or in part: weights are kept as f32, which holds \
             them exactly, and evaluated in f32; eval-grid --precision {half} evaluates it as it \
             was exported"
        ));
    }
    if exported.trained > 0 {
        task.output.say(format!(
            "warning: {} calls were exported as in training; they are evaluated as after \
             model.eval()",
            exported.trained
        ));
    }
    let program = exported.program.to_json();
    let architecture = path
        .file_stem()
        .map_or_else(String::new, |name| name.to_string_lossy().into());
    let Some(checkpoint) = checkpoint else {
        let state = own_state(exported.state).with_context(|| path.display().to_string())?;
        let model = Model {
            program,
            state,
            architecture,
            notes: source(path, &file),
        };
        return Ok((model, file.read_files()));
    };
    let weights = Weights::read(checkpoint)?;
    let state = weights.state(task.key.as_deref())?;
    let mut constants = Vec::new();
    let mut wanted = Vec::new();
    for used in exported.state {
        match used.role {
            Role::Constant => constants.push(used),
            Role::Parameter | Role::Buffer => wanted.push(Wanted::by_program(used)?),
        }
    }
    let state = aligned(&wanted, state, checkpoint, task)?;
    let mut state =
        matching::tensors(wanted, &state).with_context(|| checkpoint.display().to_string())?;
    for used in constants {
        state.push(StateTensor {
            tensor: used.tensor.values()?,
            name: used.name,
            role: used.role,
        });
    }
    let model = Model {
        program,
        state,
        architecture,
        notes: source(checkpoint, &weights),
    };
    let mut read = file.read_files();
    read.extend(weights.read_files());
    Ok((model, read))
}

/// The values of the tensors that a program brings with it.
fn own_state(state: Vec<Used>) -> anyhow::Result<Vec<StateTensor>> {
    let mut tensors = Vec::with_capacity(state.len());
    for used in state {
        let values = used.tensor.values();
        tensors.push(StateTensor {
            tensor: values.with_context(|| format!("\"{}\"", used.name))?,
            name: used.name,
            role: used.role,
        });
    }
    Ok(tensors)
}

/// The state of a checkpoint under the names that are wanted; how they were matched is said.
fn aligned<'a>(
    wanted: &[Wanted],
    state: State<'a>,
    file: &Path,
    task: &Import,
) -> anyhow::Result<State<'a>> {
    let aligned = prefix::align(wanted, state, task.prefix.as_deref());
    let (state, said) = aligned.with_context(|| file.display().to_string())?;
    if let Some(said) = said {
        task.output.say(format!("{}: {said}", file.display()));
    }
    Ok(state)
}

impl Wanted {
    /// What a program wants of another checkpoint; its own value is what a missing counter is.
    fn by_program(used: Used) -> anyhow::Result<Self> {
        let tensor = used
            .tensor
            .values()
            .with_context(|| format!("\"{}\"", used.name))?;
        let integer = !tensor.is_float();
        let default = used.name.ends_with("num_batches_tracked").then_some(tensor);
        Ok(Self {
            name: used.name,
            aliases: used.aliases,
            shape: used.tensor.shape,
            role: used.role,
            integer,
            default,
        })
    }
}

/// Where the weights came from.
fn source(path: &Path, weights: &Weights) -> Vec<(String, Note)> {
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into());
    vec![
        ("source".into(), Note::Text(name)),
        ("source_sha256".into(), Note::Text(weights.sha256.clone())),
    ]
}

fn list() -> anyhow::Result<()> {
    for name in zoo::names() {
        let parameters: usize = matching::sizes(&zoo::build(name, 3, 10)?).sum();
        stage::print(format_args!("{name:<20} {parameters:>9}"))?;
    }
    Ok(())
}
