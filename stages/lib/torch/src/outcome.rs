use tch::{Kind, Tensor};

use crate::{Criterion, Error, Loss};

/// What a network returned for some examples, with their targets.
///
/// The loss formula stands here once, per example and differentiable: it is computed in the
/// precision of the outputs, f64 where losses are measured, f32 where a network is trained.
pub struct Outcome {
    loss: Loss,
    outputs: Vec<Tensor>,
    /// For a loss on classes: logits `[M, C]` and classes `[M]` of the targets that count.
    /// For a regression: outputs and targets `[M, values]`.
    pairs: Option<[Tensor; 2]>,
}

impl Outcome {
    /// Outputs as they come from the network, and targets.
    ///
    /// # Errors
    /// A loss that needs targets, where there are none.
    pub fn new(
        criterion: &Criterion,
        outputs: Vec<Tensor>,
        targets: Option<&Tensor>,
    ) -> Result<Self, Error> {
        let loss = criterion.loss;
        let pairs = match (loss, targets) {
            (Loss::CrossEntropy | Loss::Mse, Some(targets)) => {
                Some(criterion.counted_classes(&outputs[0], targets))
            }
            (Loss::Regression, Some(targets)) => {
                let values = &outputs[0];
                let rows = [values.size()[0], -1];
                let targets = targets.to_kind(values.kind());
                Some([values.reshape(rows), targets.reshape(rows)])
            }
            (Loss::Program, _) => None,
            (Loss::CrossEntropy | Loss::Mse | Loss::Regression, None) => {
                return Err(Error::Loss {
                    loss: loss.name(),
                    why: "it needs targets, and the data has none".into(),
                });
            }
        };
        Ok(Self {
            loss,
            outputs,
            pairs,
        })
    }

    /// The outputs as they came from the network.
    pub(crate) fn outputs(&self) -> &[Tensor] {
        &self.outputs
    }

    /// The loss of each example that counts, `[M]`.
    pub fn losses(&self) -> Tensor {
        let Some([values, targets]) = &self.pairs else {
            return self.outputs[0].shallow_clone();
        };
        let kind = values.kind();
        match self.loss {
            Loss::CrossEntropy => -values
                .log_softmax(-1, kind)
                .gather(-1, &targets.unsqueeze(-1), false)
                .squeeze_dim(-1),
            Loss::Mse => {
                let width = values.size()[values.dim() - 1];
                mean_square(&(values.softmax(-1, kind) - targets.one_hot(width)))
            }
            Loss::Regression | Loss::Program => mean_square(&(values - targets)),
        }
    }

    /// Whether the largest logit of each example that counts is that of its class, `[M]`.
    pub fn are_right(&self) -> Tensor {
        let [logits, classes] = self.classified();
        logits.argmax(-1, false).eq_tensor(classes)
    }

    /// Logits `[M, C]` and classes `[M]` of the targets that count, for a loss on classes.
    pub(crate) fn classified(&self) -> &[Tensor; 2] {
        self.pairs
            .as_ref()
            .expect("a metric of classes is measured with a loss on classes only")
    }
}

/// The mean over the last axis.
fn mean_square(differences: &Tensor) -> Tensor {
    let last: &[i64] = &[-1];
    differences
        .square()
        .mean_dim(last, false, differences.kind())
}

/// What is measured is measured in f64.
pub(crate) fn in_f64(outputs: &[Tensor], count: i64) -> Vec<Tensor> {
    let mut converted = Vec::with_capacity(outputs.len());
    for output in outputs {
        converted.push(output.narrow(0, 0, count).to_kind(Kind::Double));
    }
    converted
}
