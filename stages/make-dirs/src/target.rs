use std::collections::HashSet;

use anyhow::ensure;
use files::{Model, StateTensor, Stored};
use ndarray::ArrayD;
use program::{Arg, Program};

/// The difference `θ₂ − θ*` between two models of one architecture; integer tensors do not move.
pub(crate) fn direction(
    model: &Stored<Model>,
    target: &Stored<Model>,
    moved: impl Fn(&Model) -> Vec<&StateTensor>,
) -> anyhow::Result<Vec<ArrayD<f32>>> {
    let (from, to) = (moved(model), moved(target));
    let files = || {
        format!(
            "{} and {}",
            model.header.path.display(),
            target.header.path.display()
        )
    };
    ensure!(
        from.len() == to.len(),
        "{}: one moves {} tensors, the other {}",
        files(),
        from.len(),
        to.len()
    );
    let difference = |(from, to): (&&StateTensor, &&StateTensor)| {
        let same = from.name == to.name && from.tensor.shape() == to.tensor.shape();
        let of = |entry: &StateTensor| format!("{} {:?}", entry.name, entry.tensor.shape());
        ensure!(
            same,
            "{} are of two architectures: {} against {}",
            files(),
            of(from),
            of(to)
        );
        Ok(match from.tensor.is_float() {
            true => to.tensor.to_f32() - from.tensor.to_f32(),
            false => ArrayD::zeros(from.tensor.shape()),
        })
    };
    from.iter().zip(&to).map(difference).collect()
}

/// Whether normalisations of the two have other running statistics, which `weights` directions do not move.
pub(crate) fn statistics_differ(program: &Program, model: &Model, target: &Model) -> bool {
    let mut statistics = HashSet::new();
    for node in &program.nodes {
        for name in ["running_mean", "running_var"] {
            statistics.extend(node.args.get(name).and_then(Arg::state));
        }
    }
    for (from, to) in model.state.iter().zip(&target.state) {
        if statistics.contains(from.name.as_str()) && from.tensor != to.tensor {
            return true;
        }
    }
    false
}
