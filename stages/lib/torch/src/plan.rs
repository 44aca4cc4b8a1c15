use std::{fmt, str::FromStr};

use program::{Arg, Node, Program, rewrite};
use tch::{Device, Kind, Tensor};
use winograd::Tile;

use crate::{Error, Landscape};

/// What activations are rounded to, and weights where they are multiplied so; losses are f64 in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// That of the program: f32, or f64.
    Full,
    /// bfloat16: 8 bits, the range of f32.
    Bf16,
    /// IEEE half precision: 11 bits, up to 65504.
    F16,
}

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
}

/// How far the results of a rewritten program may be off, over the largest result: far more than rounding, far less than
/// a wrong rewrite.
const TOLERANCE: f64 = 1e-3;
/// The same in half precision, where rounding goes far.
const HALF_TOLERANCE: f64 = 0.1;
/// Where results are compared, along both directions: at θ* a wrong rewrite may be hidden by factors that are 0 or 1 there.
const PLACES: [f64; 2] = [0.0625, 0.5];

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
        }
    }

    /// The program with normalisations folded, unused calls dropped, memory used again and, on a CPU, convolutions fused or
    /// computed by Winograd's minimal filtering; with fewer of these rewrites where libtorch refuses them, or where the
    /// results for a batch differ along the directions, since rewrites rely on shapes that a program does not say.
    ///
    /// # Errors
    /// What the network refuses as it is.
    pub fn fastest(
        program: &Program,
        names: &[&str],
        origin: &[Tensor],
        directions: [&[Option<Tensor>]; 2],
        inputs: &[Tensor],
        device: Device,
        precision: Precision,
    ) -> Result<Self, Error> {
        let single = origin.iter().all(|tensor| !tensor.is_floating_point() || tensor.kind() == Kind::Float);
        let (folding, folded) =
            rewrite::fold_batch_norm(&rewrite::drop_unused(program), |folded| foldable(folded, names, origin));
        let mut programs = vec![rewrite::write_in_place(&folding), folding];
        if device == Device::Cpu && single {
            let fused = rewrite::fuse_convolutions(&programs[1]);
            programs.splice(0..0, [rewrite::write_in_place(&fused), fused]);
        }
        let plain = Self::plain(program);
        let outputs = |plan: &Self, places: &[f64]| -> Result<Vec<Vec<Tensor>>, Error> {
            let mut landscape = Landscape::new(plan, names, origin, directions[0], directions[1], device)?;
            let at = |place: &f64| {
                landscape.move_to(*place, *place);
                landscape.outputs(inputs)
            };
            places.iter().map(at).collect()
        };
        let mut wanted = outputs(&plain, &PLACES)?;
        // beyond what numbers can say nothing can be compared
        let finite = wanted.iter().take_while(|outputs| outputs.iter().all(is_finite)).count();
        let places = &PLACES[..finite.max(1)];
        wanted.truncate(places.len());
        let agrees = |plan: &Self, tolerance| {
            let alike = |(found, wanted): (&Vec<Tensor>, &Vec<Tensor>)| alike(found, wanted, tolerance);
            outputs(plan, places).is_ok_and(|found| found.iter().zip(&wanted).all(alike))
        };
        // in half precision rounding would hide a wrong rewrite
        let right = |plan: &Self| {
            agrees(&Self { precision: Precision::Full, ..plan.clone() }, TOLERANCE)
                && (precision == Precision::Full || agrees(plan, HALF_TOLERANCE))
        };
        let plan = |program| Self { program, folded: folded.clone(), precision, ..plain.clone() };
        let suits = device == Device::Cpu && single && precision.suits_winograd();
        let both = |plan: Self| [suits.then(|| plan.with_winograd(names, origin)), Some(plan)];
        let mut plans = programs.into_iter().map(plan).flat_map(both).flatten();
        Ok(plans.find(right).unwrap_or_else(|| Self { precision, ..plain.clone() }))
    }

    /// The plan with 3×3 convolutions by Winograd's minimal filtering, where their channels fit: by large tiles, which lose a
    /// digit, where bf16 has lost more.
    fn with_winograd(&self, names: &[&str], origin: &[Tensor]) -> Self {
        let tile = if self.precision == Precision::Full { Tile::Two } else { Tile::Four };
        let original = |name: &str| {
            let folded = self.folded.iter().find(|folded| folded.names[0] == name);
            folded.map_or(name, |folded| &folded.weight).to_string()
        };
        let fit = |name: &str| {
            let name = original(name);
            let place = names.iter().position(|entry| *entry == name);
            let shape = place.map(|place| origin[place].size());
            matches!(shape.as_deref(), Some(&[outputs, inputs, 3, 3])
                if winograd::fits(inputs as usize, outputs as usize) && (tile == Tile::Two || inputs * outputs <= MOST))
        };
        let program = rewrite::use_winograd(&self.program, fit);
        let calls = program.nodes.iter().filter(|node| node.op == rewrite::WINOGRAD);
        let transformed = calls.filter_map(|node| node.args["weight"].state().map(str::to_string)).collect();
        Self { program, transformed, tile, ..self.clone() }
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
            let args = self.program.nodes.iter().flat_map(|node| node.args.iter().map(move |arg| (node, arg)));
            args.filter(|(node, (arg, _))| single(node, arg)).any(|(_, (_, value))| value.state() == Some(name))
        };
        match self.precision.half() {
            Some(half) if tensor.is_floating_point() && !is_single() => half,
            _ => tensor.kind(),
        }
    }

    /// Whether a tensor of the state is the kernel of 2-D convolutions and nothing else.
    pub(crate) fn is_kernel(&self, name: &str) -> bool {
        let is = |arg: &Arg| matches!(arg, Arg::State(key) if key == name);
        let convolution = |op: &str| op.starts_with("aten::conv2d") || op.starts_with("mkldnn::_convolution");
        let mut uses = self
            .program
            .nodes
            .iter()
            .flat_map(|node| node.args.values().flat_map(Arg::tensors).map(move |arg| (node, arg)));
        uses.all(|(node, arg)| !is(arg) || convolution(&node.op))
    }
}

impl Precision {
    const NAMES: [(Self, &'static str); 3] = [(Self::Full, "f32"), (Self::Bf16, "bf16"), (Self::F16, "f16")];

    /// Whether convolutions by Winograd's minimal filtering, in f32, are the fastest on this processor.
    fn suits_winograd(self) -> bool {
        winograd::available()
            && match self {
                Self::Full => true,
                Self::Bf16 => !winograd::beside_matrix_units(),
                Self::F16 => false,
            }
    }

    /// Its element type; `None` for that of the program.
    pub fn half(self) -> Option<Kind> {
        match self {
            Self::Full => None,
            Self::Bf16 => Some(Kind::BFloat16),
            Self::F16 => Some(Kind::Half),
        }
    }
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::NAMES.iter().find(|(_, name)| *name == text).map(|(precision, _)| *precision);
        found.ok_or_else(|| format!("\"{text}\" is no precision: f32, bf16, f16"))
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let found = Self::NAMES.iter().find(|(precision, _)| precision == self);
        f.write_str(found.map_or("", |(_, name)| name))
    }
}

/// Whether a layer and the normalisation after it have the shapes of one layer.
fn foldable(folded: &rewrite::Folded, names: &[&str], origin: &[Tensor]) -> bool {
    let shape = |name: &String| names.iter().position(|entry| entry == name).map(|place| origin[place].size());
    let weight = shape(&folded.weight).unwrap_or_default();
    let [channels, _, ..] = &weight[..] else { return false };
    let others = [
        Some(&folded.mean),
        Some(&folded.variance),
        folded.bias.as_ref(),
        folded.scale.as_ref(),
        folded.shift.as_ref(),
    ];
    others.into_iter().flatten().all(|name| shape(name).as_deref() == Some(&[*channels]))
}

fn is_finite(tensor: &Tensor) -> bool {
    tensor.isfinite().all().int64_value(&[]) != 0
}

/// Whether results agree but for rounding.
fn alike(found: &[Tensor], wanted: &[Tensor], tolerance: f64) -> bool {
    found.len() == wanted.len()
        && found.iter().zip(wanted).all(|(found, wanted)| {
            let (a, b) = (found.to_kind(Kind::Double), wanted.to_kind(Kind::Double));
            found.size() == wanted.size() && {
                if found.numel() == 0 {
                    return true;
                }
                let (off, largest) = ((a - &b).abs().max().double_value(&[]), b.abs().max().double_value(&[]));
                off <= tolerance * largest
            }
        })
}
