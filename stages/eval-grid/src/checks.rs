//! Whether what is read belongs together, and what is chosen of it.

use anyhow::ensure;
use files::{DatasetFile, Directions, Model, Split, Stored};
use program::Program;
use torch::{Loss, Precision};

use crate::args::Args;

/// The splits to measure, in the order of files.
pub(crate) fn splits(args: &Args, data: &DatasetFile) -> anyhow::Result<Vec<Split>> {
    let there = data.splits();
    let file = data.header.path.display();
    ensure!(
        !there.is_empty(),
        "{file} holds no split, such as train or test"
    );
    let Some(wanted) = &args.split else {
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
    Ok(there
        .iter()
        .filter(|split| wanted.contains(split))
        .cloned()
        .collect())
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
            "{file}: the {with} split has targets and the {split} split has none: add {split}_targets, or leave it out \
             with --split"
        );
    }
    Ok(())
}

/// Checks that there is one value to measure, or a loss and a metric of the program's own.
pub(crate) fn check_outputs(args: &Args, program: &Program) -> anyhow::Result<()> {
    ensure!(
        args.loss == Loss::Program || program.outputs.len() == 1,
        "{}: the program returns several values ({}), and --loss {} measures one: import-model --output-name chooses it",
        args.model.display(),
        program.output_names.join(", "),
        args.loss
    );
    Ok(())
}

/// Says where a program is evaluated in another precision than it was exported in.
pub(crate) fn say_precision(args: &Args, exported: &Program) {
    let (Precision::Full, Some(half)) = (args.precision, exported.half()) else {
        return;
    };
    let (model, half) = (args.model.display(), half.name());
    args.output.say(format!(
        "{model} was exported in {half}, as a whole or in part, and is evaluated in f32; --precision {half} evaluates it \
         as it was exported"
    ));
}

/// Checks that the directions were made for the model and fit its tensors.
pub(crate) fn check_directions(
    directions: &Stored<Directions>,
    model: &Stored<Model>,
    args: &Args,
) -> anyhow::Result<()> {
    let (file, model_file) = (
        directions.header.path.display(),
        model.header.path.display(),
    );
    if let Some(origin) = &directions.model {
        model
            .header
            .check_origin_of(&directions.header.path, "model", origin)?;
    }
    ensure!(
        args.y.is_none() || directions.y.is_some(),
        "{file} has no y direction, but --y is given: make-dirs --dims 2 makes two"
    );
    let moved: Vec<_> = model
        .state
        .iter()
        .filter(|entry| directions.dir_type.moves(entry.role))
        .collect();
    for (axis, direction) in [("x", Some(&directions.x)), ("y", directions.y.as_ref())] {
        let Some(direction) = direction else { continue };
        let kind = directions.dir_type.name();
        ensure!(
            direction.len() == moved.len(),
            "{file} moves {} tensors along {axis}, {model_file} has {} ({kind})",
            direction.len(),
            moved.len()
        );
        for (tensor, entry) in direction.iter().zip(&moved) {
            ensure!(
                tensor.shape() == entry.tensor.shape(),
                "{file} moves {} by {:?} along {axis}, in {model_file} its shape is {:?}",
                entry.name,
                tensor.shape(),
                entry.tensor.shape()
            );
        }
    }
    Ok(())
}
