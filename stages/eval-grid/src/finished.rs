//! An output that is there already: what the same command left when it was killed at its very end.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use files::{Contents, Shard};

use crate::{measured::Measured, settings::Settings};

/// Checks, before any work, that the output may be written; whether one that exists is what this
/// run would write is seen later.
pub(crate) fn check_output(settings: &Settings) -> anyhow::Result<()> {
    let mut inputs = vec![
        &settings.question.model,
        &settings.question.data,
        &settings.directions,
    ];
    inputs.extend(settings.wanted.trajectory());
    match settings
        .output
        .check(inputs.into_iter().map(PathBuf::as_path))
    {
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
pub(crate) fn is_finished(settings: &Settings, measured: &Measured) -> anyhow::Result<bool> {
    let output = &settings.output.output;
    if settings.output.force || !output.exists() {
        return Ok(false);
    }
    let exists = format!("{} exists: --force overwrites it", output.display());
    let shard = Shard::read(output).with_context(|| exists.clone())?;
    shard
        .measurement
        .check_same(
            Path::new("this command"),
            &measured.measurement,
            &shard.header,
        )
        .with_context(|| exists.clone())?;
    let names = shard.metrics.iter().map(|metric| &metric.name);
    let wanted = measured.columns.iter().map(|column| &column.quantity.name);
    if !shard.places.is_same(&measured.places) || shard.part != settings.shard || !names.eq(wanted)
    {
        bail!("{exists}, it holds other points or metrics");
    }
    Ok(true)
}
