use std::ops::Range;

use tch::Tensor;

use crate::{Error, Place, State, layout::reals};

/// The parameters by which a loss is differentiated. Vectors have their values one after the other,
/// each in the order of its tensor.
pub(crate) struct Leaves {
    /// Where vectors have the values of which entry of the state.
    places: Vec<Place>,
    /// Where each is among the tensors that the network is called with.
    bound: Vec<usize>,
}

impl Leaves {
    /// Those of the chosen entries of a state that a program uses, which is called with tensors of
    /// these names.
    ///
    /// # Errors
    /// There are none.
    pub(crate) fn new(names: &[&str], state: State, chosen: &[bool]) -> Result<Self, Error> {
        let (mut places, mut bound) = (Vec::new(), Vec::new());
        let mut end = 0;
        for (entry, name) in state.names.iter().enumerate() {
            let found = names.iter().position(|used| used == name);
            let origin = &state.origin[entry];
            if let (Some(found), true) = (found, chosen[entry] && origin.is_floating_point()) {
                let start = end;
                end += origin.numel();
                places.push(Place {
                    entry,
                    values: start..end,
                });
                bound.push(found);
            }
        }
        if places.is_empty() {
            return Err(Error::Curvature(
                "no parameter is chosen that the program uses".into(),
            ));
        }
        Ok(Self { places, bound })
    }

    /// Where vectors have the values of which entry of the state.
    pub(crate) fn places(&self) -> &[Place] {
        &self.places
    }

    /// Where each is among the tensors that the network is called with, and where its values lie in
    /// vectors.
    pub(crate) fn bound(&self) -> impl Iterator<Item = (usize, &Range<usize>)> {
        let values = self.places.iter().map(|place| &place.values);
        self.bound.iter().copied().zip(values)
    }

    /// The number of values of a vector.
    pub(crate) fn dimension(&self) -> usize {
        self.places.last().map_or(0, |last| last.values.end)
    }

    /// What a network is called with, and these parameters among it, so that what it returns can be
    /// differentiated by them.
    pub(crate) fn among(&self, tensors: &[&Tensor]) -> (Vec<Tensor>, Vec<Tensor>) {
        let mut state = Vec::with_capacity(tensors.len());
        for tensor in tensors {
            state.push(tensor.detach());
        }
        let mut leaves = Vec::with_capacity(self.bound.len());
        for bound in &self.bound {
            let leaf = state[*bound].set_requires_grad(true);
            state[*bound] = leaf.shallow_clone();
            leaves.push(leaf);
        }
        (state, leaves)
    }

    /// A tensor for each of them as one vector; an undefined one is 0.
    pub(crate) fn vector(&self, tensors: &[Tensor]) -> Vec<f64> {
        let mut vector = Vec::with_capacity(self.dimension());
        for (tensor, place) in tensors.iter().zip(&self.places) {
            if tensor.defined() {
                vector.extend(reals(tensor));
            } else {
                vector.resize(place.values.end, 0.0);
            }
        }
        vector
    }
}
