use program::rewrite::Folded;
use tch::{Kind, Tensor};

use crate::Error;

/// Layers that batch normalisation is folded into: their tensors follow from those of the program,
/// and derivatives go through that.
pub(super) struct Folds(Vec<Fold>);

struct Fold {
    /// What the program calls both tensors.
    names: [String; 2],
    weight: usize,
    bias: Option<usize>,
    scale: Option<usize>,
    shift: Option<usize>,
    mean: usize,
    variance: usize,
    eps: f64,
}

impl Folds {
    /// Places are those among `bound`.
    ///
    /// # Errors
    /// A name that is not there.
    pub(super) fn new(folded: &[Folded], bound: &[&str]) -> Result<Self, Error> {
        let mut folds = Vec::with_capacity(folded.len());
        for fold in folded {
            folds.push(Fold {
                names: fold.names.clone(),
                weight: place(bound, &fold.weight)?,
                bias: optional(bound, fold.bias.as_ref())?,
                scale: optional(bound, fold.scale.as_ref())?,
                shift: optional(bound, fold.shift.as_ref())?,
                mean: place(bound, &fold.mean)?,
                variance: place(bound, &fold.variance)?,
                eps: fold.eps,
            });
        }
        Ok(Self(folds))
    }

    /// The names of the folded tensors, in the order of [`Folds::extend`].
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for fold in &self.0 {
            names.extend(fold.names.clone());
        }
        names
    }

    /// Adds the folded tensors to the ones that they follow from.
    pub(super) fn extend(&self, state: &mut Vec<Tensor>) {
        for fold in &self.0 {
            let [weight, bias] = fold.tensors(state);
            state.push(weight);
            state.push(bias);
        }
    }
}

impl Fold {
    /// Weight and bias of the folded layer: per output channel, `weight·s` and
    /// `(bias - mean)·s + shift`, where `s = scale / √(variance + eps)`.
    fn tensors(&self, state: &[Tensor]) -> [Tensor; 2] {
        let weight = &state[self.weight];
        let kind = weight.kind();
        // never in place: these are differentiated
        let root = (in_f64(state, self.variance) + self.eps).rsqrt();
        let factor = match self.scale {
            Some(scale) => root * in_f64(state, scale),
            None => root,
        };
        let centre = match self.bias {
            Some(bias) => in_f64(state, bias) - in_f64(state, self.mean),
            None => -in_f64(state, self.mean),
        };
        let bias = match self.shift {
            Some(shift) => centre * &factor + in_f64(state, shift),
            None => centre * &factor,
        };
        let mut per_channel = vec![1; weight.dim()];
        per_channel[0] = -1;
        let factor = factor.to_kind(kind).reshape(per_channel);
        [weight * factor, bias.to_kind(kind)]
    }
}

fn in_f64(state: &[Tensor], place: usize) -> Tensor {
    state[place].to_kind(Kind::Double)
}

fn place(bound: &[&str], name: &str) -> Result<usize, Error> {
    let place = bound.iter().position(|entry| *entry == name);
    place.ok_or_else(|| Error::State(name.into()))
}

fn optional(bound: &[&str], name: Option<&String>) -> Result<Option<usize>, Error> {
    match name {
        Some(name) => Ok(Some(place(bound, name)?)),
        None => Ok(None),
    }
}
