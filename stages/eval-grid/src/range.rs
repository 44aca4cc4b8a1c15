//! How far automatic axes reach without a trajectory: to where the loss is a multiple of that of
//! the model.

use anyhow::{Context, ensure};
use evaluation::{Part, Plane};
use torch::{Averages, Landscape, Plan};

use crate::{inputs::Inputs, settings::Settings};

/// Axes reach to where the loss at one of their ends is at least this many times the loss of the
/// model.
const FACTOR: f64 = 10.0;
/// Examples on which the loss is measured for it: the first ones.
const EXAMPLES: usize = 500;
/// Examples per batch, where nobody says otherwise.
const BATCH: usize = 50;
/// Ends that are tried: from 1, half as far or twice as far up to this many times.
const DOUBLINGS: u32 = 12;

/// The ends of symmetric axes: the least and the largest, of x, then of y.
///
/// # Errors
/// The loss cannot be measured, or does not grow.
pub(crate) fn find(
    settings: &Settings,
    inputs: &Inputs,
    plane: &Plane,
    has_y: bool,
) -> anyhow::Result<Vec<f64>> {
    let mut probe = Probe::new(settings, inputs, plane)?;
    let centre = probe.loss([0.0, 0.0])?;
    ensure!(
        centre.is_finite() && centre > 0.0,
        "the loss of {} is {centre}: give axes with ends, such as --x=-1:1:51",
        inputs.subject.model_file()
    );
    let mut axes = vec![[1.0, 0.0]];
    if has_y {
        axes.push([0.0, 1.0]);
    }
    let mut ends = Vec::new();
    for axis in axes {
        let reach = probe.reach(axis, FACTOR * centre)?;
        ends.extend([-reach, reach]);
    }
    Ok(ends)
}

/// What measures the loss of some examples at points of the plane.
struct Probe {
    landscape: Landscape,
    batches: torch::Batches,
    averages: Averages,
}

impl Probe {
    fn new(settings: &Settings, inputs: &Inputs, plane: &Plane) -> anyhow::Result<Self> {
        let part = inputs.subject.parts.first().context("there are splits")?;
        let few = Part {
            split: part.split.clone(),
            count: part.count.min(EXAMPLES),
        };
        let criterion = settings.question.criterion;
        let batch = inputs.subject.program.batch().or(settings.batch);
        let batch = batch.unwrap_or(BATCH).min(few.count);
        let metrics = torch::usual_metrics(criterion.loss, inputs.subject.program.outputs.len());
        Ok(Self {
            batches: evaluation::batches(&inputs.subject, &few, batch, true)?,
            landscape: plane
                .landscape(
                    &Plan::plain(&inputs.subject.program),
                    settings.question.device,
                )
                .with_context(|| inputs.subject.model_file())?,
            averages: Averages {
                criterion,
                // the loss comes first
                metrics: metrics.into_iter().take(1).collect(),
                stop: None,
            },
        })
    }

    fn loss(&mut self, [x, y]: [f64; 2]) -> anyhow::Result<f64> {
        torch::no_grad(|| {
            self.landscape.move_to(x, y);
            let samples = self
                .landscape
                .measure(&self.batches, (0, 1), &self.averages, &|| false)?
                .context("nothing told it to stop")?;
            let score = self.averages.score(&samples)?;
            score.means.first().copied().context("there is a loss")
        })
    }

    /// How far an axis reaches: the loss is below `target` at half of it.
    fn reach(&mut self, axis: [f64; 2], target: f64) -> anyhow::Result<f64> {
        let mut reach = 1.0;
        if self.exceeds(axis, reach, target)? {
            for _ in 0..DOUBLINGS {
                if !self.exceeds(axis, reach / 2.0, target)? {
                    break;
                }
                reach /= 2.0;
            }
        } else {
            let mut is_found = false;
            for _ in 0..DOUBLINGS {
                reach *= 2.0;
                is_found = self.exceeds(axis, reach, target)?;
                if is_found {
                    break;
                }
            }
            ensure!(
                is_found,
                "between 1 and {reach} along an axis the loss does not reach {FACTOR} times that \
                 of the model: give axes with ends, such as --x=-1:1:51"
            );
        }
        let closer = 0.75 * reach;
        Ok(if self.exceeds(axis, closer, target)? {
            closer
        } else {
            reach
        })
    }

    /// Whether the loss is at least `target`, or no number, at one of the two ends.
    fn exceeds(&mut self, [x, y]: [f64; 2], reach: f64, target: f64) -> anyhow::Result<bool> {
        for side in [-reach, reach] {
            let loss = self.loss([side * x, side * y])?;
            if loss.is_nan() || loss >= target {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
