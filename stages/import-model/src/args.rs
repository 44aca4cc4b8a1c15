use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;

/// Import a trained network
///
/// Either an architecture of the zoo with its weights, or any model as a program that torch.export
/// wrote. Nothing in these files is ever executed.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// An architecture of the zoo
    #[arg(
        long,
        value_name = "NAME",
        value_parser = PossibleValuesParser::new(zoo::names()),
        hide_possible_values = true
    )]
    #[arg(requires = "checkpoint", conflicts_with = "program")]
    arch: Option<String>,

    /// A program with its weights, written by torch.export.save (.pt2)
    #[arg(long, value_name = "FILE", required_unless_present_any = ["arch", "list", "inspect"])]
    program: Option<PathBuf>,

    /// The weights: a state_dict, or a dictionary that holds one, of torch.save (.pt, .pth, .t7,
    /// …), safetensors (a file or the index of several) or numpy (.npz) [default with --program:
    /// its own]
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    /// The entry of the checkpoint that holds the state_dict [default: the one that holds tensors]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,

    /// What the names of the checkpoint begin with and those of the program do not, such as model.;
    /// entries without it are left out [default: found where there is one way only]
    #[arg(long, value_name = "PREFIX", requires = "checkpoint")]
    prefix: Option<String>,

    /// What the program returns that is measured, where it returns several values; two names are a
    /// loss and a metric [default: all, where it returns one value, or two of one number per
    /// example]
    #[arg(
        long,
        value_name = "NAME[,NAME]",
        value_delimiter = ',',
        requires = "program"
    )]
    output_name: Vec<String>,

    /// List the architectures of the zoo and their numbers of parameters (3 channels, 10 classes)
    #[arg(long, exclusive = true)]
    list: bool,

    /// List what a file of weights holds: names, element types, shapes, norms
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["arch", "program", "checkpoint", "output"]
    )]
    inspect: Option<PathBuf>,

    #[command(flatten)]
    output: Option<stage::Output>,
}

/// What is asked for.
pub(crate) enum Task {
    List,
    Inspect { file: PathBuf, key: Option<String> },
    Import(Import),
}

/// What is imported, and to where.
pub(crate) struct Import {
    pub(crate) source: Source,
    pub(crate) key: Option<String>,
    pub(crate) prefix: Option<String>,
    /// Names of the outputs to measure; empty where none are chosen.
    pub(crate) output_names: Vec<String>,
    pub(crate) output: stage::Output,
}

/// Where the program comes from.
pub(crate) enum Source {
    Zoo {
        arch: String,
        checkpoint: PathBuf,
    },
    Program {
        program: PathBuf,
        checkpoint: Option<PathBuf>,
    },
}

impl Source {
    fn files(&self) -> Vec<&Path> {
        match self {
            Self::Zoo { checkpoint, .. } => vec![checkpoint],
            Self::Program {
                program,
                checkpoint,
            } => std::iter::once(program)
                .chain(checkpoint)
                .map(PathBuf::as_path)
                .collect(),
        }
    }
}

impl Args {
    /// The task, checked.
    pub(crate) fn task(self) -> anyhow::Result<Task> {
        if let Some(file) = self.inspect {
            return Ok(Task::Inspect {
                file,
                key: self.key,
            });
        }
        let source = match (self.arch, self.program, self.checkpoint) {
            (Some(arch), _, Some(checkpoint)) => Source::Zoo { arch, checkpoint },
            (_, Some(program), checkpoint) => Source::Program {
                program,
                checkpoint,
            },
            // clap leaves them out beside --list only
            _ => return Ok(Task::List),
        };
        let Some(output) = self.output else {
            anyhow::bail!("--output is missing: the file to write the model to")
        };
        output.check(source.files())?;
        let (prefix, output_names) = (self.prefix, self.output_name);
        Ok(Task::Import(Import {
            source,
            key: self.key,
            prefix,
            output_names,
            output,
        }))
    }
}
