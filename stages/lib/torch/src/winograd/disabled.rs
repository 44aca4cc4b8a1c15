use program::Node;
use tch::{Device, Tensor};

use crate::Precision;

/// The size of a tile. There is none, so nothing that takes one is ever called.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tile {}

/// No tile is faster than libtorch's convolutions.
pub(crate) fn fastest_tile(_: Precision) -> Option<Tile> {
    None
}

pub(crate) fn fits(_: &Tensor, tile: Tile) -> bool {
    match tile {}
}

pub(crate) fn empty(_: &Tensor, tile: Tile, _: Device) -> Tensor {
    match tile {}
}

pub(crate) fn transform(_: &Tensor, tile: Tile, _: &mut Tensor) {
    match tile {}
}

/// A call of [`program::rewrite::WINOGRAD`], which no plan of this build makes.
pub(crate) enum Convolution {}

impl Convolution {
    pub(crate) fn new(_: &Node) -> Result<Self, String> {
        Err(
            "this build has no convolutions by Winograd's minimal filtering: \
             build it with the feature winograd"
                .into(),
        )
    }

    pub(crate) fn call(&self, _: [Option<Tensor>; 4]) -> Result<Tensor, String> {
        match *self {}
    }
}
