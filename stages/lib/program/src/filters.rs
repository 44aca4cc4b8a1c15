//! Which parts of a weight make one output of its layer: its filters (Li et al. 2018, section 4).

use crate::{Arg, Node, Program};

/// How a weight divides into filters: entries with the same indices along `axes`, and in the same group, are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filters {
    /// The axes along which the outputs of the layer lie.
    pub axes: Vec<usize>,
    /// Groups of a transposed convolution, which divide axis 0; 1 elsewhere.
    pub groups: usize,
}

/// Calls that return their first argument in other memory or type, but with the same axes.
const SAME_AXES: [&str; 9] = [
    "aten::alias",
    "aten::clone",
    "aten::contiguous",
    "aten::detach",
    "aten::lift_fresh_copy",
    "aten::to.device",
    "aten::to.dtype",
    "aten::to.dtype_layout",
    "aten::_to_copy",
];

/// A value that is the weight itself, perhaps with its last two axes exchanged.
struct View {
    arg: Arg,
    exchanged: bool,
}

impl Filters {
    fn along(axis: usize) -> Self {
        Self {
            axes: vec![axis],
            groups: 1,
        }
    }

    /// Whether each slice along axis 0 is a filter, as in convolutions and linear layers.
    pub fn are_usual(&self) -> bool {
        *self == Self::along(0)
    }

    /// The filters of a matrix product whose outputs lie along the last axis of the weight, or the one before it; the
    /// axes before those two are a batch of matrices, such as experts.
    fn of_product(dims: usize, outputs_last: bool) -> Self {
        let axis = if outputs_last { dims - 1 } else { dims - 2 };
        Self {
            axes: (0..dims - 2).chain([axis]).collect(),
            groups: 1,
        }
    }

    /// The number of the filter that an entry belongs to, in a weight of this shape.
    pub fn number(&self, shape: &[usize], index: &[usize]) -> usize {
        let mut number = if self.groups > 1 {
            index[0] * self.groups / shape[0]
        } else {
            0
        };
        for &axis in &self.axes {
            number = number * shape[axis] + index[axis];
        }
        number
    }

    /// How many filters a weight of this shape has.
    pub fn count(&self, shape: &[usize]) -> usize {
        self.axes.iter().map(|axis| shape[*axis]).product::<usize>() * self.groups
    }
}

impl Program {
    /// The filters of a weight of `dims` dimensions (at least 2), told by the first layer that uses it. A weight that no
    /// layer uses, such as a table of embeddings, has one filter per entry along axis 0.
    pub fn filters(&self, weight: &str, dims: usize) -> Filters {
        let mut views = vec![View {
            arg: Arg::State(weight.into()),
            exchanged: false,
        }];
        for node in &self.nodes {
            let mut found = Vec::new();
            for view in &views {
                if let Some(filters) = layer(node, view, dims) {
                    return filters;
                }
                found.extend(viewed(node, view, dims));
            }
            views.extend(found);
        }
        Filters::along(0)
    }
}

/// The filters of a weight that a layer is called with.
fn layer(node: &Node, view: &View, dims: usize) -> Option<Filters> {
    let name = node
        .args
        .iter()
        .find(|(_, arg)| **arg == view.arg)
        .map(|(name, _)| name.as_str())?;
    let transposed = match (node.op.as_str(), name) {
        ("aten::linear", "weight")
        | ("aten::addmm" | "aten::mm" | "aten::matmul" | "aten::bmm", "self") => {
            return (dims >= 2).then(|| Filters::of_product(dims, view.exchanged));
        }
        ("aten::addmm" | "aten::mm" | "aten::bmm", "mat2")
        | ("aten::matmul", "other")
        | ("aten::baddbmm", "batch2") => {
            return (dims >= 2).then(|| Filters::of_product(dims, !view.exchanged));
        }
        (
            "aten::conv_transpose1d"
            | "aten::conv_transpose2d.input"
            | "aten::conv_transpose3d.input",
            "weight",
        ) => true,
        ("aten::convolution", "weight") => node.args.get("transposed") == Some(&Arg::Bool(true)),
        (op, "weight") if op.starts_with("aten::conv") => false,
        _ => return None,
    };
    if !transposed {
        return Some(Filters::along(0));
    }
    // [in, out / groups, …]
    let groups = match node.args.get("groups") {
        Some(Arg::Int(groups)) => usize::try_from(*groups).unwrap_or(1).max(1),
        _ => 1,
    };
    Some(Filters {
        axes: vec![1],
        groups,
    })
}

/// The value of a call that returns the weight, its axes in their order or the last two exchanged.
fn viewed(node: &Node, view: &View, dims: usize) -> Option<View> {
    if node.args.get("self") != Some(&view.arg) {
        return None;
    }
    let exchanges = match node.op.as_str() {
        op if SAME_AXES.contains(&op) => false,
        "aten::t" | "aten::numpy_T" if dims == 2 => true,
        "aten::mT" => true,
        "aten::transpose.int" => exchanges_last_two(node, dims)?,
        "aten::permute" => node.args.get("dims") == Some(&Arg::Ints(vec![1, 0])),
        _ => return None,
    };
    let name = node.outputs.first()?;
    Some(View {
        arg: Arg::Value(name.clone()),
        exchanged: view.exchanged != exchanges,
    })
}

/// Whether a transposition exchanges the last two axes; `None` where it exchanges others.
fn exchanges_last_two(node: &Node, dims: usize) -> Option<bool> {
    let mut axes = [0; 2];
    for (axis, name) in axes.iter_mut().zip(["dim0", "dim1"]) {
        let Some(Arg::Int(given)) = node.args.get(name) else {
            return None;
        };
        *axis = if *given < 0 {
            given + dims as i64
        } else {
            *given
        };
    }
    axes.sort_unstable();
    match axes {
        [first, second] if first == second => Some(false),
        [first, second] if first == dims as i64 - 2 && second == dims as i64 - 1 => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Builder;

    fn state(name: &str) -> Arg {
        Arg::State(name.into())
    }

    fn program(op: &str, weight: &str, more: &[(&str, Arg)]) -> Program {
        let mut builder = Builder::new("input", &[None, Some(3)], "f32");
        let input = builder.input();
        let output = builder.call(op, [("input", input), (weight, state("w"))]);
        let mut program = builder.finish(output);
        for (name, arg) in more {
            program.nodes[0].args.insert((*name).into(), arg.clone());
        }
        program
    }

    #[test]
    fn the_layer_tells_where_its_outputs_lie() {
        let along = |axis| Filters {
            axes: vec![axis],
            groups: 1,
        };
        for (op, weight, more, wanted) in [
            ("aten::conv2d", "weight", None, along(0)),
            ("aten::linear", "weight", None, along(0)),
            ("aten::addmm", "mat2", None, along(1)),
            ("aten::matmul", "other", None, along(1)),
            ("aten::matmul", "self", None, along(0)),
            ("aten::embedding", "weight", None, along(0)),
            ("aten::conv_transpose2d.input", "weight", None, along(1)),
            (
                "aten::conv_transpose1d",
                "weight",
                Some(("groups", Arg::Int(4))),
                Filters {
                    axes: vec![1],
                    groups: 4,
                },
            ),
            (
                "aten::convolution",
                "weight",
                Some(("transposed", Arg::Bool(true))),
                along(1),
            ),
            (
                "aten::convolution",
                "weight",
                Some(("transposed", Arg::Bool(false))),
                along(0),
            ),
        ] {
            let program = program(op, weight, more.as_slice());
            assert_eq!(program.filters("w", 2), wanted, "{op}");
        }
        let experts = program("aten::bmm", "mat2", &[]);
        assert_eq!(
            experts.filters("w", 3),
            Filters {
                axes: vec![0, 2],
                groups: 1
            }
        );
    }

    #[test]
    fn a_transposed_weight_is_followed() {
        let mut builder = Builder::new("input", &[None, Some(3)], "f32");
        let input = builder.input();
        builder.call(
            "aten::embedding",
            [("weight", state("w")), ("indices", input.clone())],
        );
        let same = builder.call("aten::detach", [("self", state("w"))]);
        let flipped = builder.call(
            "aten::transpose.int",
            [
                ("self", same),
                ("dim0", Arg::Int(-1)),
                ("dim1", Arg::Int(0)),
            ],
        );
        let output = builder.call("aten::matmul", [("self", input), ("other", flipped)]);
        let program = builder.finish(output);
        assert!(program.filters("w", 2).are_usual());
    }

    #[test]
    fn entries_are_numbered_by_filter() {
        // [in, out / groups, places]: four inputs in two groups, three outputs in each
        let filters = Filters {
            axes: vec![1],
            groups: 2,
        };
        let shape = [4, 3, 5];
        assert_eq!(filters.count(&shape), 6);
        assert_eq!(filters.number(&shape, &[1, 2, 4]), 2);
        assert_eq!(filters.number(&shape, &[2, 0, 0]), 3);
        assert_eq!(filters.number(&shape, &[3, 2, 1]), 5);
    }
}
