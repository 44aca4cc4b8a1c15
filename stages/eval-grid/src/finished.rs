//! An output that is there already: what the same command left when it was killed at its very end.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use files::{Contents, Shard};
use grid::Grid;

use crate::{args::Args, inputs::Inputs};

/// Checks, before any work, that the output may be written; whether one that exists is what this run would write is seen
/// later.
pub(crate) fn check_output(args: &Args) -> anyhow::Result<()> {
    let inputs = [&args.model, &args.data, &args.directions].map(PathBuf::as_path);
    match args.output.check(inputs) {
        Err(error) if is_there(&error) => Ok(()),
        checked => checked,
    }
}

fn is_there(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(files::Error::Exists(_)))
}

/// Whether the output is there and holds what this run would measure.
///
/// # Errors
/// It holds something else.
pub(crate) fn is_finished(args: &Args, inputs: &Inputs, grid: &Grid) -> anyhow::Result<bool> {
    let output = &args.output.output;
    if args.output.force || !output.exists() {
        return Ok(false);
    }
    let said = || format!("{} exists: --force overwrites it", output.display());
    let shard = Shard::read(output).with_context(said)?;
    let mine = inputs.measurement();
    shard
        .measurement
        .check_same(Path::new("this command"), mine, &shard.header)
        .with_context(said)?;
    let names = shard.metrics.iter().map(|metric| metric.name.as_str());
    if shard.grid != *grid || shard.part != args.shard || !names.eq(inputs.metrics()) {
        bail!("{}, it holds other points or metrics", said());
    }
    Ok(true)
}
