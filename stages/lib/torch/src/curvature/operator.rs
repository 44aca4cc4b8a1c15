use tch::{Kind, Tensor};

use super::product;
use crate::{Criterion, Error, Outcome, outcome::in_f64};

/// A symmetric matrix of the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The second derivatives of the loss (Pearlmutter 1994, by double backward).
    Hessian,
    /// JᵀHJ, J the derivatives of the outputs and H the second derivatives of the loss by the
    /// outputs (Schraudolph 2002): the Hessian without the curvature of the network.
    GaussNewton,
    /// The mean of ggᵀ over the examples, g the gradient of the loss of one (the empirical Fisher
    /// matrix).
    Fisher,
}

impl From<options::Operator> for Operator {
    fn from(word: options::Operator) -> Self {
        match word {
            options::Operator::Hessian => Self::Hessian,
            options::Operator::Ggn => Self::GaussNewton,
            options::Operator::Fisher => Self::Fisher,
        }
    }
}

/// What a network returned for a batch, its targets, and how many of its examples count.
pub(super) type Returned<'a> = (&'a [Tensor], Option<&'a Tensor>, i64);

impl Operator {
    /// Its name on command lines and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hessian => "hessian",
            Self::GaussNewton => "ggn",
            Self::Fisher => "fisher",
        }
    }

    /// The product of `vector` with the operator of the loss summed over a batch, a tensor for each
    /// of the parameters `leaves`, undefined where it is 0; and how many targets count.
    pub(super) fn product(
        self,
        criterion: &Criterion,
        (outputs, targets, count): Returned,
        leaves: &[Tensor],
        vector: &[Tensor],
    ) -> Result<(Vec<Tensor>, f64), Error> {
        let outputs = in_f64(outputs, count);
        let targets = targets.map(|targets| targets.narrow(0, 0, count));
        match self {
            Self::Hessian => {
                let losses = Outcome::new(criterion, outputs, targets.as_ref())?.losses();
                let counted = losses.numel() as f64;
                let gradients = derivatives(&losses.sum(Kind::Double), leaves, Graph::Differentiable)?;
                let along = product(&gradients, vector);
                Ok((derivatives(&along, leaves, Graph::Dropped)?, counted))
            }
            Self::GaussNewton => {
                gauss_newton(criterion, &outputs[0], targets.as_ref(), leaves, vector)
            }
            Self::Fisher => {
                let losses = Outcome::new(criterion, outputs, targets.as_ref())?.losses();
                let counted = losses.numel() as f64;
                let change = change(&losses, leaves, vector)?;
                let products = derivatives(&(losses * change).sum(Kind::Double), leaves, Graph::Dropped)?;
                Ok((products, counted))
            }
        }
    }
}

fn gauss_newton(
    criterion: &Criterion,
    values: &Tensor,
    targets: Option<&Tensor>,
    leaves: &[Tensor],
    vector: &[Tensor],
) -> Result<(Vec<Tensor>, f64), Error> {
    let change = change(values, leaves, vector)?;
    // the loss by the outputs alone
    let free = values.detach().set_requires_grad(true);
    let outcome = Outcome::new(criterion, vec![free.shallow_clone()], targets)?;
    let losses = outcome.losses();
    let counted = losses.numel() as f64;
    let free = [free];
    let slopes = derivatives(&losses.sum(Kind::Double), &free, Graph::Differentiable)?;
    let along = product(&slopes, &[change]);
    let bent = derivatives(&along, &free, Graph::Dropped)?;
    if !bent[0].defined() {
        return Ok((undefined(leaves.len()), counted));
    }
    let products = derivatives(&(values * &bent[0]).sum(Kind::Double), leaves, Graph::Dropped)?;
    Ok((products, counted))
}

/// How values change along a vector: the derivative of a derivative by a factor that is in neither
/// (the trick of two vector-Jacobian products).
fn change(values: &Tensor, leaves: &[Tensor], vector: &[Tensor]) -> Result<Tensor, Error> {
    let factor = values.zeros_like().set_requires_grad(true);
    let gradients = derivatives(&(values * &factor).sum(Kind::Double), leaves, Graph::Differentiable)?;
    let along = product(&gradients, vector);
    let mut change = derivatives(&along, &[factor], Graph::Kept)?;
    let change = change.remove(0);
    Ok(if change.defined() {
        change.detach()
    } else {
        values.zeros_like()
    })
}

/// What becomes of the graph that derivatives are computed through.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Graph {
    Dropped,
    /// It stays for other derivatives.
    Kept,
    /// It stays, and the derivatives become part of it.
    Differentiable,
}

/// The derivatives of a number, undefined where it does not depend on a tensor.
fn derivatives(of: &Tensor, by: &[Tensor], graph: Graph) -> Result<Vec<Tensor>, Error> {
    if !of.requires_grad() {
        return Ok(undefined(by.len()));
    }
    let (keeps, creates) = match graph {
        Graph::Dropped => (false, false),
        Graph::Kept => (true, false),
        Graph::Differentiable => (true, true),
    };
    Ok(Tensor::f_run_backward(&[of], by, keeps, creates)?)
}

fn undefined(count: usize) -> Vec<Tensor> {
    let mut tensors = Vec::with_capacity(count);
    tensors.resize_with(count, Tensor::new);
    tensors
}
