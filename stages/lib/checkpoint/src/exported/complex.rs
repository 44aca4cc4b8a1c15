//! Complex numbers, which relief does not carry over.

use anyhow::bail;

use super::{
    node::{tensors, user_line},
    schema::{Argument, GraphModule, InputSpec},
    weights,
};
use crate::shown;

/// Refuses complex weights and inputs, with the line of the user's Python that uses them first.
pub(super) fn refuse(module: &GraphModule) -> anyhow::Result<()> {
    for spec in &module.signature.input_specs {
        let (arg, what) = match spec {
            InputSpec::Parameter {
                arg,
                parameter_name: key,
            } => (arg, key),
            InputSpec::Buffer {
                arg,
                buffer_name: key,
                ..
            } => (arg, key),
            InputSpec::TensorConstant {
                arg,
                tensor_constant_name: key,
            } => (arg, key),
            InputSpec::UserInput {
                arg: Argument::AsTensor(arg),
            } => (arg, &arg.name),
            _ => continue,
        };
        let meta = module.graph.tensor_values.get(&arg.name);
        if meta.is_none_or(|meta| !weights::is_complex(meta.dtype)) {
            continue;
        }
        let first = module.graph.nodes.iter().find(|node| {
            let used = node.inputs.iter().flat_map(|input| tensors(&input.arg));
            { used }.any(|name| name == arg.name)
        });
        let line = first
            .and_then(user_line)
            .map_or(String::new(), |line| format!(" (used in {line})"));
        bail!(
            "\"{}\" holds complex numbers, which relief does not move or evaluate{line}",
            shown(what)
        );
    }
    Ok(())
}
