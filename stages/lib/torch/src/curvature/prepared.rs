use tch::{Device, Kind, Tensor};

use super::Operator;
use crate::{Criterion, Error, returned::Returned};

/// The loss summed over a batch, differentiated as far as no vector is needed: what is left is done
/// for each vector anew.
pub(super) struct Prepared {
    leaves: Vec<Tensor>,
    /// The derivatives by the leaves, undefined where there are none.
    gradients: Vec<Tensor>,
    /// What they are derivatives of.
    of: Of,
    /// How many targets count.
    pub(super) counted: f64,
}

enum Of {
    /// The loss: the derivatives are differentiated again.
    Loss,
    /// Values times a factor: by the factor, the derivatives tell how the values change along a
    /// vector (the trick of two vector-Jacobian products).
    Values {
        values: Tensor,
        factor: Tensor,
        /// The outputs by themselves, and the derivatives of the loss by them; `None` where the
        /// values are the losses.
        slopes: Option<[Tensor; 2]>,
    },
}

impl Prepared {
    /// Of what a network returned, as it depends on the parameters `leaves`.
    pub(super) fn new(
        operator: Operator,
        criterion: &Criterion,
        returned: &Returned,
        leaves: Vec<Tensor>,
    ) -> Result<Self, Error> {
        let mut outputs = returned.outputs();
        let (of, counted, differentiated) = match operator {
            Operator::Hessian => {
                let losses = returned.losses(criterion, outputs)?;
                (Of::Loss, losses.numel(), losses.sum(Kind::Double))
            }
            Operator::GaussNewton => {
                let values = outputs.remove(0);
                let free = values.detach().set_requires_grad(true);
                let losses = returned.losses(criterion, vec![free.shallow_clone()])?;
                let by_outputs = [free.shallow_clone()];
                let slope = derivatives(&losses.sum(Kind::Double), &by_outputs)?.remove(0);
                along(values, Some([free, slope]), losses.numel())
            }
            Operator::Fisher => {
                let losses = returned.losses(criterion, outputs)?;
                let counted = losses.numel();
                along(losses, None, counted)
            }
        };
        Ok(Self {
            gradients: derivatives(&differentiated, &leaves)?,
            leaves,
            of,
            counted: counted as f64,
        })
    }

    /// The product of a vector with the operator, a tensor for each of the leaves, undefined where
    /// it is 0.
    pub(super) fn product(&self, vector: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        let slope = product(&self.gradients, vector);
        let Of::Values {
            values,
            factor,
            slopes,
        } = &self.of
        else {
            return kept(&slope, &self.leaves);
        };
        let mut change = kept(&slope, std::slice::from_ref(factor))?.remove(0);
        if let (Some([free, slope]), true) = (slopes, change.defined()) {
            let bent = product(std::slice::from_ref(slope), &[change]);
            change = kept(&bent, std::slice::from_ref(free))?.remove(0);
        }
        if !change.defined() {
            return Ok(undefined(self.leaves.len()));
        }
        let sum = (values * change.detach()).sum(Kind::Double);
        kept(&sum, &self.leaves)
    }
}

/// Values, to be differentiated along vectors.
fn along(values: Tensor, slopes: Option<[Tensor; 2]>, counted: usize) -> (Of, usize, Tensor) {
    let factor = values.zeros_like().set_requires_grad(true);
    let differentiated = (&values * &factor).sum(Kind::Double);
    let of = Of::Values {
        values,
        factor,
        slopes,
    };
    (of, counted, differentiated)
}

/// The derivatives of a number, which can be differentiated themselves; undefined where it does not
/// depend on a tensor.
fn derivatives(of: &Tensor, by: &[Tensor]) -> Result<Vec<Tensor>, Error> {
    if !of.requires_grad() {
        return Ok(undefined(by.len()));
    }
    Ok(Tensor::f_run_backward(&[of], by, true, true)?)
}

/// The same, which cannot; what they are computed from is kept for other vectors.
fn kept(of: &Tensor, by: &[Tensor]) -> Result<Vec<Tensor>, Error> {
    if !of.requires_grad() {
        return Ok(undefined(by.len()));
    }
    Ok(Tensor::f_run_backward(&[of], by, true, false)?)
}

fn undefined(count: usize) -> Vec<Tensor> {
    let mut tensors = Vec::with_capacity(count);
    tensors.resize_with(count, Tensor::new);
    tensors
}

/// The product of two vectors, summed in double precision.
fn product(a: &[Tensor], b: &[Tensor]) -> Tensor {
    let mut products = Vec::with_capacity(a.len());
    for (a, b) in a.iter().zip(b) {
        if a.defined() {
            products.push((a * b).sum(Kind::Double).to_device(Device::Cpu));
        }
    }
    if products.is_empty() {
        return Tensor::zeros([], (Kind::Double, Device::Cpu));
    }
    Tensor::stack(&products, 0).sum(Kind::Double)
}
