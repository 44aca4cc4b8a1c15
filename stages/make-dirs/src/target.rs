use anyhow::ensure;
use files::{Model, Role, StateTensor, Stored};
use ndarray::ArrayD;

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

/// Whether the two have other running statistics, which `weights` directions do not move.
pub(crate) fn statistics_differ(model: &Model, target: &Model) -> bool {
    let pairs = model.state.iter().zip(&target.state);
    pairs.into_iter().any(|(from, to)| {
        from.role == Role::Buffer && from.tensor.is_float() && from.tensor != to.tensor
    })
}
