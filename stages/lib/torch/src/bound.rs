use tch::{Device, Kind, Tensor};
use winograd::{Order, Tile, kernel_shape, transform};

use crate::{
    Plan,
    batches::channels_last,
    convert::{values, values_mut},
};

/// A tensor that a network is called with, made from one that moves.
pub(crate) struct Bound {
    pub(crate) tensor: Tensor,
    from: From,
}

enum From {
    /// It is the one that moves.
    Itself,
    Copied(Tensor),
    /// A kernel, for convolutions by [`winograd`].
    Transformed(Tensor, Tile),
}

impl Bound {
    /// What stands for `from` under a name; `folded` says that its memory is in the order that convolutions want.
    pub(crate) fn new(name: &str, from: Tensor, folded: bool, plan: &Plan, device: Device) -> Self {
        if plan.transformed.iter().any(|kernel| kernel == name) {
            let tile = plan.tile;
            let shape = kernel_shape(tile, from.size()[1] as usize, from.size()[0] as usize)
                .map(|size| size as i64);
            return Self {
                tensor: Tensor::zeros(shape, (Kind::Float, device)),
                from: From::Transformed(from, tile),
            };
        }
        let mut tensor = from.to_kind(plan.kind(name, &from)).to_device(device);
        if plan.is_kernel(name) && !folded {
            tensor = channels_last(tensor);
        }
        let other = tensor.data_ptr() != from.data_ptr();
        Self {
            tensor,
            from: if other {
                From::Copied(from)
            } else {
                From::Itself
            },
        }
    }

    /// Follows the one that it is made from.
    pub(crate) fn follow(&mut self) {
        match &self.from {
            From::Itself => {}
            From::Copied(from) => self.tensor.copy_(from),
            From::Transformed(from, tile) => {
                let [outputs, inputs] = [0, 1].map(|axis| from.size()[axis] as usize);
                let last = from.permute([0, 2, 3, 1]);
                let (kernel, order) = if last.is_contiguous() {
                    (&last, Order::ChannelsLast)
                } else {
                    (from, Order::ChannelsFirst)
                };
                transform(
                    *tile,
                    values(kernel),
                    order,
                    inputs,
                    outputs,
                    values_mut(&mut self.tensor),
                );
            }
        }
    }
}
