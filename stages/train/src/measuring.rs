//! How good a network is on examples that it is not trained on.

use torch::{Averages, Batches, Landscape, Plan, Tensor};
use training::{Network, Score, Settings};

/// The score of a network in a state, in evaluation mode.
pub(crate) fn measure(
    settings: &Settings,
    network: &Network,
    state: &[Tensor],
    batches: &Batches,
) -> anyhow::Result<Score> {
    let names = network.names();
    let program = &network.program;
    let plan = Plan::plain(program);
    let device = settings.run.device;
    let landscape = Landscape::new(&plan, &names, state, &[], &[], device)?;
    let criterion = settings.criterion;
    let averages = Averages {
        criterion,
        metrics: torch::usual_metrics(criterion.loss, program.outputs.len()),
        stop: None,
    };
    let samples = torch::no_grad(|| landscape.measure(batches, (0, 1), &averages, &|| false))?;
    let score = averages.score(&samples.unwrap_or_default())?;
    Ok(Score {
        loss: score.means[0],
        error: if criterion.loss.wants_classes() {
            100.0 - score.means[1]
        } else {
            f64::NAN
        },
    })
}
