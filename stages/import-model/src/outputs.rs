//! Which of the values that a program returns are measured.

use anyhow::{bail, ensure};
use checkpoint::exported::{Exported, Output};

/// The most values that are measured: a loss and a metric of the program's own.
const MOST: usize = 2;

/// Leaves the chosen outputs of a program, or all where there is nothing to choose: one, or a loss
/// and a metric for each example.
///
/// # Errors
/// Several outputs and no choice, names that it does not have, a value for the whole batch.
pub(crate) fn choose(exported: &mut Exported, names: &[String]) -> anyhow::Result<()> {
    let per_example = exported
        .outputs
        .iter()
        .all(|output| output.shape.len() == 1);
    let places: Vec<usize> = match names {
        [] if exported.outputs.len() == 1 || (exported.outputs.len() == MOST && per_example) => {
            (0..exported.outputs.len()).collect()
        }
        [] => bail!(
            "it returns {} values: --output-name chooses what is measured: {}",
            exported.outputs.len(),
            listed(&exported.outputs)
        ),
        names => places(&exported.outputs, names)?,
    };
    ensure!(
        places.len() <= MOST,
        "--output-name takes one name, or those of a loss and a metric"
    );
    let mut outputs = Vec::new();
    let mut values = Vec::new();
    let mut output_names = Vec::new();
    for place in places {
        let output = exported.outputs[place].clone();
        values.push(exported.program.outputs[place].clone());
        output_names.push(output.name.clone());
        outputs.push(output);
    }
    exported.outputs = outputs;
    exported.program.outputs = values;
    exported.program.output_names = output_names;
    for output in &exported.outputs {
        refuse_whole_batch(output)?;
    }
    Ok(())
}

/// The places of outputs by their names.
fn places(outputs: &[Output], names: &[String]) -> anyhow::Result<Vec<usize>> {
    let mut places = Vec::new();
    for name in names {
        match outputs.iter().position(|output| output.name == *name) {
            Some(place) => places.push(place),
            None => bail!(
                "it does not return \"{name}\"; it returns {}",
                listed(outputs)
            ),
        }
    }
    Ok(places)
}

/// A mean over the batch cannot be taken apart into examples, which the last batch and any cut of
/// the data need.
fn refuse_whole_batch(Output { name, shape, line }: &Output) -> anyhow::Result<()> {
    let line = line
        .as_ref()
        .map_or(String::new(), |line| format!(" ({line})"));
    ensure!(
        !shape.is_empty(),
        "\"{name}\" is one number for the whole batch{line}: return one value per example, such as \
         F.cross_entropy(…, reduction=\"none\")"
    );
    Ok(())
}

/// Names and shapes: `logits [N, 10], aux [N, 10]`.
fn listed(outputs: &[Output]) -> String {
    let mut texts = Vec::new();
    for output in outputs {
        let sizes: Vec<String> = output
            .shape
            .iter()
            .map(|size| size.map_or_else(|| "any".to_string(), |size| size.to_string()))
            .collect();
        texts.push(format!("{} [{}]", output.name, sizes.join(", ")));
    }
    texts.join(", ")
}
