//! How good a network in training is.

use torch::{Averages, Batches, Landscape, Plan, Statistics, Tensor};

use super::{Training, seed_of_step};

/// How good a network is on some examples.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    /// The mean loss, in nats for cross-entropy.
    pub(crate) loss: f64,
    /// Wrong answers, in percent; NaN for a loss that is not on classes.
    pub(crate) error: f64,
}

impl Training<'_> {
    /// Checks that the loss can measure what the network returns, before the first step.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let count = self.train.examples().min(self.settings.batch as i64);
        let indices: Vec<i64> = (0..count).collect();
        let (inputs, targets) = self.train.pick(&Tensor::from_slice(&indices));
        let inputs = self.call(&inputs, targets.as_ref());
        Ok(self.trainer.check(&inputs, self.train.targets())?)
    }

    /// The score of the network as it is, in evaluation mode.
    pub(crate) fn measure(&self, batches: &Batches) -> anyhow::Result<Score> {
        self.measure_state(&self.trainer.state(), batches)
    }

    pub(super) fn measure_state(
        &self,
        state: &[Tensor],
        batches: &Batches,
    ) -> anyhow::Result<Score> {
        let names = self.network.names();
        let program = &self.network.program;
        let plan = Plan::plain(program);
        let device = self.settings.device;
        let landscape = Landscape::new(&plan, &names, state, &[], &[], device)?;
        let criterion = self.settings.criterion;
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

    /// A state with the running statistics of batch normalisation as they are over the training
    /// set, whose examples are taken in order and not changed at random.
    pub(super) fn with_statistics(&self, state: Vec<Tensor>) -> anyhow::Result<Vec<Tensor>> {
        let names = self.network.names();
        let (program, device) = (&self.network.program, self.settings.device);
        let Some(mut statistics) = Statistics::new(program, &names, &state, device)? else {
            return Ok(state);
        };
        torch::manual_seed(seed_of_step(self.settings.seed, self.place.step));
        let order: Vec<i64> = (0..self.train.examples()).collect();
        for indices in order.chunks(self.settings.batch) {
            let (inputs, targets) = self.train.pick(&Tensor::from_slice(indices));
            statistics.add(&self.call(&inputs, targets.as_ref()))?;
        }
        Ok(statistics.state())
    }
}
