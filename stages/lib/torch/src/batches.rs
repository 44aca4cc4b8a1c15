use files::{Examples, Normalization};
use program::Input;
use tch::{Device, Kind, Tensor};

use crate::{Error, convert::tensor};

/// Examples in batches of one fixed size, the last one padded: a sample's bits then do not depend on its company.
pub struct Batches {
    /// In the order of the program.
    inputs: Vec<Tensor>,
    targets: Tensor,
    scaling: Option<[Tensor; 3]>,
    /// As the program wants the inputs.
    kinds: Vec<Kind>,
    size: i64,
}

/// One batch.
pub struct Batch {
    /// What the network is fed, padded to the fixed size.
    pub inputs: Vec<Tensor>,
    /// The targets, padded likewise.
    pub targets: Tensor,
    /// Examples that are no padding: the first ones.
    pub count: i64,
}

impl Batches {
    /// Batches of `size` examples on a device, for a program with these inputs: by their names, or one without.
    ///
    /// # Errors
    /// An input that the examples lack.
    pub fn new(
        examples: &Examples,
        normalization: &Normalization,
        wanted: &[Input],
        size: usize,
        device: Device,
    ) -> Result<Self, Error> {
        let unnamed = matches!(&examples.inputs[..], [(name, _)] if name.is_empty());
        if unnamed && wanted.len() != 1 {
            let wanted = wanted.iter().map(|input| input.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Error::Inputs { wanted, found: 1 });
        }
        let found = |input: &Input| {
            let found = examples.inputs.iter().find(|(name, _)| unnamed || *name == input.name);
            let (_, array) = found.ok_or_else(|| {
                let there = examples.inputs.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
                Error::Input { wanted: input.name.clone(), there }
            })?;
            Ok(tensor(array))
        };
        let inputs = wanted.iter().map(found).collect::<Result<Vec<_>, Error>>()?;
        let kinds: Vec<Kind> = wanted.iter().map(|input| kind(&input.dtype)).collect();
        // tokens are no quantities
        let scaled = unnamed && inputs[0].kind() != Kind::Int64;
        let scaling = scaled.then(|| {
            let Normalization { scale, mean, std } = normalization;
            [scale, mean, std].map(|values| channelwise(values, inputs[0].dim()).to_kind(kinds[0]).to_device(device))
        });
        Ok(Self {
            inputs: inputs.into_iter().map(|input| input.to_device(device)).collect(),
            targets: tensor(&examples.targets).to_device(device),
            scaling,
            kinds,
            size: size as i64,
        })
    }

    /// The same batches for another job; the examples are shared, not copied.
    pub fn share(&self) -> Self {
        Self {
            inputs: self.inputs.iter().map(Tensor::shallow_clone).collect(),
            targets: self.targets.shallow_clone(),
            scaling: self.scaling.as_ref().map(|scaling| scaling.each_ref().map(Tensor::shallow_clone)),
            kinds: self.kinds.clone(),
            size: self.size,
        }
    }

    /// Number of examples.
    pub fn examples(&self) -> i64 {
        self.targets.size()[0]
    }

    /// All targets: classes are [`Kind::Int64`].
    pub fn targets(&self) -> &Tensor {
        &self.targets
    }

    /// The first batch, as the network sees it.
    pub fn first(&self) -> Batch {
        self.batch(0)
    }

    /// Each batch.
    pub fn iter(&self) -> impl Iterator<Item = Batch> {
        (0..self.examples()).step_by(self.size as usize).map(|start| self.batch(start))
    }

    fn batch(&self, start: i64) -> Batch {
        let count = self.size.min(self.examples() - start);
        let padded = |all: &Tensor| padded(&all.narrow(0, start, count), self.size);
        let inputs = self.inputs.iter().zip(&self.kinds);
        let inputs = inputs.map(|(input, kind)| self.fed_as(&padded(input), *kind)).collect();
        Batch { inputs, targets: padded(&self.targets), count }
    }

    /// The examples of these indices, the first input as it is stored.
    pub fn pick(&self, indices: &Tensor) -> (Tensor, Tensor) {
        let indices = indices.to_device(self.targets.device());
        (self.inputs[0].index_select(0, &indices), self.targets.index_select(0, &indices))
    }

    /// The first input as the network sees it.
    pub fn fed(&self, inputs: &Tensor) -> Tensor {
        self.fed_as(inputs, self.kinds[0])
    }

    fn fed_as(&self, inputs: &Tensor, kind: Kind) -> Tensor {
        let inputs = inputs.to_kind(kind);
        match &self.scaling {
            Some([scale, mean, std]) => channels_last((inputs * scale - mean) / std),
            None => inputs,
        }
    }
}

/// A value for all channels or one for each, to be combined with inputs `[N, C, …]` of so many dimensions.
fn channelwise(values: &[f64], dims: usize) -> Tensor {
    let mut shape = vec![1; dims];
    if let Some(channels) = shape.get_mut(1) {
        *channels = values.len() as i64;
    }
    Tensor::from_slice(values).reshape(shape)
}

/// The last example again until the batch is full.
fn padded(examples: &Tensor, size: i64) -> Tensor {
    let count = examples.size()[0];
    if count == size {
        return examples.shallow_clone();
    }
    let mut shape = examples.size();
    shape[0] = size - count;
    Tensor::cat(&[examples, &examples.narrow(0, count - 1, 1).expand(shape, false)], 0)
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

/// Images `[N, C, H, W]` with the channels innermost in memory, where convolutions on the CPU are twice as fast; other
/// inputs are left alone.
pub(crate) fn channels_last(images: Tensor) -> Tensor {
    let &[count, channels, height, width] = &images.size()[..] else { return images };
    let strides = [height * width * channels, 1, width * channels, channels];
    // with one channel both orders are the same in memory: only the strides tell convolutions which is meant
    images.permute([0, 2, 3, 1]).contiguous().as_strided([count, channels, height, width], strides, None)
}
