use std::path::Path;

use anyhow::Context;
use checkpoint::Entry;

use crate::weights::Weights;

/// The widest column of names.
const WIDEST: usize = 200;

/// Prints what a file of weights holds, a line for each entry: name, element type, shape, L2 norm.
pub(crate) fn inspect(file: &Path, key: Option<&str>) -> anyhow::Result<()> {
    let weights = Weights::read(file)?;
    let state = weights.state(key)?;
    let width = state
        .entries()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0)
        .min(WIDEST);
    for (name, entry) in state.entries() {
        let name = name.escape_debug().to_string();
        match entry {
            Entry::Other(what) => stage::print(format_args!("{name:<width$}  {what}"))?,
            Entry::Tensor(tensor) => {
                let norm = tensor.norm().with_context(|| format!("\"{name}\""))?;
                let shape = format!("{:?}", tensor.shape);
                stage::print(format_args!(
                    "{name:<width$}  {:<4}  {shape:<20}  norm {norm:.6}",
                    tensor.element.name()
                ))?;
            }
        }
    }
    Ok(())
}
