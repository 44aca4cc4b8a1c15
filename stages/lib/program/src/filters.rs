//! Which parts of a weight make one output of its layer: its filters (Li et al. 2018, section 4).

use crate::{Arg, Node, Program};

/// How a weight divides into filters. Entries with the same indices along `axes` and in the same
/// group belong to one filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filters {
    /// The axes along which the outputs of the layer lie.
    pub axes: Vec<usize>,
    /// Groups of a transposed convolution, which divide axis 0; 1 elsewhere.
    pub groups: usize,
    /// Whether a layer or a table of embeddings determines the axes; otherwise axis 0 is a guess.
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

/// Which factor of a matrix product an argument is.
#[derive(Clone, Copy)]
enum Factor {
    /// Its rows are the outputs of the layer.
    Left,
    /// Its columns are.
    Right,
}

/// A value that is the weight itself, perhaps with its axes in another order.
struct View {
    arg: Arg,
    /// The weight's axis at each place.
    axes: Vec<usize>,
}

impl Filters {
    /// Slices along one axis.
    pub fn along(axis: usize) -> Self {
        Self::along_all(vec![axis])
    }

    /// Entries with the same indices along all of these axes.
    fn along_all(axes: Vec<usize>) -> Self {
        Self {
            axes,
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
    /// The filters of a weight of `dims` dimensions (at least 2). The first layer that multiplies
    /// by it determines them. A row of a table of embeddings is one filter. Other weights have one
    /// filter per entry along axis 0.
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
    if view.axes.len() < 2 {
        return None;
    }
    if node.op == "aten::einsum" {
        return einsum(node, view);
    }
    let (name, _) = node.args.iter().find(|(_, arg)| **arg == view.arg)?;
    if let Some(factor) = factor(&node.op, name) {
        return Some(product(view, factor));
    }
    if name != "weight" || !node.op.starts_with("aten::conv") {
        return None;
    }
    Some(if is_transposed(node) {
        transposed_convolution(node, view)
    } else {
        Filters::along(view.axes[0])
    })
}

/// The factor that an argument is, where the call is a matrix product.
fn factor(op: &str, name: &str) -> Option<Factor> {
    let op = op.strip_prefix("aten::")?;
    match (op, name) {
        ("linear", "weight") => Some(Factor::Left),
        ("mm" | "matmul" | "bmm", "self") => Some(Factor::Left),
        ("addmm", "mat1") | ("baddbmm", "batch1") => Some(Factor::Left),
        ("mm" | "bmm" | "addmm", "mat2") => Some(Factor::Right),
        ("matmul", "other") | ("baddbmm", "batch2") => Some(Factor::Right),
        _ => None,
    }
}

/// The filters of a factor of a matrix product. The axes before the last two are a batch of
/// matrices, such as experts.
fn product(view: &View, factor: Factor) -> Filters {
    let (batch, matrix) = view.axes.split_at(view.axes.len() - 2);
    let outputs = match factor {
        Factor::Left => matrix[0],
        Factor::Right => matrix[1],
    };
    let mut axes = batch.to_vec();
    axes.push(outputs);
    Filters::along_all(axes)
}

/// Whether a convolution is a transposed one.
fn is_transposed(node: &Node) -> bool {
    match node.op.as_str() {
        "aten::conv_transpose1d"
        | "aten::conv_transpose2d.input"
        | "aten::conv_transpose3d.input" => true,
        "aten::convolution" => node.args.get("transposed") == Some(&Arg::Bool(true)),
        _ => false,
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
    let factor = factors.split(',').nth(place)?;
    let labels: Vec<char> = factor.chars().filter(|c| !c.is_whitespace()).collect();
    if labels.len() != view.axes.len() {
        return None;
    }
    let mut axes = Vec::new();
    for (label, axis) in labels.iter().zip(&view.axes) {
        if result.contains(*label) {
            axes.push(*axis);
        }
    }
    if axes.is_empty() {
        return None;
    }
    Some(Filters::along_all(axes))
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
            let source = place(node, "source", dims)?;
            let destination = place(node, "destination", dims)?;
            let moved = axes.remove(source);
            axes.insert(destination, moved);
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

/// An axis counted from the start, whichever end it was counted from.
fn counted(axis: i64, dims: usize) -> Option<usize> {
    let axis = if axis < 0 { axis + dims as i64 } else { axis };
    let axis = usize::try_from(axis).ok()?;
    (axis < dims).then_some(axis)
}

/// The axes in the order that a permutation gives them.
fn permuted(node: &Node, axes: &[usize]) -> Option<Vec<usize>> {
    let Some(Arg::Ints(order)) = node.args.get("dims") else {
        return None;
    };
    if order.len() != axes.len() {
        return None;
    }
    let mut permuted = Vec::with_capacity(axes.len());
    for axis in order {
        permuted.push(axes[counted(*axis, axes.len())?]);
    }
    Some(permuted)
}

#[cfg(test)]
mod tests;
