//! Which parts of a weight make one output of its layer: its filters (Li et al. 2018, section 4).

use crate::{Arg, Node, Program};

/// How a weight divides into filters: entries with the same indices along `axes`, and in the same group, are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filters {
    /// The axes along which the outputs of the layer lie.
    pub axes: Vec<usize>,
    /// Groups of a transposed convolution, which divide axis 0; 1 elsewhere.
    pub groups: usize,
    /// Whether a layer tells so, or a table of embeddings; otherwise it is axis 0 for want of better knowledge.
    pub told: bool,
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

/// A value that is the weight itself, perhaps with its axes in another order.
struct View {
    arg: Arg,
    /// The weight's axis at each place.
    axes: Vec<usize>,
}

impl Filters {
    /// Slices along one axis.
    pub fn along(axis: usize) -> Self {
        Self {
            axes: vec![axis],
            groups: 1,
            told: true,
        }
    }

    /// Whether each slice along axis 0 is a filter, as in convolutions and linear layers.
    pub fn are_usual(&self) -> bool {
        self.axes == [0] && self.groups == 1
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
    /// The filters of a weight of `dims` dimensions (at least 2), told by the first layer that multiplies by it; of a table
    /// of embeddings, a row is one. A weight of neither kind has one filter per entry along axis 0.
    pub fn filters(&self, weight: &str, dims: usize) -> Filters {
        let mut views = vec![View {
            arg: Arg::State(weight.into()),
            axes: (0..dims).collect(),
        }];
        let mut otherwise = Filters {
            told: false,
            ..Filters::along(0)
        };
        for node in &self.nodes {
            let mut found = Vec::new();
            for view in &views {
                if let Some(filters) = layer(node, view) {
                    return filters;
                }
                if node.op == "aten::embedding" && node.args.get("weight") == Some(&view.arg) {
                    otherwise.told = true;
                }
                found.extend(viewed(node, view));
            }
            views.extend(found);
        }
        otherwise
    }
}

/// The filters of a weight that a layer is called with.
fn layer(node: &Node, view: &View) -> Option<Filters> {
    let dims = view.axes.len();
    if dims < 2 {
        return None;
    }
    if node.op == "aten::einsum" {
        return einsum(node, view);
    }
    let name = node
        .args
        .iter()
        .find(|(_, arg)| **arg == view.arg)
        .map(|(name, _)| name.as_str())?;
    match (node.op.as_str(), name) {
        ("aten::linear", "weight") => Some(product(view, dims - 2)),
        ("aten::mm" | "aten::matmul" | "aten::bmm", "self")
        | ("aten::addmm", "mat1")
        | ("aten::baddbmm", "batch1") => Some(product(view, dims - 2)),
        ("aten::addmm" | "aten::mm" | "aten::bmm", "mat2")
        | ("aten::matmul", "other")
        | ("aten::baddbmm", "batch2") => Some(product(view, dims - 1)),
        (
            "aten::conv_transpose1d"
            | "aten::conv_transpose2d.input"
            | "aten::conv_transpose3d.input",
            "weight",
        ) => Some(transposed_convolution(node, view)),
        ("aten::convolution", "weight")
            if node.args.get("transposed") == Some(&Arg::Bool(true)) =>
        {
            Some(transposed_convolution(node, view))
        }
        (op, "weight") if op.starts_with("aten::conv") => Some(Filters::along(view.axes[0])),
        _ => None,
    }
}

/// The filters of a matrix product whose outputs lie along a place of the weight; the places before the last two are a
/// batch of matrices, such as experts.
fn product(view: &View, outputs: usize) -> Filters {
    let mut axes = view.axes[..view.axes.len() - 2].to_vec();
    axes.push(view.axes[outputs]);
    Filters {
        axes,
        groups: 1,
        told: true,
    }
}

/// The filters of a weight `[in, out / groups, …]`.
fn transposed_convolution(node: &Node, view: &View) -> Filters {
    let groups = match node.args.get("groups") {
        Some(Arg::Int(groups)) => usize::try_from(*groups).unwrap_or(1).max(1),
        _ => 1,
    };
    Filters {
        groups,
        ..Filters::along(view.axes[1])
    }
}

/// The filters of a factor of an Einstein sum: its axes that the result has.
fn einsum(node: &Node, view: &View) -> Option<Filters> {
    let Some(Arg::List(operands)) = node.args.get("tensors") else {
        return None;
    };
    let Some(Arg::String(equation)) = node.args.get("equation") else {
        return None;
    };
    let place = operands.iter().position(|operand| *operand == view.arg)?;
    let (factors, result) = equation.split_once("->")?;
    let labels: Vec<char> = factors
        .split(',')
        .nth(place)?
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    if labels.len() != view.axes.len() {
        return None;
    }
    let mut axes = Vec::new();
    for (label, axis) in labels.iter().zip(&view.axes) {
        if result.contains(*label) {
            axes.push(*axis);
        }
    }
    (!axes.is_empty()).then_some(Filters {
        axes,
        groups: 1,
        told: true,
    })
}

/// The value of a call that returns the weight with its axes in an order that is known.
fn viewed(node: &Node, view: &View) -> Option<View> {
    if node.args.get("self") != Some(&view.arg) {
        return None;
    }
    let dims = view.axes.len();
    let mut axes = view.axes.clone();
    match node.op.as_str() {
        op if SAME_AXES.contains(&op) => {}
        "aten::t" | "aten::numpy_T" | "aten::T" => axes.reverse(),
        "aten::mT" | "aten::adjoint" if dims >= 2 => axes.swap(dims - 2, dims - 1),
        "aten::transpose.int" => axes.swap(place(node, "dim0", dims)?, place(node, "dim1", dims)?),
        "aten::swapaxes" => axes.swap(place(node, "axis0", dims)?, place(node, "axis1", dims)?),
        "aten::swapdims" => axes.swap(place(node, "dim0", dims)?, place(node, "dim1", dims)?),
        "aten::movedim.int" => {
            let (from, to) = (
                place(node, "source", dims)?,
                place(node, "destination", dims)?,
            );
            let moved = axes.remove(from);
            axes.insert(to, moved);
        }
        "aten::permute" => axes = permuted(node, &view.axes)?,
        _ => return None,
    }
    Some(View {
        arg: Arg::Value(node.outputs.first()?.clone()),
        axes,
    })
}

/// An axis that is an argument, counted from the end where it is negative.
fn place(node: &Node, name: &str, dims: usize) -> Option<usize> {
    match node.args.get(name) {
        Some(Arg::Int(axis)) => counted(*axis, dims),
        _ => None,
    }
}

fn counted(axis: i64, dims: usize) -> Option<usize> {
    let axis = if axis < 0 { axis + dims as i64 } else { axis };
    usize::try_from(axis).ok().filter(|axis| *axis < dims)
}

fn permuted(node: &Node, axes: &[usize]) -> Option<Vec<usize>> {
    let Some(Arg::Ints(order)) = node.args.get("dims") else {
        return None;
    };
    if order.len() != axes.len() {
        return None;
    }
    order
        .iter()
        .map(|axis| counted(*axis, axes.len()).map(|place| axes[place]))
        .collect()
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
        let groups = |groups| Filters {
            groups,
            ..Filters::along(1)
        };
        for (op, weight, more, wanted) in [
            ("aten::conv2d", "weight", None, Filters::along(0)),
            ("aten::linear", "weight", None, Filters::along(0)),
            ("aten::addmm", "mat1", None, Filters::along(0)),
            ("aten::addmm", "mat2", None, Filters::along(1)),
            (
                "aten::addmm",
                "self",
                None,
                Filters {
                    told: false,
                    ..Filters::along(0)
                },
            ),
            ("aten::matmul", "other", None, Filters::along(1)),
            ("aten::matmul", "self", None, Filters::along(0)),
            ("aten::embedding", "weight", None, Filters::along(0)),
            (
                "aten::conv_transpose2d.input",
                "weight",
                None,
                Filters::along(1),
            ),
            (
                "aten::conv_transpose1d",
                "weight",
                Some(("groups", Arg::Int(4))),
                groups(4),
            ),
            (
                "aten::convolution",
                "weight",
                Some(("transposed", Arg::Bool(true))),
                Filters::along(1),
            ),
            (
                "aten::convolution",
                "weight",
                Some(("transposed", Arg::Bool(false))),
                Filters::along(0),
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
                groups: 1,
                told: true
            }
        );
    }

    #[test]
    fn an_einstein_sum_tells_by_its_letters() {
        for (equation, place, dims, axes) in [
            ("bi,io->bo", 1, 2, vec![1]),
            ("bi,oi->bo", 1, 2, vec![0]),
            ("hdo,bqhd->bqo", 0, 3, vec![2]),
            ("bqi,ihd->bqhd", 1, 3, vec![1, 2]),
        ] {
            let mut operands = vec![Arg::Value("input".into()); 2];
            operands[place] = state("w");
            let more = [
                ("equation", Arg::String(equation.into())),
                ("tensors", Arg::List(operands)),
            ];
            let program = program("aten::einsum", "path", &more);
            assert_eq!(program.filters("w", dims).axes, axes, "{equation}");
        }
    }

    #[test]
    fn every_order_of_the_axes_is_followed() {
        let ints = |ints: &[i64]| Arg::Ints(ints.to_vec());
        let int = Arg::Int;
        // the axis of the weight whose entries are the outputs of x @ view
        for (op, args, dims, axes) in [
            ("aten::t", vec![], 2, vec![0]),
            (
                "aten::transpose.int",
                vec![("dim0", int(-1)), ("dim1", int(0))],
                2,
                vec![0],
            ),
            (
                "aten::transpose.int",
                vec![("dim0", int(0)), ("dim1", int(2))],
                3,
                vec![2, 0],
            ),
            (
                "aten::swapaxes",
                vec![("axis0", int(0)), ("axis1", int(1))],
                2,
                vec![0],
            ),
            (
                "aten::movedim.int",
                vec![("source", int(0)), ("destination", int(-1))],
                3,
                vec![1, 0],
            ),
            ("aten::permute", vec![("dims", ints(&[-1, -2]))], 2, vec![0]),
            (
                "aten::permute",
                vec![("dims", ints(&[0, 2, 1]))],
                3,
                vec![0, 1],
            ),
            ("aten::permute", vec![("dims", ints(&[0, 1]))], 2, vec![1]),
            ("aten::detach", vec![], 2, vec![1]),
        ] {
            let mut builder = Builder::new("input", &[None, Some(3)], "f32");
            let input = builder.input();
            let view = builder.call(op, [("self", state("w"))]);
            let output = builder.call("aten::matmul", [("self", input), ("other", view)]);
            let mut program = builder.finish(output);
            program.nodes[0]
                .args
                .extend(args.into_iter().map(|(name, arg)| (name.to_string(), arg)));
            assert_eq!(program.filters("w", dims).axes, axes, "{op}");
        }
    }

    #[test]
    fn of_tied_weights_the_layer_that_multiplies_counts() {
        let mut builder = Builder::new("input", &[None, Some(3)], "f32");
        let input = builder.input();
        builder.call(
            "aten::embedding",
            [("weight", state("w")), ("indices", input.clone())],
        );
        let output = builder.call("aten::matmul", [("self", input), ("other", state("w"))]);
        assert_eq!(builder.finish(output).filters("w", 2), Filters::along(1));
        assert!(
            !program("aten::add.Tensor", "other", &[])
                .filters("w", 2)
                .told
        );
    }

    #[test]
    fn entries_are_numbered_by_filter() {
        // [in, out / groups, places]: four inputs in two groups, three outputs in each
        let filters = Filters {
            groups: 2,
            ..Filters::along(1)
        };
        let shape = [4, 3, 5];
        assert_eq!(filters.count(&shape), 6);
        assert_eq!(filters.number(&shape, &[1, 2, 4]), 2);
        assert_eq!(filters.number(&shape, &[2, 0, 0]), 3);
        assert_eq!(filters.number(&shape, &[3, 2, 1]), 5);
    }
}
