//! Products of vectors with the Hessian of the mean loss, with the Gauss-Newton matrix and with the
//! empirical Fisher matrix.

mod folds;
mod operator;
mod prepared;

use std::collections::HashMap;

use program::{Program, rewrite};
use tch::{Device, Tensor};

use crate::{
    BatchStatistics, Batches, Criterion, Error, Landscape, Loss, Mode, Network, Plan, State,
    convert::like,
    leaves::Leaves,
    returned::{Returned, batch},
};
use folds::Folds;
pub use operator::Operator;
use prepared::Prepared;

/// What is kept of a batch, over what its calls return: results, their derivatives, and what both
/// are made from.
const KEPT_PER_RESULT: u64 = 4;

/// An operator on the parameters of a network that moves on a plane: a symmetric matrix that is
/// known by its products, of the mean loss over examples.
///
/// Vectors have the values of the chosen parameters one after the other, each in the order of its
/// tensor. Products are exact: derivatives of derivatives, never differences (networks with ReLU
/// have kinks, over which differences are wrong at every step that single precision resolves).
/// Batch normalisation is folded into the layers before it, and differentiated through that.
pub struct Curvature {
    landscape: Landscape,
    network: Network,
    folds: Folds,
    leaves: Leaves,
    operator: Operator,
    criterion: Criterion,
    /// Batches that are differentiated as far as no vector is needed, at the point.
    kept: HashMap<usize, Prepared>,
    /// How many batches may be kept.
    keeps: usize,
}

/// A sum over some examples.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductSum {
    /// The product with the operator of the summed loss.
    pub product: Vec<f64>,
    /// How many targets count: the mean is over these.
    pub counted: f64,
}

impl ProductSum {
    /// Adds the next one.
    pub fn join(&mut self, next: &Self) {
        self.counted += next.counted;
        for (sum, value) in self.product.iter_mut().zip(&next.product) {
            *sum += value;
        }
    }

    /// The product with the operator of the mean loss.
    pub fn mean(mut self) -> Vec<f64> {
        for value in &mut self.product {
            *value /= self.counted;
        }
        self.product
    }
}

impl Curvature {
    /// For a network on a plane, in the precision of its program. Layers are folded as in `plan`,
    /// which was compared with the program. `chosen` tells which entries of the state vectors have
    /// values for.
    ///
    /// # Errors
    /// What [`Landscape::new`] refuses; the Gauss-Newton matrix of a loss of the program's own;
    /// nothing chosen that the program uses.
    pub fn new(
        program: &Program,
        plan: &Plan,
        state: State,
        directions: [&[Option<Tensor>]; 2],
        (operator, chosen): (Operator, &[bool]),
        (criterion, device): (Criterion, Device),
    ) -> Result<Self, Error> {
        if operator == Operator::GaussNewton && criterion.loss == Loss::Program {
            return Err(Error::Curvature(
                "the Gauss-Newton matrix is made of the outputs and of the loss, and a program \
                 that computes its own loss returns no outputs: use the Hessian or the Fisher \
                 matrix"
                    .into(),
            ));
        }
        let [x, y] = directions;
        let plain = Plan::plain(program);
        let landscape = Landscape::new(&plain, state.names, state.origin, x, y, device)?;
        let used = rewrite::drop_unused(program);
        let (folding, folded) =
            rewrite::fold_batch_norm(&used, |fold| plan.folded.iter().any(|it| it == fold));
        let folding = rewrite::use_plain_attention(&folding);
        let bound = program.state_names();
        let folds = Folds::new(&folded, &bound)?;
        let mut names: Vec<String> = bound.iter().map(ToString::to_string).collect();
        names.extend(folds.names());
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let network = Network::new(&folding, &all, Mode::Evaluate, device)?;
        Ok(Self {
            landscape,
            network,
            folds,
            leaves: Leaves::new(&bound, state, chosen)?,
            operator,
            criterion,
            kept: HashMap::new(),
            keeps: 0,
        })
    }

    /// Goes to a point.
    pub fn move_to(&mut self, x: f64, y: f64) {
        if self.landscape.move_to(x, y) {
            self.kept.clear();
        }
    }

    /// Replaces the running statistics at the point, see [`Landscape::recalibrate`].
    pub fn recalibrate(&mut self, places: &[usize], statistics: &BatchStatistics) {
        if self.landscape.recalibrate(places, statistics) {
            self.kept.clear();
        }
    }

    /// Keeps what can be computed before a vector is known, of as many batches as fit into this
    /// many bytes: further products at the point are the faster for it, and have the same bits.
    ///
    /// # Errors
    /// What the network refuses.
    pub fn keep_batches(&mut self, bytes: u64, data: &Batches) -> Result<(), Error> {
        let call = data.first()?.call(self.criterion.loss);
        let (state, _) = tch::no_grad(|| self.state());
        let sizes = tch::no_grad(|| self.network.sizes(&state, &call))?;
        let elements: usize = sizes.iter().sum();
        let of_batch = KEPT_PER_RESULT * elements as u64 * size_of::<f32>() as u64;
        self.keeps = (bytes / of_batch.max(1)) as usize;
        Ok(())
    }

    /// The number of values of a vector.
    pub fn dimension(&self) -> usize {
        self.leaves.dimension()
    }

    /// Multiplies a vector, summed over batch number `number` of the data; `None` where `stop` said
    /// so. Where a running variance is negative all values are NaN.
    ///
    /// # Errors
    /// What the network or the loss refuses.
    pub fn of_batch(
        &mut self,
        vector: &[f64],
        data: &Batches,
        number: usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<ProductSum>, Error> {
        let invalid = ProductSum {
            product: vec![f64::NAN; self.dimension()],
            counted: 1.0,
        };
        if self.landscape.is_invalid() {
            return Ok(Some(invalid));
        }
        if stop() {
            return Ok(None);
        }
        let tensors = self.landscape.tensors();
        let mut steps = Vec::new();
        for (bound, values) in self.leaves.bound() {
            steps.push(like(&vector[values.clone()], tensors[bound]));
        }
        if !self.kept.contains_key(&number) {
            let Some(batch) = batch(data, number)? else {
                return Ok(Some(invalid));
            };
            let (state, leaves) = self.state();
            let returned = Returned::new(&self.network, &state, &self.criterion, &batch)?;
            let prepared = Prepared::new(self.operator, &self.criterion, &returned, leaves)?;
            if self.kept.len() >= self.keeps {
                return Ok(Some(self.product(&prepared, &steps)?));
            }
            self.kept.insert(number, prepared);
        }
        Ok(Some(self.product(&self.kept[&number], &steps)?))
    }

    /// The product of a vector over a batch.
    fn product(&self, prepared: &Prepared, vector: &[Tensor]) -> Result<ProductSum, Error> {
        Ok(ProductSum {
            product: self.leaves.vector(&prepared.product(vector)?),
            counted: prepared.counted,
        })
    }

    /// What the network is called with at the point, and the parameters among it, by which it is
    /// differentiated.
    fn state(&self) -> (Vec<Tensor>, Vec<Tensor>) {
        let (mut state, leaves) = self.leaves.among(&self.landscape.tensors());
        self.folds.extend(&mut state);
        (state, leaves)
    }
}
