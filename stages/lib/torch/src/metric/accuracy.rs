use files::MetricMeaning;
use tch::{Kind, Tensor};

use super::ExampleMetric;
use crate::{Loss, Outcome};

/// Examples whose largest logit is that of their class, in percent.
pub(super) struct Accuracy;

impl ExampleMetric for Accuracy {
    fn name(&self) -> &'static str {
        "acc"
    }

    fn meaning(&self) -> MetricMeaning {
        MetricMeaning::Accuracy
    }

    fn unit(&self, _: Loss) -> &'static str {
        "percent"
    }

    fn suits(&self, loss: Loss, _: usize) -> bool {
        loss.wants_classes()
    }

    fn is_usual(&self) -> bool {
        true
    }

    fn values(&self, outcome: &Outcome) -> Tensor {
        100.0 * outcome.are_right().to_kind(Kind::Double)
    }
}
