use anyhow::Context;
use torch::{Batches, Plan, Precision, Tensor};

use crate::{Plane, Subject, feed};

/// Examples on which the rewritten program is compared with the program itself.
const COMPARED: i64 = 4;

/// How the program is run: as fast as gives the same results for the first examples of the first
/// split.
///
/// # Errors
/// Data that the program does not take; a network that cannot be run.
pub fn fastest_plan(
    subject: &Subject,
    plane: &Plane,
    splits: &[Batches],
    precision: Precision,
) -> anyhow::Result<Plan> {
    let criterion = &subject.criterion;
    let plain = Plan::plain(&subject.program);
    let landscape = plane
        .at_origin(&plain, subject.device)
        .with_context(|| subject.model_file())?;
    for batches in splits {
        landscape
            .check_inputs(&feed::first_call(batches, criterion)?)
            .with_context(|| subject.both_files())?;
    }
    let Some(batches) = splits.first() else {
        return Ok(plain);
    };
    let mut call = feed::first_call(batches, criterion)?;
    if subject.program.batch().is_none() {
        for tensor in &mut call {
            *tensor = first_examples(tensor);
        }
    }
    Plan::fastest(
        &subject.exported,
        plane.state(),
        [&plane.x, &plane.y],
        (&call, feed::fed(subject)?.len()),
        subject.device,
        precision,
    )
    .with_context(|| subject.model_file())
}

fn first_examples(tensor: &Tensor) -> Tensor {
    tensor.narrow(0, 0, tensor.size()[0].min(COMPARED))
}
