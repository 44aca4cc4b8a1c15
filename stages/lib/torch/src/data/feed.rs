use files::{Examples, Normalization};
use program::Input;
use tch::{Device, Kind, Tensor};

use super::chunk::Chunk;
use crate::{Error, convert::tensor, error::listed, layout::channels_last};

/// How examples become what the network sees.
pub(super) struct Feed {
    wanted: Vec<Wanted>,
    scaling: Option<Scaling>,
    pub(super) device: Device,
}

/// An input that the program takes.
#[derive(Clone)]
struct Wanted {
    /// Its name in the data, which is empty for the only one of data without names.
    name: String,
    kind: Kind,
}

impl Feed {
    pub(super) fn new(
        examples: &Examples,
        normalization: &Normalization,
        wanted: &[Input],
        device: Device,
    ) -> Result<Self, Error> {
        let unnamed = matches!(&examples.inputs[..], [(name, _)] if name.is_empty());
        if !unnamed {
            let mut named = Vec::new();
            for input in wanted {
                let name = input.name.clone();
                let kind = kind(&input.dtype);
                named.push(Wanted { name, kind });
            }
            return Ok(Self {
                wanted: named,
                scaling: None,
                device,
            });
        }
        let [only] = wanted else {
            return Err(Error::inputs(wanted, 1));
        };
        let kind = kind(&only.dtype);
        // tokens are no quantities
        let is_tokens = matches!(examples.input(), files::Tensor::I64(_));
        let dims = examples.input().shape().len();
        let scaling = (!is_tokens).then(|| Scaling::new(normalization, dims, kind, device));
        let name = String::new();
        Ok(Self {
            wanted: vec![Wanted { name, kind }],
            scaling,
            device,
        })
    }

    /// The same for another thread.
    pub(super) fn share(&self) -> Self {
        Self {
            wanted: self.wanted.clone(),
            scaling: self.scaling.as_ref().map(Scaling::share),
            device: self.device,
        }
    }

    /// Examples on the device, as they are stored.
    pub(super) fn chunk(&self, examples: &Examples) -> Result<Chunk, Error> {
        let mut inputs = Vec::with_capacity(self.wanted.len());
        for wanted in &self.wanted {
            let mut found = examples.inputs.iter();
            let Some((_, array)) = found.find(|(name, _)| *name == wanted.name) else {
                return Err(Error::Input {
                    wanted: wanted.name.clone(),
                    there: listed(examples.inputs.iter().map(|(name, _)| name)),
                });
            };
            inputs.push(tensor(array).to_device(self.device));
        }
        let targets = examples.targets.as_ref();
        Ok(Chunk {
            inputs,
            targets: targets.map(|targets| tensor(targets).to_device(self.device)),
        })
    }

    /// Input number `place` as the network sees it.
    pub(super) fn fed(&self, inputs: &Tensor, place: usize) -> Tensor {
        let inputs = inputs.to_kind(self.wanted[place].kind);
        match &self.scaling {
            Some(scaling) => channels_last(scaling.of(&inputs)),
            None => inputs,
        }
    }
}

/// A normalisation of inputs `[N, C, …]`, with a value for all channels or one per channel.
struct Scaling {
    scale: Tensor,
    mean: Tensor,
    std: Tensor,
}

impl Scaling {
    /// That of inputs with `dims` dimensions.
    fn new(normalization: &Normalization, dims: usize, kind: Kind, device: Device) -> Self {
        let Normalization { scale, mean, std } = normalization;
        let [scale, mean, std] = [scale, mean, std]
            .map(|values| channelwise(values, dims).to_kind(kind).to_device(device));
        Self { scale, mean, std }
    }

    fn share(&self) -> Self {
        Self {
            scale: self.scale.shallow_clone(),
            mean: self.mean.shallow_clone(),
            std: self.std.shallow_clone(),
        }
    }

    fn of(&self, inputs: &Tensor) -> Tensor {
        (inputs * &self.scale - &self.mean) / &self.std
    }
}

/// Values in the shape `[1, C, 1, …]`, of `dims` dimensions.
fn channelwise(values: &[f64], dims: usize) -> Tensor {
    let mut shape = vec![1; dims];
    if let Some(channels) = shape.get_mut(1) {
        *channels = values.len() as i64;
    }
    Tensor::from_slice(values).reshape(shape)
}

/// The element type that a program calls so; halves are computed in f32.
fn kind(dtype: &str) -> Kind {
    match dtype {
        "f64" => Kind::Double,
        "i64" => Kind::Int64,
        "i32" => Kind::Int,
        "u8" => Kind::Uint8,
        "bool" => Kind::Bool,
        _ => Kind::Float,
    }
}
