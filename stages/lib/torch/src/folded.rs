use tch::{Kind, Tensor};

use crate::{
    Error,
    convert::{Real, values, values_mut},
    plane::Moving,
};

/// A folded layer with the places of its tensors in the state, see [`program::rewrite::Folded`].
pub(crate) struct Fold {
    weight: usize,
    bias: Option<usize>,
    scale: Option<usize>,
    shift: Option<usize>,
    mean: usize,
    variance: usize,
    eps: f64,
    /// The layer's weight in the order of memory: output channel, places of the kernel, input channel.
    folded_weight: Tensor,
    folded_bias: Tensor,
}

impl Fold {
    /// # Errors
    /// A name that the state lacks.
    pub(crate) fn new(
        folded: &program::rewrite::Folded,
        names: &[&str],
        state: &[Moving],
    ) -> Result<Self, Error> {
        let find = |name: &String| {
            let place = names.iter().position(|entry| entry == name);
            place.ok_or_else(|| Error::State(name.clone()))
        };
        let maybe = |name: &Option<String>| name.as_ref().map(find).transpose();
        let (weight, mean) = (find(&folded.weight)?, find(&folded.mean)?);
        let shape = state[weight].now().size();
        let (outer, inner) = (shape[0], shape.get(1).copied().unwrap_or(1));
        let places = shape.iter().skip(2).product::<i64>();
        Ok(Self {
            weight,
            bias: maybe(&folded.bias)?,
            scale: maybe(&folded.scale)?,
            shift: maybe(&folded.shift)?,
            mean,
            variance: find(&folded.variance)?,
            eps: folded.eps,
            folded_weight: Tensor::zeros(
                [outer, places, inner],
                (state[weight].now().kind(), tch::Device::Cpu),
            ),
            folded_bias: state[mean].now().zeros_like(),
        })
    }

    /// Weight and bias of the folded layer, in the memory that [`Fold::fold`] writes: the weight channels last.
    pub(crate) fn tensors(&self, state: &[Moving]) -> [Tensor; 2] {
        let shape = state[self.weight].now().size();
        let mut memory = vec![shape[0]];
        memory.extend(&shape[2..]);
        memory.push(shape[1]);
        let last = shape.len() as i64 - 1;
        let mut order = vec![0, last];
        order.extend(1..last);
        [
            self.folded_weight.view(memory.as_slice()).permute(order),
            self.folded_bias.shallow_clone(),
        ]
    }

    /// Computes them for the state as it is now, in f64, rounded once.
    pub(crate) fn fold(&mut self, state: &[Moving]) {
        match self.folded_weight.kind() {
            Kind::Double => self.compute::<f64>(state),
            _ => self.compute::<f32>(state),
        }
    }

    fn compute<T: Real>(&mut self, state: &[Moving]) {
        let per_channel = |place: Option<usize>, channel: usize, default: f64| {
            place.map_or(default, |place| {
                values::<T>(state[place].now())[channel].into()
            })
        };
        let [places, inner] = [1, 2].map(|dim| self.folded_weight.size()[dim] as usize);
        let weight = values::<T>(state[self.weight].now());
        let (folded, biases) = (
            values_mut::<T>(&mut self.folded_weight),
            values_mut::<T>(&mut self.folded_bias),
        );
        for (channel, bias) in biases.iter_mut().enumerate() {
            let variance = per_channel(Some(self.variance), channel, 1.0) + self.eps;
            let factor = per_channel(self.scale, channel, 1.0) / variance.sqrt();
            let centre =
                per_channel(self.bias, channel, 0.0) - per_channel(Some(self.mean), channel, 0.0);
            *bias = T::rounded(centre * factor + per_channel(self.shift, channel, 0.0));
            let filter = channel * places * inner..(channel + 1) * places * inner;
            let (from, to) = (&weight[filter.clone()], &mut folded[filter]);
            for (place, row) in to.chunks_exact_mut(inner).enumerate() {
                for (input, value) in row.iter_mut().enumerate() {
                    *value = T::rounded(from[input * places + place].into() * factor);
                }
            }
        }
    }
}
