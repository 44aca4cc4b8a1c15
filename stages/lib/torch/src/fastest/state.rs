use std::collections::HashSet;

use program::rewrite::Weights;
use tch::{Kind, Tensor};

/// The state of a network: what it is called with beside its inputs.
#[derive(Clone, Copy)]
pub struct State<'a> {
    /// Names, in `state_dict` order.
    pub names: &'a [&'a str],
    /// θ*, in that order.
    pub origin: &'a [Tensor],
    /// Which entries are trained; half precision rounds those.
    pub trained: &'a [bool],
}

impl<'a> State<'a> {
    /// The names of its real tensors, and of those among them that are trained.
    pub(crate) fn weights(&self) -> Weights<'a> {
        let mut weights = Weights {
            real: HashSet::new(),
            trained: HashSet::new(),
        };
        for (place, name) in self.names.iter().enumerate() {
            if !self.origin[place].is_floating_point() {
                continue;
            }
            weights.real.insert(name);
            if self.trained[place] {
                weights.trained.insert(name);
            }
        }
        weights
    }

    /// The tensor of this name.
    pub(super) fn tensor(&self, name: &str) -> Option<&'a Tensor> {
        let place = self.names.iter().position(|entry| *entry == name)?;
        Some(&self.origin[place])
    }

    /// Whether all its real tensors are f32.
    pub(super) fn is_single(&self) -> bool {
        let mut tensors = self.origin.iter();
        tensors.all(|tensor| !tensor.is_floating_point() || tensor.kind() == Kind::Float)
    }
}
