use files::{Examples, Normalization};
use tch::{Device, Kind, Tensor};

use crate::convert::tensor;

/// Examples in batches of one fixed size, the last one padded: a sample's bits then do not depend on its company.
pub struct Batches {
    inputs: Tensor,
    targets: Tensor,
    scaling: Option<[Tensor; 3]>,
    size: i64,
}

impl Batches {
    /// Batches of `size` examples on a device.
    pub fn new(examples: &Examples, normalization: &Normalization, size: usize, device: Device) -> Self {
        let (inputs, targets) = (tensor(&examples.inputs), tensor(&examples.targets));
        let dims = inputs.dim();
        let channelwise = |values: &Vec<f64>| {
            let mut shape = vec![1; dims];
            if let Some(channels) = shape.get_mut(1) {
                *channels = values.len() as i64;
            }
            Tensor::from_slice(values).to_kind(Kind::Float).reshape(shape).to_device(device)
        };
        let Normalization { scale, mean, std } = normalization;
        // tokens are no quantities
        let scaled = inputs.kind() != Kind::Int64;
        Self {
            inputs: inputs.to_device(device),
            targets: targets.to_device(device),
            scaling: scaled.then(|| [scale, mean, std].map(channelwise)),
            size: size as i64,
        }
    }

    /// The same batches for another job; the examples are shared, not copied.
    pub fn share(&self) -> Self {
        Self {
            inputs: self.inputs.shallow_clone(),
            targets: self.targets.shallow_clone(),
            scaling: self.scaling.as_ref().map(|scaling| scaling.each_ref().map(Tensor::shallow_clone)),
            size: self.size,
        }
    }

    /// Number of examples.
    pub fn examples(&self) -> i64 {
        self.inputs.size()[0]
    }

    /// The element type of the targets: classes are [`Kind::Int64`].
    pub fn target_kind(&self) -> Kind {
        self.targets.kind()
    }

    /// The inputs of the first batch, as the network sees them.
    pub fn first(&self) -> Tensor {
        self.fed(&self.padded(0, self.size.min(self.examples())))
    }

    /// The largest class among the targets.
    pub fn largest_target(&self) -> i64 {
        self.targets.max().int64_value(&[])
    }

    /// Each batch: its inputs, of the fixed size, and the targets of those that are no padding.
    pub fn iter(&self) -> impl Iterator<Item = (Tensor, Tensor)> {
        let examples = self.examples();
        (0..examples).step_by(self.size as usize).map(move |start| {
            let count = self.size.min(examples - start);
            (self.fed(&self.padded(start, count)), self.targets.narrow(0, start, count))
        })
    }

    /// The examples of these indices, inputs as they are stored.
    pub fn pick(&self, indices: &Tensor) -> (Tensor, Tensor) {
        let indices = indices.to_device(self.inputs.device());
        (self.inputs.index_select(0, &indices), self.targets.index_select(0, &indices))
    }

    /// Examples from `start`, and the last of them again until the batch is full.
    fn padded(&self, start: i64, count: i64) -> Tensor {
        let inputs = self.inputs.narrow(0, start, count);
        if count == self.size {
            return inputs;
        }
        let mut shape = inputs.size();
        shape[0] = self.size - count;
        Tensor::cat(&[&inputs, &inputs.narrow(0, count - 1, 1).expand(shape, false)], 0)
    }

    /// Inputs as the network sees them.
    pub fn fed(&self, inputs: &Tensor) -> Tensor {
        match &self.scaling {
            Some([scale, mean, std]) => channels_last((inputs.to_kind(Kind::Float) * scale - mean) / std),
            None => inputs.shallow_clone(),
        }
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
