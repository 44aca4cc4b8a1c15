//! Whether what is read belongs together, and what is chosen of it.

use anyhow::ensure;
use files::{DatasetFile, Split};
use program::Program;
use torch::Loss;

use crate::Question;

/// The splits to measure, in the order of files.
pub(crate) fn splits(question: &Question, data: &DatasetFile) -> anyhow::Result<Vec<Split>> {
    let there = data.splits();
    let file = data.header.path.display();
    ensure!(
        !there.is_empty(),
        "{file} holds no split, such as train or test"
    );
    let Some(wanted) = &question.splits else {
        return Ok(there.to_vec());
    };
    for split in wanted {
        let names: Vec<&str> = there.iter().map(Split::name).collect();
        ensure!(
            there.contains(split),
            "{file} has no {split} split; it has {}",
            names.join(", ")
        );
    }
    let mut splits = there.to_vec();
    splits.retain(|split| wanted.contains(split));
    Ok(splits)
}

/// Checks that all splits have targets, or none has.
pub(crate) fn check_targets(data: &DatasetFile, splits: &[Split]) -> anyhow::Result<()> {
    let file = data.header.path.display();
    let mut with = None;
    for split in splits {
        with = with.or(data.target_dtype(split)?.map(|_| split));
    }
    let Some(with) = with else { return Ok(()) };
    for split in splits {
        ensure!(
            data.target_dtype(split)?.is_some(),
            "{file}: the {with} split has targets and the {split} split has none: add \
             {split}_targets, or leave it out with --split"
        );
    }
    Ok(())
}

/// Checks that the loss can take the targets of the splits.
pub(crate) fn check_classes(
    loss: Loss,
    data: &DatasetFile,
    splits: &[Split],
) -> anyhow::Result<()> {
    if !loss.wants_classes() {
        return Ok(());
    }
    for split in splits {
        let targets = data.target_dtype(split)?;
        ensure!(
            matches!(targets, Some("i64" | "u8")),
            "{}: the {split} targets are {}, the loss {loss} wants classes (integers)",
            data.header.path.display(),
            targets.unwrap_or("missing")
        );
    }
    Ok(())
}

/// Checks that there is one value to measure, or a loss and a metric of the program's own.
pub(crate) fn check_outputs(question: &Question, program: &Program) -> anyhow::Result<()> {
    ensure!(
        question.criterion.loss == Loss::Program || program.outputs.len() == 1,
        "{}: the program returns several values ({}), and --loss {} measures one: import-model \
         --output-name chooses it",
        question.model.display(),
        program.output_names.join(", "),
        question.criterion.loss
    );
    Ok(())
}
