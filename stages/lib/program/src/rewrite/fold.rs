//! Batch normalisation folded into the layer before it (Jacob et al., *Quantization and Training of
//! Neural Networks for Efficient Integer-Arithmetic-Only Inference*, 2018, sec. 3.2): with its
//! statistics fixed it is linear, and so is the layer.

use std::collections::HashSet;

use super::{made, uses};
use crate::{Arg, Node, Program};

/// A layer with the batch normalisation after it, as one layer. Its weight and bias follow from the
/// state, and so move with it: per output channel, `weight·s` and `(bias − mean)·s + shift`, where
/// `s = scale / √(variance + eps)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// The layer's weight, a key of the state; its first dimension is that of the channels.
    pub weight: String,
    /// The layer's bias.
    pub bias: Option<String>,
    /// The factor of the normalisation (γ).
    pub scale: Option<String>,
    /// What it adds (β).
    pub shift: Option<String>,
    /// Its running mean.
    pub mean: String,
    /// Its running variance.
    pub variance: String,
    /// Added to the variance.
    pub eps: f64,
    /// What the program calls the weight and the bias of the folded layer, beside the keys of the
    /// state.
    pub names: [String; 2],
}

/// Layers that a normalisation after them folds into.
const LAYERS: [&str; 7] = [
    "aten::conv1d",
    "aten::conv2d",
    "aten::conv3d",
    "aten::conv1d.padding",
    "aten::conv2d.padding",
    "aten::conv3d.padding",
    "aten::linear",
];

/// Folds each batch normalisation that is the only one to use the result of a layer before it,
/// where their tensors `fit`.
pub fn fold_batch_norm(program: &Program, fit: impl Fn(&Folded) -> bool) -> (Program, Vec<Folded>) {
    let uses = uses(&program.nodes, &program.outputs);
    let made = made(&program.nodes);
    let mut nodes = program.nodes.clone();
    let mut normalisations = HashSet::new();
    let mut all = Vec::new();
    for (k, norm) in program.nodes.iter().enumerate() {
        let Some(input) = norm.args.get("input").and_then(Arg::value) else {
            continue;
        };
        let Some(layer) = made.get(input) else {
            continue;
        };
        if uses[input].len() != 1 {
            continue;
        }
        let Some(folded) = folded(&program.nodes[*layer], norm) else {
            continue;
        };
        if !fit(&folded) {
            continue;
        }
        let [weight, bias] = folded.names.clone().map(Arg::State);
        let node = &mut nodes[*layer];
        node.args.insert("weight".into(), weight);
        node.args.insert("bias".into(), bias);
        node.outputs.clone_from(&norm.outputs);
        normalisations.insert(k);
        all.push(folded);
    }
    let mut kept = Vec::with_capacity(nodes.len());
    for (k, node) in nodes.into_iter().enumerate() {
        if !normalisations.contains(&k) {
            kept.push(node);
        }
    }
    (program.with_nodes(kept), all)
}

/// The layer and the normalisation as one, where they can be: with statistics that are fixed, and
/// tensors that are all of the state.
fn folded(layer: &Node, norm: &Node) -> Option<Folded> {
    let fixed = norm.op == "aten::batch_norm" && norm.is_false("training");
    if !fixed || !LAYERS.contains(&layer.op.as_str()) {
        return None;
    }
    let [result] = &norm.outputs[..] else {
        return None;
    };
    if layer.outputs.len() != 1 {
        return None;
    }
    let eps = match norm.args.get("eps") {
        Some(Arg::Float(eps)) => *eps,
        _ => return None,
    };
    Some(Folded {
        weight: state(layer, "weight")?,
        bias: optional_state(layer, "bias")?,
        scale: optional_state(norm, "weight")?,
        shift: optional_state(norm, "bias")?,
        mean: state(norm, "running_mean")?,
        variance: state(norm, "running_var")?,
        eps,
        names: ["weight", "bias"].map(|name| format!("{result} {name}")),
    })
}

/// The entry of the state that an argument names.
fn state(node: &Node, name: &str) -> Option<String> {
    node.args.get(name)?.state().map(String::from)
}

/// The entry of the state that an optional argument names. The outer `None` is an argument of
/// another kind, the inner one an absent argument.
fn optional_state(node: &Node, name: &str) -> Option<Option<String>> {
    match node.args.get(name) {
        None | Some(Arg::None(())) => Some(None),
        Some(_) => Some(Some(state(node, name)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Builder;

    fn norm(builder: &mut Builder, x: Arg, training: bool) -> Arg {
        let state = |name: &str| Arg::State(format!("bn.{name}"));
        let args = [
            ("input", x),
            ("weight", state("weight")),
            ("bias", state("bias")),
            ("running_mean", state("running_mean")),
            ("running_var", state("running_var")),
            ("training", Arg::Bool(training)),
            ("momentum", Arg::Float(0.1)),
            ("eps", Arg::Float(1e-5)),
            ("cudnn_enabled", Arg::Bool(true)),
        ];
        builder.call("aten::batch_norm", args)
    }

    fn conv(builder: &mut Builder, x: Arg) -> Arg {
        let weight = Arg::State("conv.weight".into());
        builder.call(
            "aten::conv2d",
            [("input", x), ("weight", weight), ("bias", Arg::None(()))],
        )
    }

    fn builder() -> Builder {
        Builder::new("input", &[None, Some(3), None, None], "f32")
    }

    #[test]
    fn a_convolution_takes_the_normalisation_in() {
        let mut builder = builder();
        let input = builder.input();
        let x = conv(&mut builder, input);
        let x = norm(&mut builder, x, false);
        let x = builder.call("aten::relu", [("self", x)]);
        let (program, folded) = fold_batch_norm(&builder.finish(x), |_| true);
        assert!(program.check().is_ok());
        assert_eq!(
            program
                .nodes
                .iter()
                .map(|node| node.op.as_str())
                .collect::<Vec<_>>(),
            ["aten::conv2d", "aten::relu"]
        );
        assert_eq!(folded.len(), 1);
        assert_eq!(
            (folded[0].weight.as_str(), &folded[0].bias),
            ("conv.weight", &None)
        );
        assert!(
            folded[0]
                .names
                .iter()
                .all(|name| program.state_names().contains(&name.as_str()))
        );
    }

    #[test]
    fn what_is_used_twice_or_trains_is_left_alone() {
        let mut twice = builder();
        let input = twice.input();
        let x = conv(&mut twice, input);
        let y = norm(&mut twice, x.clone(), false);
        let sum = twice.call("aten::add.Tensor", [("self", x), ("other", y)]);
        let mut trains = builder();
        let input = trains.input();
        let x = conv(&mut trains, input);
        let y = norm(&mut trains, x, true);
        for program in [twice.finish(sum), trains.finish(y)] {
            assert_eq!(fold_batch_norm(&program, |_| true), (program, Vec::new()));
        }
    }
}
