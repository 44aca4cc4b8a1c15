use files::MetricMeaning;
use tch::Tensor;

use super::ExampleMetric;
use crate::{Loss, Outcome};

/// The loss itself.
pub(super) struct MeanLoss;

impl ExampleMetric for MeanLoss {
    fn name(&self) -> &'static str {
        "loss"
    }

    fn meaning(&self) -> MetricMeaning {
        MetricMeaning::Loss
    }

    fn unit(&self, loss: Loss) -> &'static str {
        match loss {
            Loss::CrossEntropy => "nats",
            Loss::Mse | Loss::Regression | Loss::Program => "",
        }
    }

    fn suits(&self, _: Loss, _: usize) -> bool {
        true
    }

    fn is_usual(&self) -> bool {
        true
    }

    fn values(&self, outcome: &Outcome) -> Tensor {
        outcome.losses()
    }
}
