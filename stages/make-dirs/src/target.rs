use std::collections::HashSet;

use files::Model;
use program::Arg;

use crate::origin::Origin;

/// Whether normalisations of the two have other running statistics, which `weights` directions do
/// not move.
pub(crate) fn statistics_differ(origin: &Origin, target: &Model) -> bool {
    let mut statistics = HashSet::new();
    for node in &origin.program.nodes {
        for name in ["running_mean", "running_var"] {
            statistics.extend(node.args.get(name).and_then(Arg::state));
        }
    }
    for (from, to) in origin.model.state.iter().zip(&target.state) {
        if statistics.contains(from.name.as_str()) && from.tensor != to.tensor {
            return true;
        }
    }
    false
}
