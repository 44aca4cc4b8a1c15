//! Imports a data set: `import-data cifar10 cifar-10-binary.tar.gz --output data.h5`.

mod args;
mod normalize;
mod sources;
mod subset;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use files::{Contents, Dataset, Note, Provenance, history};
use import_data::{cifar10, folder, idx, npz};

use args::{Args, Source};

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let options = args.source.options();
    options.output.check([args.source.path()])?;
    let mut raw = match &args.source {
        Source::Cifar10 { path, .. } => cifar10::read(path)?,
        Source::Idx { path, classes, .. } => idx::read(path, classes)?,
        Source::Npz { path, .. } => npz::read(path)?,
        Source::Folder { path, size, .. } => folder::read(path, *size)?,
    };

    subset::take(&mut raw, options)?;
    let normalization =
        normalize::normalization(options.normalize.as_ref(), args.source.is_cifar10(), &raw)?;

    let source = args
        .source
        .path()
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into());
    let mut notes = vec![("source".to_string(), Note::Text(source))];
    notes.extend(options.notes());
    let data = Dataset {
        splits: raw.splits,
        normalization,
        classes: raw.classes,
        notes,
    };
    let mut provenance = Provenance::of_this_command(&[]);
    for file in
        sources::describe(&args.source).with_context(|| args.source.path().display().to_string())?
    {
        provenance = provenance.with(history::SHA256, &file);
    }
    data.write(&options.output.target(), &provenance)?;
    for (split, examples) in &data.splits {
        for (name, inputs) in &examples.inputs {
            let name = if name.is_empty() {
                String::new()
            } else {
                format!(" {name}")
            };
            options
                .output
                .say(format!("{split}: inputs{name} {:?}", inputs.shape()));
        }
        if let Some(targets) = &examples.targets {
            options
                .output
                .say(format!("{split}: targets {:?}", targets.shape()));
        }
    }
    Ok(())
}
