//! Merges the shards of a grid into one surface, or those of a trajectory into a measured one:
//! `merge shard-*.h5 --output surface.h5`.

mod assemble;
mod missing;
mod parts;

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use assemble::Merged;
use clap::Parser;
use files::{Contents, Provenance, Shard, history};

/// Merge the shards of a grid into one surface, or those of a trajectory into one
///
/// Shards of other models, data, directions, axes or settings are refused, and so are holes and
/// overlaps.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The shards, in any order
    #[arg(required = true, value_name = "SHARD")]
    shards: Vec<PathBuf>,

    /// Leave the points of missing shards empty, for a preview
    #[arg(long)]
    allow_missing: bool,

    #[command(flatten)]
    output: stage::Output,
}

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    args.output
        .check(args.shards.iter().map(PathBuf::as_path))?;
    let shards = args
        .shards
        .iter()
        .map(|path| Shard::read(path))
        .collect::<files::Result<Vec<_>>>()?;

    assemble::check_alike(&shards)?;
    assemble::check_overlaps(&shards)?;
    if let Some(missing) = missing::describe(&shards) {
        if !args.allow_missing {
            bail!("{missing}; compute what is missing, or preview the rest with --allow-missing");
        }
        args.output.say(format!("warning: {missing}"));
    }

    // shards of one surface are made by the same commands but for --shard: the first stands for all
    let provenance = Provenance::of_this_command(&[&shards[0].header])
        .with(history::SHARDS, &parts::describe(&shards));
    let target = args.output.target();
    match assemble::merged(&shards) {
        Merged::Surface(surface) => surface.write(&target, &provenance)?,
        Merged::Trajectory(trajectory) => trajectory.write(&target, &provenance)?,
    };
    Ok(())
}
