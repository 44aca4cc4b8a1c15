use tch::{Kind, Tensor};

use crate::{Error, batches::channels_last};

/// A folded layer with the places of its tensors in the state, see [`program::rewrite::Folded`].
pub(crate) struct Fold {
    weight: usize,
    bias: Option<usize>,
    scale: Option<usize>,
    shift: Option<usize>,
    mean: usize,
    variance: usize,
    eps: f64,
}

impl Fold {
    /// # Errors
    /// A name that the state lacks.
    pub(crate) fn new(folded: &program::rewrite::Folded, state: &[&str]) -> Result<Self, Error> {
        let find = |name: &String| {
            let place = state.iter().position(|entry| entry == name);
            place.ok_or_else(|| Error::State(name.clone()))
        };
        let maybe = |name: &Option<String>| name.as_ref().map(find).transpose();
        Ok(Self {
            weight: find(&folded.weight)?,
            bias: maybe(&folded.bias)?,
            scale: maybe(&folded.scale)?,
            shift: maybe(&folded.shift)?,
            mean: find(&folded.mean)?,
            variance: find(&folded.variance)?,
            eps: folded.eps,
        })
    }

    /// Weight and bias of the folded layer, computed in f64 and rounded once.
    pub(crate) fn tensors(&self, state: &[Tensor]) -> [Tensor; 2] {
        let double = |slot: usize| state[slot].to_kind(Kind::Double);
        let maybe = |slot: Option<usize>| slot.map(double);
        let weight = double(self.weight);
        let scale = (double(self.variance) + self.eps).rsqrt();
        let scale = maybe(self.scale).map_or_else(|| scale.shallow_clone(), |factor| factor * &scale);
        let centre = maybe(self.bias).map_or_else(|| -double(self.mean), |bias| bias - double(self.mean));
        let bias = centre * &scale;
        let bias = maybe(self.shift).map_or_else(|| bias.shallow_clone(), |shift| &bias + shift);
        let mut per_channel = vec![1; weight.dim()];
        per_channel[0] = -1;
        let kind = state[self.weight].kind();
        [channels_last((weight * scale.reshape(per_channel)).to_kind(kind)), bias.to_kind(kind)]
    }
}
