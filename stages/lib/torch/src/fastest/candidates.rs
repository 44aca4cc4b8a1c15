use program::{
    Program,
    rewrite::{self, Folded, WINOGRAD},
};
use tch::{Device, Tensor};

use crate::{
    Plan, Precision, State,
    winograd::{self, Tile},
};

/// The plans to try for a precision, the fastest first.
pub(super) fn candidates(
    program: &Program,
    state: State,
    device: Device,
    precision: Precision,
) -> Vec<Plan> {
    let used = rewrite::drop_unused(program);
    let (folding, folded) = rewrite::fold_batch_norm(&used, |folded| is_foldable(folded, state));
    let on_cpu = device == Device::Cpu && state.is_single();
    let mut programs = Vec::new();
    if on_cpu {
        let fused = rewrite::fuse_convolutions(&folding);
        programs.extend([rewrite::write_in_place(&fused), fused]);
    }
    programs.extend([rewrite::write_in_place(&folding), folding]);
    let tile = if on_cpu {
        winograd::fastest_tile(precision)
    } else {
        None
    };
    let mut plans = Vec::new();
    for program in programs {
        let mut plan = Plan::plain(&program);
        plan.folded.clone_from(&folded);
        if let Some(tile) = tile {
            plans.push(with_winograd(&plan, state, tile));
        }
        plans.push(plan);
    }
    plans
}

/// Whether a layer and the normalisation after it have the shapes of one layer, and one type of
/// real numbers.
fn is_foldable(folded: &Folded, state: State) -> bool {
    let Some(weight) = state.tensor(&folded.weight) else {
        return false;
    };
    let &[channels, _, ..] = &weight.size()[..] else {
        return false;
    };
    if !weight.is_floating_point() {
        return false;
    }
    let statistics = [&folded.mean, &folded.variance];
    let optional = [&folded.bias, &folded.scale, &folded.shift];
    let names = statistics.into_iter().chain(optional.into_iter().flatten());
    for name in names {
        let Some(tensor) = state.tensor(name) else {
            return false;
        };
        if tensor.size() != [channels] || tensor.kind() != weight.kind() {
            return false;
        }
    }
    true
}

/// The plan with 3×3 convolutions by Winograd's minimal filtering, where their kernels fit.
fn with_winograd(plan: &Plan, state: State, tile: Tile) -> Plan {
    let program = rewrite::use_winograd(&plan.program, |name| {
        kernel(plan, state, name).is_some_and(|kernel| winograd::fits(kernel, tile))
    });
    let mut transformed = Vec::new();
    for node in program.nodes.iter().filter(|node| node.op == WINOGRAD) {
        if let Some(name) = node.args["weight"].state() {
            transformed.push((name.to_string(), tile));
        }
    }
    let mut plan = plan.clone();
    plan.program = program;
    plan.transformed = transformed;
    plan
}

/// A kernel as the model has it, before a normalisation was folded into it.
fn kernel<'a>(plan: &Plan, state: State<'a>, name: &str) -> Option<&'a Tensor> {
    let mut folds = plan.folded.iter();
    let fold = folds.find(|folded| folded.names[0] == name);
    let place_of = fold.map_or(name, |folded| &folded.weight);
    state.tensor(place_of)
}
