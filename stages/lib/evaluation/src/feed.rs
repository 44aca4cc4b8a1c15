//! What the program is fed with: the examples of a split in batches, and targets where it takes
//! them.

use std::{ops::Range, sync::Arc};

use anyhow::Context;
use files::{DatasetFile, Examples, Split};
use program::Input;
use torch::{Batches, Criterion, Loss, Tensor};

use crate::{Part, Subject};

/// Bytes that are read at once of data that do not stay in memory.
const CHUNK: usize = 64 << 20;

/// The inputs of the program that examples are fed to: all, or all but the last, which takes the
/// targets of a loss of the program's own. Data without targets feeds all.
///
/// # Errors
/// A program without an input for targets.
pub fn fed(subject: &Subject) -> anyhow::Result<&[Input]> {
    let all = &subject.program.inputs[..];
    if subject.criterion.loss != Loss::Program || !subject.has_targets() {
        return Ok(all);
    }
    match all.split_last() {
        Some((_, fed)) if !fed.is_empty() => Ok(fed),
        _ => anyhow::bail!(
            "{}: the program takes one input; with --loss program it takes the targets after the \
             others, unless the data has none",
            subject.model_file()
        ),
    }
}

/// The examples of a split in batches: in memory, or read anew for every pass.
///
/// # Errors
/// Data that cannot be read, or that the program does not take.
pub fn batches(
    subject: &Subject,
    part: &Part,
    batch: usize,
    stays: bool,
) -> anyhow::Result<Batches> {
    let reading = Reading {
        data: Arc::clone(&subject.data),
        split: part.split.clone(),
        widens_classes: subject.criterion.loss.wants_classes(),
    };
    let wanted = fed(subject)?;
    let normalization = &subject.data.normalization;
    let device = subject.device;
    let batches = if stays {
        let examples = reading.range(0..part.count)?;
        Batches::new(&examples, normalization, wanted, batch, device)
    } else {
        let chunk = CHUNK / subject.data.example_bytes(&part.split)?.max(1);
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
    batches.with_context(|| subject.both_files())
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
///
/// # Errors
/// Those of reading.
pub fn first_call(batches: &Batches, criterion: &Criterion) -> Result<Vec<Tensor>, torch::Error> {
    Ok(batches.first()?.call(criterion.loss))
}
