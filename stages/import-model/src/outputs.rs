//! Which of the values that a program returns are measured.

use anyhow::{bail, ensure};
use checkpoint::exported::{Exported, Output};

/// The most values that are measured: a loss and a metric of the program's own.
const MOST: usize = 2;

/// Leaves the chosen outputs of a program, or all where there is nothing to choose: one, or a loss and a metric for each
/// example.
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
        names => names
            .iter()
            .map(|name| place(&exported.outputs, name))
            .collect::<anyhow::Result<_>>()?,
    };
    ensure!(
        places.len() <= MOST,
        "--output-name takes one name, or those of a loss and a metric"
    );
    let chosen = places
        .iter()
        .map(|place| exported.outputs[*place].clone())
        .collect();
    exported.program.outputs = places
        .iter()
        .map(|place| exported.program.outputs[*place].clone())
        .collect();
    exported.outputs = chosen;
    exported.program.output_names = exported
        .outputs
        .iter()
        .map(|output| output.name.clone())
        .collect();
    for output in &exported.outputs {
        refuse_whole_batch(output)?;
    }
    Ok(())
}

fn place(outputs: &[Output], name: &str) -> anyhow::Result<usize> {
    match outputs.iter().position(|output| output.name == name) {
        Some(place) => Ok(place),
        None => bail!(
            "it does not return \"{name}\"; it returns {}",
            listed(outputs)
        ),
    }
}

/// A mean over the batch cannot be taken apart into examples, which the last batch and any cut of the data need.
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
