//! Rewrites that make a program faster. Each is a function from a program to one that returns the same but for the last
//! bits; none needs the network to cooperate. Where a rewrite relies on shapes that a program does not say, whoever runs
//! it compares the two on a batch.

mod fold;
mod fuse;

use std::collections::HashMap;

pub use fold::{Folded, fold_batch_norm};
pub use fuse::fuse_convolutions;

use crate::{Arg, Node, Program};

/// Which calls use each value, in their order; a value that the program returns is used once more, after all calls.
fn uses(nodes: &[Node], outputs: &[String]) -> HashMap<String, Vec<usize>> {
    let mut uses: HashMap<String, Vec<usize>> = HashMap::new();
    for (k, node) in nodes.iter().enumerate() {
        for value in node.args.values().flat_map(Arg::tensors).filter_map(Arg::value) {
            uses.entry(value.into()).or_default().push(k);
        }
    }
    for output in outputs {
        uses.entry(output.clone()).or_default().push(nodes.len());
    }
    uses
}

/// The call that makes each value.
fn made(nodes: &[Node]) -> HashMap<&str, usize> {
    nodes.iter().enumerate().flat_map(|(k, node)| node.outputs.iter().map(move |value| (value.as_str(), k))).collect()
}

impl Program {
    fn with_nodes(&self, nodes: Vec<Node>) -> Self {
        Self { nodes, version: self.version, inputs: self.inputs.clone(), outputs: self.outputs.clone() }
    }
}
