use tch::{Device, Tensor};

use crate::{
    Plan,
    layout::channels_last,
    winograd::{self, Tile},
};

/// A tensor that a network is called with, made from one that moves.
pub(super) struct Bound {
    pub(super) tensor: Tensor,
    from: From,
}

enum From {
    /// It is the one that moves.
    Itself,
    Copied(Tensor),
    /// A kernel, for convolutions by Winograd's minimal filtering.
    Transformed(Tensor, Tile),
}

impl Bound {
    /// What a network is called with for the tensor `from`, which has this name in the plan.
    pub(super) fn new(name: &str, from: Tensor, plan: &Plan, device: Device) -> Self {
        if let Some(tile) = plan.tile(name) {
            return Self {
                tensor: winograd::empty(&from, tile, device),
                from: From::Transformed(from, tile),
            };
        }
        let mut tensor = from.to_kind(plan.kind(name, &from)).to_device(device);
        // folded kernels have the order in memory that convolutions want
        if plan.is_kernel(name) && plan.folded(name).is_none() {
            tensor = channels_last(tensor);
        }
        let from = if tensor.data_ptr() == from.data_ptr() {
            From::Itself
        } else {
            From::Copied(from)
        };
        Self { tensor, from }
    }

    /// Follows the one that it is made from.
    pub(super) fn follow(&mut self) {
        match &self.from {
            From::Itself => {}
            From::Copied(from) => self.tensor.copy_(from),
            From::Transformed(from, tile) => winograd::transform(from, *tile, &mut self.tensor),
        }
    }
}
