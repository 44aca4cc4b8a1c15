use files::MetricMeaning;
use tch::Tensor;

use super::ExampleMetric;
use crate::{Loss, Outcome};

/// The margin of an example: the logit of its class less the largest of the others. It is negative
/// where the network is wrong (Elsayed et al. 2018, *Large Margin Deep Networks for
/// Classification*). With one class there is no other, and the margin is infinite.
pub(super) struct Margin;

impl ExampleMetric for Margin {
    fn name(&self) -> &'static str {
        "margin"
    }

    fn meaning(&self) -> MetricMeaning {
        MetricMeaning::Other
    }

    fn unit(&self, _: Loss) -> &'static str {
        ""
    }

    fn suits(&self, loss: Loss, _: usize) -> bool {
        loss.wants_classes()
    }

    fn values(&self, outcome: &Outcome) -> Tensor {
        let [logits, classes] = outcome.classified();
        let classes = classes.unsqueeze(-1);
        let right = logits.gather(-1, &classes, false).squeeze_dim(-1);
        let others = logits.scatter_value(-1, &classes, f64::NEG_INFINITY);
        right - others.amax([-1].as_slice(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Criterion, IGNORED};

    #[test]
    fn the_margin_is_that_to_the_best_other_class() {
        let logits = Tensor::from_slice(&[1.0, 3.0, 2.0, 0.0, -1.0, 5.0, 4.0, 4.0, 4.0]);
        let classes = Tensor::from_slice(&[1i64, 0, IGNORED]);
        let criterion = Criterion {
            loss: Loss::CrossEntropy,
            ignored: IGNORED,
            class_axis: None,
        };
        let outcome = Outcome::new(&criterion, vec![logits.reshape([3, 3])], Some(&classes));
        let margins = Margin.values(&outcome.unwrap());
        // the third target is left out
        assert_eq!(Vec::<f64>::try_from(margins).unwrap(), [1.0, -5.0]);
    }
}
