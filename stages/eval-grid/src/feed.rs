//! What the program is fed with: the examples of a split in batches, and targets where it takes
//! them.

use std::{ops::Range, sync::Arc};

use anyhow::Context;
use files::{DatasetFile, Examples, Split};
use program::Input;
use torch::{Batches, Criterion, Device, Loss, Tensor};

use crate::inputs::{Inputs, Part};

/// Bytes that are read at once of data that do not stay in memory.
const CHUNK: usize = 64 << 20;

/// The inputs of the program that examples are fed to: all, or all but the last, which takes the
/// targets of a loss of the program's own. Data without targets feeds all.
pub(crate) fn fed<'a>(inputs: &'a Inputs, criterion: &Criterion) -> anyhow::Result<&'a [Input]> {
    let all = &inputs.program.inputs[..];
    let mut has_targets = false;
    for part in &inputs.parts {
        has_targets |= !matches!(inputs.data.target_dtype(&part.split), Ok(None));
    }
    if criterion.loss != Loss::Program || !has_targets {
        return Ok(all);
    }
    match all.split_last() {
        Some((_, fed)) if !fed.is_empty() => Ok(fed),
        _ => anyhow::bail!(
            "{}: the program takes one input; with --loss program it takes the targets after the \
             others, unless the data has none",
            inputs.model_file()
        ),
    }
}

/// The examples of a split in batches: in memory, or read anew for every pass.
pub(crate) fn batches(
    inputs: &Inputs,
    criterion: &Criterion,
    part: &Part,
    (batch, device): (usize, Device),
    stays: bool,
) -> anyhow::Result<Batches> {
    let reading = Reading {
        data: Arc::clone(&inputs.data),
        split: part.split.clone(),
        widens_classes: criterion.loss.wants_classes(),
    };
    let wanted = fed(inputs, criterion)?;
    let normalization = &inputs.data.normalization;
    let batches = if stays {
        let examples = reading.range(0..part.count)?;
        Batches::new(&examples, normalization, wanted, batch, device)
    } else {
        let chunk = CHUNK / inputs.data.example_bytes(&part.split)?.max(1);
        Batches::streamed(
            Arc::new(move |range| reading.range(range)),
            part.count,
            chunk.max(1),
            normalization,
            wanted,
            batch,
            device,
        )
    };
    batches.with_context(|| inputs.both_files())
}

/// How examples are read for a loss.
struct Reading {
    data: Arc<DatasetFile>,
    split: Split,
    widens_classes: bool,
}

impl Reading {
    fn range(&self, range: Range<usize>) -> Result<Examples, files::Error> {
        let examples = self.data.range(&self.split, range)?;
        Ok(if self.widens_classes {
            examples.with_wide_classes()
        } else {
            examples
        })
    }
}

/// What the program is called with for the first batch.
pub(crate) fn first_call(
    batches: &Batches,
    criterion: &Criterion,
) -> Result<Vec<Tensor>, torch::Error> {
    let first = batches.first()?;
    let mut call = first.inputs;
    if criterion.loss == Loss::Program {
        call.extend(first.targets);
    }
    Ok(call)
}
