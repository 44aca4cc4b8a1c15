use std::collections::HashSet;

use program::{
    Arg, Node, Program,
    rewrite::{self, Halved, Weights},
};
use tch::{Device, Kind, Tensor};
use winograd::Tile;

use crate::{
    Error, Precision,
    comparison::{Comparison, HALF_TOLERANCE, TOLERANCE},
};

/// A program as it is run: as it is, or rewritten to be faster.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) program: Program,
    pub(crate) folded: Vec<rewrite::Folded>,
    /// Kernels that are transformed for [`rewrite::WINOGRAD`].
    pub(crate) transformed: Vec<String>,
    /// How large their tiles are.
    pub(crate) tile: Tile,
    pub(crate) precision: Precision,
    /// In a half precision: the entries of the state that are rounded.
    rounded: Vec<String>,
    /// In a half precision: whether inputs are rounded.
    rounds_inputs: bool,
    /// How many of the inputs come from the inputs of the data; what follows are targets.
    pub(crate) fed: usize,
}

/// The state of a network: what it is called with beside its inputs.
#[derive(Clone, Copy)]
pub struct State<'a> {
    /// Names, in `state_dict` order.
    pub names: &'a [&'a str],
    /// θ*, in that order.
    pub origin: &'a [Tensor],
    /// Which entries are trained; half precision rounds those.
    pub trained: &'a [bool],
}

impl State<'_> {
    fn weights(&self) -> Weights<'_> {
        let mut weights = Weights {
            real: HashSet::new(),
            trained: HashSet::new(),
        };
        for ((name, tensor), trained) in self.names.iter().zip(self.origin).zip(self.trained) {
            if !tensor.is_floating_point() {
                continue;
            }
            weights.real.insert(name);
            if *trained {
                weights.trained.insert(name);
            }
        }
        weights
    }

    fn tensor(&self, name: &str) -> Option<&Tensor> {
        let place = self.names.iter().position(|entry| *entry == name)?;
        Some(&self.origin[place])
    }
}

/// Pairs of channels up to which kernels are transformed for large tiles: that takes 144 bytes for each, and images with more
/// channels are seldom larger than a tile.
const MOST: i64 = 1 << 17;

impl Plan {
    /// The program as it is.
    pub fn plain(program: &Program) -> Self {
        Self {
            program: program.clone(),
            folded: Vec::new(),
            transformed: Vec::new(),
            tile: Tile::Two,
            precision: Precision::Full,
            rounded: Vec::new(),
            rounds_inputs: false,
            fed: usize::MAX,
        }
    }

    /// The program, as it was exported, in a precision: with normalisations folded, unused calls dropped, memory used again
    /// and, on a CPU, convolutions fused or computed by Winograd's minimal filtering; with fewer of these rewrites where
    /// libtorch refuses them, or where the results for a batch differ along the directions, since rewrites rely on shapes
    /// that a program does not say. Of the inputs the first `fed` are those of the data, and the others its targets.
    ///
    /// # Errors
    /// What the network refuses as it is.
    pub fn fastest(
        program: &Program,
        state: State,
        directions: [&[Option<Tensor>]; 2],
        (inputs, fed): (&[Tensor], usize),
        device: Device,
        precision: Precision,
    ) -> Result<Self, Error> {
        let weights = state.weights();
        let wide = program.widened(&weights.real);
        let comparison = Comparison::new(&Self::plain(&wide), state, directions, inputs, device)?;
        let candidates = candidates(&wide, state, device, precision);
        let Some(half) = precision.half() else {
            let found = candidates
                .into_iter()
                .find(|plan| comparison.accepts(plan, TOLERANCE));
            return Ok(found.unwrap_or_else(|| Self::plain(&wide)));
        };
        // in half precision rounding would hide a wrong rewrite: each is tried in f32 too
        let halved = program.halved(half, &weights);
        let halves = self::candidates(&halved.program, state, device, precision);
        for (wide, half) in candidates.into_iter().zip(halves) {
            let plan = half.rounding(&halved, precision, fed);
            if comparison.accepts(&wide, TOLERANCE) && comparison.accepts(&plan, HALF_TOLERANCE) {
                return Ok(plan);
            }
        }
        Ok(Self::plain(&halved.program).rounding(&halved, precision, fed))
    }

    /// The plan with the roundings of a half precision.
    fn rounding(self, halved: &Halved, precision: Precision, fed: usize) -> Self {
        Self {
            fed,
            precision,
            rounded: halved.rounded.clone(),
            rounds_inputs: halved.rounds_inputs,
            ..self
        }
    }

    /// What real inputs are rounded to.
    pub(crate) fn rounded_inputs(&self) -> Option<Kind> {
        self.precision.kind().filter(|_| self.rounds_inputs)
    }

    /// The plan with 3×3 convolutions by Winograd's minimal filtering, where their channels fit: by large tiles, which lose a
    /// digit, where bf16 has lost more.
    fn with_winograd(&self, state: State, precision: Precision) -> Self {
        let tile = if precision == Precision::Full {
            Tile::Two
        } else {
            Tile::Four
        };
        let original = |name: &str| {
            let folded = self.folded.iter().find(|folded| folded.names[0] == name);
            folded.map_or(name, |folded| &folded.weight).to_string()
        };
        let fit = |name: &str| {
            let Some(kernel) = state.tensor(&original(name)) else {
                return false;
            };
            let &[outputs, inputs, 3, 3] = &kernel.size()[..] else {
                return false;
            };
            kernel.kind() == Kind::Float
                && winograd::fits(inputs as usize, outputs as usize)
                && (tile == Tile::Two || inputs * outputs <= MOST)
        };
        let program = rewrite::use_winograd(&self.program, fit);
        let calls = program
            .nodes
            .iter()
            .filter(|node| node.op == rewrite::WINOGRAD);
        let transformed = calls
            .filter_map(|node| node.args["weight"].state().map(str::to_string))
            .collect();
        Self {
            program,
            transformed,
            tile,
            ..self.clone()
        }
    }

    /// Number of calls.
    pub fn calls(&self) -> usize {
        self.program.nodes.len()
    }

    /// Number of them that are convolutions by Winograd's minimal filtering.
    pub fn winograd_calls(&self) -> usize {
        self.transformed.len()
    }

    /// What a tensor of the state is bound as. Normalisations keep their factors and statistics in f32, which libtorch
    /// takes beside half inputs, and so do convolutions by Winograd their biases.
    pub(crate) fn kind(&self, name: &str, tensor: &Tensor) -> Kind {
        let single = |node: &Node, arg: &str| match node.op.as_str() {
            "aten::batch_norm" => true,
            rewrite::WINOGRAD => arg == "bias",
            _ => false,
        };
        let is_single = || {
            let args = self
                .program
                .nodes
                .iter()
                .flat_map(|node| node.args.iter().map(move |arg| (node, arg)));
            args.filter(|(node, (arg, _))| single(node, arg))
                .any(|(_, (_, value))| value.state() == Some(name))
        };
        match self.precision.kind() {
            Some(half) if self.is_rounded(name) && tensor.is_floating_point() && !is_single() => {
                half
            }
            _ => tensor.kind(),
        }
    }

    /// Whether a tensor is rounded in half precision: a weight, or one that layers were folded into.
    fn is_rounded(&self, name: &str) -> bool {
        self.rounded.iter().any(|entry| entry == name)
            || self
                .folded
                .iter()
                .any(|folded| folded.names.iter().any(|entry| entry == name))
    }

    /// Whether a tensor of the state is the kernel of 2-D convolutions and nothing else.
    pub(crate) fn is_kernel(&self, name: &str) -> bool {
        let is = |arg: &Arg| matches!(arg, Arg::State(key) if key == name);
        let convolution =
            |op: &str| op.starts_with("aten::conv2d") || op.starts_with("mkldnn::_convolution");
        let mut uses = self.program.nodes.iter().flat_map(|node| {
            node.args
                .values()
                .flat_map(Arg::tensors)
                .map(move |arg| (node, arg))
        });
        uses.all(|(node, arg)| !is(arg) || convolution(&node.op))
    }
}

/// The plans to try, the fastest first.
fn candidates(program: &Program, state: State, device: Device, precision: Precision) -> Vec<Plan> {
    let single = state
        .origin
        .iter()
        .all(|tensor| !tensor.is_floating_point() || tensor.kind() == Kind::Float);
    let on_cpu = device == Device::Cpu && single;
    let foldable = |folded: &rewrite::Folded| foldable(folded, state);
    let (folding, folded) = rewrite::fold_batch_norm(&rewrite::drop_unused(program), foldable);
    let mut programs = Vec::new();
    if on_cpu {
        let fused = rewrite::fuse_convolutions(&folding);
        programs.extend([rewrite::write_in_place(&fused), fused]);
    }
    programs.extend([rewrite::write_in_place(&folding), folding]);
    let mut plans = Vec::new();
    for program in programs {
        let plan = Plan {
            folded: folded.clone(),
            ..Plan::plain(&program)
        };
        if on_cpu && precision.suits_winograd() {
            plans.push(plan.with_winograd(state, precision));
        }
        plans.push(plan);
    }
    plans
}

/// Whether a layer and the normalisation after it have the shapes of one layer, and one type of real numbers.
fn foldable(folded: &rewrite::Folded, state: State) -> bool {
    let Some(weight) = state.tensor(&folded.weight) else {
        return false;
    };
    let &[channels, _, ..] = &weight.size()[..] else {
        return false;
    };
    let mut others = [
        Some(&folded.mean),
        Some(&folded.variance),
        folded.bias.as_ref(),
        folded.scale.as_ref(),
        folded.shift.as_ref(),
    ]
    .into_iter()
    .flatten();
    let fits = |other: &Tensor| other.size() == [channels] && other.kind() == weight.kind();
    weight.is_floating_point() && others.all(|name| state.tensor(name).is_some_and(fits))
}
