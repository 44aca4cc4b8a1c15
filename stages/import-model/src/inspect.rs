use std::path::Path;

use anyhow::Context;
use checkpoint::Entry;
use files::Tensor;

use crate::weights::Weights;

/// Prints what a file of weights holds, a line for each entry: name, element type, shape, L2 norm.
pub(crate) fn inspect(file: &Path, key: Option<&str>) -> anyhow::Result<()> {
    let weights = Weights::read(file)?;
    let state = weights.state(key)?;
    let width = state.entries().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, entry) in state.entries() {
        let name = name.escape_debug().to_string();
        match entry {
            Entry::Other(what) => println!("{name:<width$}  {what}"),
            Entry::Tensor(tensor) => {
                let norm = norm(&tensor.values().with_context(|| format!("\"{name}\""))?);
                let shape = format!("{:?}", tensor.shape);
                println!("{name:<width$}  {:<4}  {shape:<20}  norm {norm:.6}", tensor.element.name());
            }
        }
    }
    Ok(())
}

fn norm(tensor: &Tensor) -> f64 {
    fn of(values: impl Iterator<Item = f64>) -> f64 {
        values.map(|value| value * value).sum::<f64>().sqrt()
    }
    match tensor {
        Tensor::F32(values) => of(values.iter().map(|value| f64::from(*value))),
        Tensor::F64(values) => of(values.iter().copied()),
        Tensor::I64(values) => of(values.iter().map(|value| *value as f64)),
        Tensor::U8(values) => of(values.iter().map(|value| f64::from(*value))),
    }
}
