//! What is run of a program: the program as it is, or one that was rewritten to be faster.

use program::{
    Arg, Node, Program,
    rewrite::{Folded, Halved, WINOGRAD},
};
use tch::{Kind, Tensor};

use crate::{Precision, winograd::Tile};

/// A program as it is run: as it is, or rewritten to be faster. [`Plan::fastest`] finds the
/// fastest one.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) program: Program,
    pub(crate) folded: Vec<Folded>,
    /// Kernels that are transformed for [`WINOGRAD`], and for which tiles.
    pub(crate) transformed: Vec<(String, Tile)>,
    pub(crate) precision: Precision,
    /// In a half precision: the entries of the state that are rounded.
    rounded: Vec<String>,
    /// In a half precision: whether inputs are rounded.
    rounds_inputs: bool,
    /// How many of the inputs come from the inputs of the data; those after them are targets.
    pub(crate) fed: usize,
}

/// A tensor that layers were folded into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FoldedTensor {
    /// Which fold of [`Plan::folded`].
    pub(crate) fold: usize,
    /// Which of its two tensors.
    pub(crate) part: Part,
}

/// A tensor of a folded layer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    Weight,
    Bias,
}

impl Plan {
    /// The program as it is.
    pub fn plain(program: &Program) -> Self {
        Self {
            program: program.clone(),
            folded: Vec::new(),
            transformed: Vec::new(),
            precision: Precision::Full,
            rounded: Vec::new(),
            rounds_inputs: false,
            fed: usize::MAX,
        }
    }

    /// The plan with the roundings of a half precision.
    pub(crate) fn rounding(self, halved: &Halved, precision: Precision, fed: usize) -> Self {
        Self {
            fed,
            precision,
            rounded: halved.rounded.clone(),
            rounds_inputs: halved.rounds_inputs,
            ..self
        }
    }

    /// Number of calls.
    pub fn calls(&self) -> usize {
        self.program.nodes.len()
    }

    /// Number of calls that are convolutions by Winograd's minimal filtering.
    pub fn winograd_calls(&self) -> usize {
        self.transformed.len()
    }

    /// What real inputs are rounded to.
    pub(crate) fn rounded_inputs(&self) -> Option<Kind> {
        self.precision.kind().filter(|_| self.rounds_inputs)
    }

    /// The tiles that a kernel is transformed for; `None` for tensors that are used as they are.
    pub(crate) fn tile(&self, name: &str) -> Option<Tile> {
        let mut kernels = self.transformed.iter();
        let (_, tile) = kernels.find(|(kernel, _)| kernel == name)?;
        Some(*tile)
    }

    /// The tensor of this name that layers were folded into; `None` for one of the model's own.
    pub(crate) fn folded(&self, name: &str) -> Option<FoldedTensor> {
        for (fold, folded) in self.folded.iter().enumerate() {
            let [weight, bias] = &folded.names;
            if name == weight {
                let part = Part::Weight;
                return Some(FoldedTensor { fold, part });
            }
            if name == bias {
                let part = Part::Bias;
                return Some(FoldedTensor { fold, part });
            }
        }
        None
    }

    /// What a tensor of the state is bound as. Normalisations keep their factors and statistics in
    /// f32, which libtorch takes beside half inputs, and so do convolutions by Winograd their
    /// biases.
    pub(crate) fn kind(&self, name: &str, tensor: &Tensor) -> Kind {
        match self.precision.kind() {
            Some(half)
                if tensor.is_floating_point() && self.is_rounded(name) && !self.is_single(name) =>
            {
                half
            }
            _ => tensor.kind(),
        }
    }

    /// Whether a tensor is rounded in half precision: a weight, or one that layers were folded
    /// into.
    fn is_rounded(&self, name: &str) -> bool {
        self.rounded.iter().any(|entry| entry == name) || self.folded(name).is_some()
    }

    /// Whether a call takes a tensor in f32 although its inputs are halves.
    fn is_single(&self, name: &str) -> bool {
        for node in &self.program.nodes {
            for (argument, value) in &node.args {
                if value.state() == Some(name) && takes_single(node, argument) {
                    return true;
                }
            }
        }
        false
    }

    /// Whether a tensor of the state is the kernel of 2-D convolutions and nothing else.
    pub(crate) fn is_kernel(&self, name: &str) -> bool {
        let mut others = self
            .program
            .nodes
            .iter()
            .filter(|node| !is_convolution(node));
        !others.any(|node| takes(node, name))
    }
}

/// Whether a call takes an argument in f32 although its inputs are halves.
fn takes_single(node: &Node, argument: &str) -> bool {
    match node.op.as_str() {
        "aten::batch_norm" => true,
        WINOGRAD => argument == "bias",
        _ => false,
    }
}

/// Whether a call is a 2-D convolution of libtorch.
fn is_convolution(node: &Node) -> bool {
    node.op.starts_with("aten::conv2d") || node.op.starts_with("mkldnn::_convolution")
}

/// Whether a call takes a tensor of the state, itself or in a list.
fn takes(node: &Node, name: &str) -> bool {
    let mut tensors = node.args.values().flat_map(Arg::tensors);
    tensors.any(|tensor| tensor.state() == Some(name))
}
