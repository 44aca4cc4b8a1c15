use program::rewrite::Folded;
use tch::{Device, Kind, Tensor};

use super::moving::Moving;
use crate::{
    Error,
    layout::{Real, values, values_mut},
};

/// A folded layer with the places of its tensors in the state, see [`Folded`].
pub(super) struct Fold {
    weight: usize,
    bias: Option<usize>,
    scale: Option<usize>,
    shift: Option<usize>,
    mean: usize,
    variance: usize,
    eps: f64,
    /// The layer's weight in the order of memory: output channel, places of the kernel, input
    /// channel.
    folded_weight: Tensor,
    folded_bias: Tensor,
}

impl Fold {
    /// # Errors
    /// A name that the state lacks.
    pub(super) fn new(folded: &Folded, names: &[&str], state: &[Moving]) -> Result<Self, Error> {
        let weight = place(names, &folded.weight)?;
        let mean = place(names, &folded.mean)?;
        let values = state[weight].now();
        let shape = values.size();
        let outer = shape[0];
        let inner = shape.get(1).copied().unwrap_or(1);
        let places = shape.iter().skip(2).product::<i64>();
        Ok(Self {
            weight,
            bias: optional_place(names, folded.bias.as_ref())?,
            scale: optional_place(names, folded.scale.as_ref())?,
            shift: optional_place(names, folded.shift.as_ref())?,
            mean,
            variance: place(names, &folded.variance)?,
            eps: folded.eps,
            folded_weight: Tensor::zeros([outer, places, inner], (values.kind(), Device::Cpu)),
            folded_bias: state[mean].now().zeros_like(),
        })
    }

    /// Weight and bias of the folded layer, in the memory that [`Fold::fold`] writes: the weight
    /// channels last.
    pub(super) fn tensors(&self, state: &[Moving]) -> [Tensor; 2] {
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
    pub(super) fn fold(&mut self, state: &[Moving]) {
        match self.folded_weight.kind() {
            Kind::Double => self.compute::<f64>(state),
            _ => self.compute::<f32>(state),
        }
    }

    fn compute<T: Real>(&mut self, state: &[Moving]) {
        let places = self.folded_weight.size()[1] as usize;
        let inner = self.folded_weight.size()[2] as usize;
        let weight = values::<T>(state[self.weight].now());
        let mean = values::<T>(state[self.mean].now());
        let variance = values::<T>(state[self.variance].now());
        let bias = PerChannel::<T>::new(state, self.bias, 0.0);
        let scale = PerChannel::<T>::new(state, self.scale, 1.0);
        let shift = PerChannel::<T>::new(state, self.shift, 0.0);
        let folded = values_mut::<T>(&mut self.folded_weight);
        let biases = values_mut::<T>(&mut self.folded_bias);
        for (channel, folded_bias) in biases.iter_mut().enumerate() {
            let factor = scale.at(channel) / (variance[channel].into() + self.eps).sqrt();
            let centre = bias.at(channel) - mean[channel].into();
            *folded_bias = T::rounded(centre * factor + shift.at(channel));
            let filter = channel * places * inner..(channel + 1) * places * inner;
            let from = &weight[filter.clone()];
            for (place, row) in folded[filter].chunks_exact_mut(inner).enumerate() {
                for (input, value) in row.iter_mut().enumerate() {
                    *value = T::rounded(from[input * places + place].into() * factor);
                }
            }
        }
    }
}

/// The values of an optional tensor of the layer, one per output channel.
struct PerChannel<'a, T> {
    values: Option<&'a [T]>,
    default: f64,
}

impl<'a, T: Real> PerChannel<'a, T> {
    fn new(state: &'a [Moving], place: Option<usize>, default: f64) -> Self {
        Self {
            values: place.map(|place| values(state[place].now())),
            default,
        }
    }

    fn at(&self, channel: usize) -> f64 {
        match self.values {
            Some(values) => values[channel].into(),
            None => self.default,
        }
    }
}

/// Where the state has a name.
fn place(names: &[&str], name: &str) -> Result<usize, Error> {
    let place = names.iter().position(|entry| *entry == name);
    place.ok_or_else(|| Error::State(name.into()))
}

fn optional_place(names: &[&str], name: Option<&String>) -> Result<Option<usize>, Error> {
    match name {
        Some(name) => Ok(Some(place(names, name)?)),
        None => Ok(None),
    }
}
