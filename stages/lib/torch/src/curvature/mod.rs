//! Products of vectors with the Hessian of the mean loss, with the Gauss-Newton matrix and with the
//! empirical Fisher matrix.

mod folds;
mod operator;

use std::ops::Range;

use program::{Program, rewrite};
use tch::{Device, Kind, Tensor};

use crate::{
    BatchStatistics, Batch, Batches, Criterion, Error, Landscape, Loss, Mode, Network, Plan, State,
    convert::like, layout::reals,
};
use folds::Folds;
pub use operator::Operator;

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
    /// What the network is called with: tensors of the landscape, and then those of the folds.
    names: Vec<String>,
    parameters: Vec<Parameter>,
    operator: Operator,
    criterion: Criterion,
}

/// A tensor that vectors have values for.
struct Parameter {
    /// Its place among the tensors of the landscape.
    bound: usize,
    /// Where its values lie in vectors.
    values: Range<usize>,
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
        let parameters = parameters(&bound, state, chosen);
        if parameters.is_empty() {
            return Err(Error::Curvature(
                "no parameter is chosen that the program uses".into(),
            ));
        }
        Ok(Self {
            landscape,
            network,
            folds,
            names,
            parameters,
            operator,
            criterion,
        })
    }

    /// Goes to a point.
    pub fn move_to(&mut self, x: f64, y: f64) {
        self.landscape.move_to(x, y);
    }

    /// Replaces the running statistics at the point, see [`Landscape::recalibrate`].
    pub fn recalibrate(&mut self, places: &[usize], statistics: &BatchStatistics) {
        self.landscape.recalibrate(places, statistics);
    }

    /// The number of values of a vector.
    pub fn dimension(&self) -> usize {
        self.parameters.last().map_or(0, |last| last.values.end)
    }

    /// Multiplies a vector, summed over the batches number `batches` of the data; `None` where
    /// `stop` said so between two batches. Where a running variance is negative all values are NaN.
    ///
    /// # Errors
    /// What the network or the loss refuses.
    pub fn sum(
        &self,
        vector: &[f64],
        data: &Batches,
        batches: Range<usize>,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<ProductSum>, Error> {
        let mut sum = ProductSum {
            product: vec![0.0; self.dimension()],
            counted: 0.0,
        };
        if self.landscape.is_invalid() {
            sum.product.fill(f64::NAN);
            sum.counted = 1.0;
            return Ok(Some(sum));
        }
        let tensors = self.landscape.tensors();
        let mut steps = Vec::with_capacity(self.parameters.len());
        for parameter in &self.parameters {
            let values = &vector[parameter.values.clone()];
            steps.push(like(values, tensors[parameter.bound]));
        }
        for piece in data.chunks(batches) {
            let piece = piece?;
            for batch in data.of(&piece) {
                if stop() {
                    return Ok(None);
                }
                sum.join(&self.of_batch(&steps, batch)?);
            }
        }
        Ok(Some(sum))
    }

    /// The product over one batch.
    fn of_batch(&self, vector: &[Tensor], batch: Batch) -> Result<ProductSum, Error> {
        let Batch {
            mut inputs,
            targets,
            count,
        } = batch;
        if self.criterion.loss == Loss::Program {
            inputs.extend(targets.iter().map(Tensor::shallow_clone));
        }
        let (state, leaves) = self.state();
        let outputs = self.network.forward(&state, &inputs)?;
        self.criterion
            .check(&outputs, targets.as_ref(), inputs_size(&inputs))?;
        let (products, counted) =
            self.operator
                .product(&self.criterion, (&outputs, targets.as_ref(), count), &leaves, vector)?;
        let mut product = Vec::with_capacity(self.dimension());
        for (parameter, values) in self.parameters.iter().zip(products) {
            if values.defined() {
                product.extend(reals(&values));
            } else {
                product.resize(product.len() + parameter.values.len(), 0.0);
            }
        }
        Ok(ProductSum { product, counted })
    }

    /// What the network is called with at the point, and the parameters among it, by which it is
    /// differentiated.
    fn state(&self) -> (Vec<Tensor>, Vec<Tensor>) {
        let mut state = Vec::with_capacity(self.names.len());
        for tensor in self.landscape.tensors() {
            state.push(tensor.detach());
        }
        let mut leaves = Vec::with_capacity(self.parameters.len());
        for parameter in &self.parameters {
            let leaf = state[parameter.bound].set_requires_grad(true);
            state[parameter.bound] = leaf.shallow_clone();
            leaves.push(leaf);
        }
        self.folds.extend(&mut state);
        (state, leaves)
    }
}

/// The chosen parameters among the tensors that a program is called with.
fn parameters(bound: &[&str], state: State, chosen: &[bool]) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    let mut end = 0;
    for (place, name) in state.names.iter().enumerate() {
        let found = bound.iter().position(|used| used == name);
        let origin = &state.origin[place];
        if let (Some(bound), true) = (found, chosen[place] && origin.is_floating_point()) {
            let start = end;
            end += origin.numel();
            let values = start..end;
            parameters.push(Parameter { bound, values });
        }
    }
    parameters
}

fn inputs_size(inputs: &[Tensor]) -> i64 {
    inputs.first().map_or(0, |input| input.size()[0])
}

/// What is summed up in double precision.
pub(crate) fn product(a: &[Tensor], b: &[Tensor]) -> Tensor {
    let mut sum = Tensor::zeros([], (Kind::Double, Device::Cpu));
    for (a, b) in a.iter().zip(b) {
        if a.defined() {
            sum = sum + (a * b).sum(Kind::Double).to_device(Device::Cpu);
        }
    }
    sum
}
