//! Batch normalisation folded into the layer before it (Jacob et al., *Quantization and Training of Neural Networks for
//! Efficient Integer-Arithmetic-Only Inference*, 2018, sec. 3.2): with its statistics fixed it is linear, and so is the
//! layer.

use super::{made, uses};
use crate::{Arg, Node, Program};

/// A layer with the batch normalisation after it, as one layer. Its weight and bias follow from the state, and so move
/// with it: per output channel, `weight·s` and `(bias − mean)·s + shift`, where `s = scale / √(variance + eps)`.
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
    /// What the program calls the weight and the bias of the folded layer, beside the keys of the state.
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

/// Folds each batch normalisation that is the only one to use the result of a layer before it, where their tensors `fit`.
pub fn fold_batch_norm(program: &Program, fit: impl Fn(&Folded) -> bool) -> (Program, Vec<Folded>) {
    let (uses, made) = (uses(&program.nodes, &program.outputs), made(&program.nodes));
    let mut nodes: Vec<Option<Node>> = program.nodes.iter().cloned().map(Some).collect();
    let mut all = Vec::new();
    for (k, norm) in program.nodes.iter().enumerate() {
        let layer = norm
            .args
            .get("input")
            .and_then(Arg::value)
            .filter(|value| uses[*value].len() == 1);
        let Some(layer) = layer.and_then(|value| made.get(value)) else {
            continue;
        };
        let mut node = program.nodes[*layer].clone();
        let ([result], [_]) = (&norm.outputs[..], &node.outputs[..]) else {
            continue;
        };
        let names = ["weight", "bias"].map(|name| format!("{result} {name}"));
        let Some(folded) = folded(&node, norm, names).filter(&fit) else {
            continue;
        };
        for (name, value) in ["weight", "bias"].into_iter().zip(&folded.names) {
            node.args.insert(name.into(), Arg::State(value.clone()));
        }
        node.outputs.clone_from(&norm.outputs);
        nodes[*layer] = Some(node);
        nodes[k] = None;
        all.push(folded);
    }
    (
        program.with_nodes(nodes.into_iter().flatten().collect()),
        all,
    )
}

/// The layer and the normalisation as one, where they are such.
fn folded(layer: &Node, norm: &Node, names: [String; 2]) -> Option<Folded> {
    let state = |node: &Node, name: &str| match node.args.get(name) {
        Some(Arg::State(key)) => Some(Some(key.clone())),
        None | Some(Arg::None(())) => Some(None),
        _ => None,
    };
    let fixed =
        norm.op == "aten::batch_norm" && norm.args.get("training") == Some(&Arg::Bool(false));
    if !fixed || !LAYERS.contains(&layer.op.as_str()) {
        return None;
    }
    let eps = match norm.args.get("eps") {
        Some(Arg::Float(eps)) => *eps,
        _ => return None,
    };
    Some(Folded {
        weight: state(layer, "weight")??,
        bias: state(layer, "bias")?,
        scale: state(norm, "weight")?,
        shift: state(norm, "bias")?,
        mean: state(norm, "running_mean")??,
        variance: state(norm, "running_var")??,
        eps,
        names,
    })
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
