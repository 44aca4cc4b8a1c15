//! Rewrites that make a program faster. Each is a function from a program to a program that returns
//! the same values except for the last bits; none needs the network to cooperate. Where a rewrite
//! relies on shapes that a program does not state, the caller compares the two programs on a batch.

mod attention;
mod fold;
mod fuse;
mod in_place;
mod precision;
mod unused;
mod winograd;

use std::collections::HashMap;

pub use attention::use_plain_attention;
pub use fold::{Folded, fold_batch_norm};
pub use fuse::fuse_convolutions;
pub use in_place::write_in_place;
pub use precision::{Half, Halved, Weights};
pub use unused::drop_unused;
pub use winograd::{WINOGRAD, use_winograd};

use crate::{Arg, Node, Program};

/// Which calls use each value, in their order; a value that the program returns is used once more,
/// after all calls.
fn uses(nodes: &[Node], outputs: &[String]) -> HashMap<String, Vec<usize>> {
    let mut uses: HashMap<String, Vec<usize>> = HashMap::new();
    for (k, node) in nodes.iter().enumerate() {
        for value in node.values() {
            uses.entry(value.into()).or_default().push(k);
        }
    }
    for output in outputs {
        uses.entry(output.clone()).or_default().push(nodes.len());
    }
    uses
}

/// Calls whose results share no memory with their arguments, or only with one that nobody else
/// uses.
const FRESH: [&str; 20] = [
    "aten::adaptive_avg_pool2d",
    "aten::add.Tensor",
    "aten::avg_pool2d",
    "aten::batch_norm",
    "aten::cat",
    "aten::conv1d",
    "aten::conv2d",
    "aten::conv3d",
    "aten::gelu",
    "aten::group_norm",
    "aten::hardsigmoid",
    "aten::hardswish",
    "aten::layer_norm",
    "aten::linear",
    "aten::max_pool2d",
    "aten::mul.Tensor",
    "aten::relu",
    "aten::silu",
    "mkldnn::_convolution_pointwise",
    "mkldnn::_convolution_pointwise_.binary",
];

fn fresh(node: &Node) -> bool {
    FRESH.contains(&node.op.as_str())
}

/// Whether the call `at` can write into a value: this is its last use, and no other call looks at
/// it under another name.
fn only_dies_at(
    nodes: &[Node],
    made: &HashMap<&str, usize>,
    uses: &HashMap<String, Vec<usize>>,
    value: &str,
    at: usize,
) -> bool {
    let Some(maker) = made.get(value) else {
        return false;
    };
    let Some((last, earlier)) = uses[value].split_last() else {
        return false;
    };
    // the indices ascend: the last of the earlier uses is the call itself where it uses it twice
    *last == at
        && earlier.last() != Some(&at)
        && fresh(&nodes[*maker])
        && earlier.iter().all(|user| fresh(&nodes[*user]))
}

/// Sizes for rows and columns, which may be one number for both.
fn pair(arg: Option<&Arg>, default: i64) -> Option<[i64; 2]> {
    match arg {
        None => Some([default; 2]),
        Some(Arg::Int(size)) => Some([*size; 2]),
        Some(Arg::Ints(sizes)) => match sizes[..] {
            [size] => Some([size; 2]),
            [rows, columns] => Some([rows, columns]),
            _ => None,
        },
        Some(_) => None,
    }
}

/// The call that makes each value.
fn made(nodes: &[Node]) -> HashMap<&str, usize> {
    let mut made = HashMap::new();
    for (k, node) in nodes.iter().enumerate() {
        for value in &node.outputs {
            made.insert(value.as_str(), k);
        }
    }
    made
}

/// Replaces a value that has another name now.
fn rename(arg: &mut Arg, renamed: &HashMap<String, Arg>) {
    match arg {
        Arg::Value(name) => {
            if let Some(other) = renamed.get(name) {
                *arg = other.clone();
            }
        }
        Arg::List(members) => members
            .iter_mut()
            .for_each(|member| rename(member, renamed)),
        _ => {}
    }
}

impl Program {
    fn with_nodes(&self, nodes: Vec<Node>) -> Self {
        Self {
            nodes,
            ..self.clone()
        }
    }
}
