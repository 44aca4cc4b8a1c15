use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

/// Import a trained network
///
/// Reads checkpoints of PyTorch, old and new, without executing anything in them.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The network's architecture
    #[arg(long, value_name = "NAME", required = true, value_parser = PossibleValuesParser::new(zoo::NAMES))]
    arch: Option<String>,

    /// The weights: a state_dict, or a dictionary that holds one, written by torch.save (.pt, .pth, .t7, …)
    #[arg(long, value_name = "FILE", required = true)]
    checkpoint: Option<PathBuf>,

    /// The entry of the checkpoint that holds the state_dict [default: the one that holds tensors]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,

    /// List the architectures and their numbers of parameters (3 channels, 10 classes)
    #[arg(long, exclusive = true)]
    list: bool,

    #[command(flatten)]
    output: Option<stage::Output>,
}

/// What is asked for.
pub(crate) enum Task {
    List,
    Import(Import),
}

/// What is imported, and to where.
pub(crate) struct Import {
    pub(crate) arch: String,
    pub(crate) checkpoint: PathBuf,
    pub(crate) key: Option<String>,
    pub(crate) output: stage::Output,
}

impl Args {
    /// The task, checked.
    pub(crate) fn task(self) -> anyhow::Result<Task> {
        match (self.arch, self.checkpoint, self.output) {
            (Some(arch), Some(checkpoint), Some(output)) => {
                output.check()?;
                Ok(Task::Import(Import { arch, checkpoint, key: self.key, output }))
            }
            // clap leaves them out beside --list only
            _ => Ok(Task::List),
        }
    }
}
