use files::MetricMeaning;
use tch::{Kind, Tensor};

use super::ExampleMetric;
use crate::{Loss, Outcome};

/// The second value per example of a program that computes its own loss.
pub(super) struct Second;

impl ExampleMetric for Second {
    fn name(&self) -> &'static str {
        "metric"
    }

    fn meaning(&self) -> MetricMeaning {
        MetricMeaning::Other
    }

    fn unit(&self, _: Loss) -> &'static str {
        ""
    }

    fn suits(&self, loss: Loss, outputs: usize) -> bool {
        loss == Loss::Program && outputs > 1
    }

    fn is_usual(&self) -> bool {
        true
    }

    fn values(&self, outcome: &Outcome) -> Tensor {
        outcome.outputs()[1].to_kind(Kind::Double)
    }
}
