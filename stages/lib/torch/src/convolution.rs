//! 3×3 convolutions between libtorch's tensors by [`winograd`].

use program::{Arg, Node};
use tch::{Device, Kind, Tensor};
use winograd::{Convolution, Tile, kernel_shape};

use crate::{
    batches::channels_last,
    convert::{values, values_mut},
};

/// A call of [`program::rewrite::WINOGRAD`].
pub(crate) struct Winograd {
    padding: [usize; 2],
    relu: bool,
}

/// The arguments of a call that are tensors, in this order.
pub(crate) const TENSORS: [&str; 4] = ["input", "weight", "bias", "other"];

impl Winograd {
    pub(crate) fn new(node: &Node) -> Result<Self, String> {
        let padding = match node.args.get("padding") {
            Some(Arg::Ints(sizes)) => sizes
                .iter()
                .map(|size| usize::try_from(*size).ok())
                .collect::<Option<Vec<_>>>(),
            _ => None,
        };
        let padding = padding
            .and_then(|sizes| sizes.try_into().ok())
            .ok_or("\"padding\" must be two sizes")?;
        Ok(Self {
            padding,
            relu: node.args.get("relu") == Some(&Arg::Bool(true)),
        })
    }

    /// The convolution of images `[N, C, H, W]` with a transformed kernel, with `other` added in its place.
    pub(crate) fn call(&self, tensors: [Option<Tensor>; 4]) -> Result<Tensor, String> {
        let [input, kernel, bias, other] = tensors;
        let (input, kernel) = input
            .zip(kernel)
            .ok_or("input and weight must be tensors")?;
        let input = plain(&input)?;
        let &[images, height, width, inputs] = &sizes(&input)[..] else {
            return Err("images have four axes".into());
        };
        let tile = sizes(&kernel)
            .first()
            .and_then(|frequencies| Tile::with(*frequencies));
        let tile = tile.ok_or_else(|| format!("{:?} is no transformed kernel", kernel.size()))?;
        let outputs = sizes(&kernel).get(1).map_or(0, |panels| panels * 16);
        let convolution = Convolution {
            images,
            size: [height, width],
            inputs,
            outputs,
            padding: self.padding,
            add: other.is_some(),
            relu: self.relu,
            tile,
        };
        let [height, width] = convolution
            .output_size()
            .ok_or("the image is smaller than the kernel")?;
        if sizes(&kernel) != kernel_shape(tile, inputs, outputs) || kernel.kind() != Kind::Float {
            return Err(format!(
                "a transformed kernel of the shape {:?} for {inputs} channels",
                kernel.size()
            ));
        }
        let shape = [images, height, width, outputs];
        let mut output = match other {
            Some(other) => plain(&other)?,
            None => Tensor::empty(shape.map(|size| size as i64), (input.kind(), Device::Cpu)),
        };
        if sizes(&output) != shape
            || output.kind() != input.kind()
            || bias.as_ref().is_some_and(|bias| sizes(bias) != [outputs])
        {
            return Err(format!(
                "a sum of {:?} and {shape:?}, or a bias of another size",
                sizes(&output)
            ));
        }
        if input.data_ptr() == output.data_ptr() {
            return Err("the sum would be written into the input".into());
        }
        let bias = bias.map(|bias| bias.to_kind(Kind::Float).contiguous());
        let (kernel, bias) = (values(&kernel), bias.as_ref().map(values::<f32>));
        if input.kind() == Kind::BFloat16 {
            convolution.run_bf16(values(&input), kernel, bias, values_mut(&mut output));
        } else {
            convolution.run(values(&input), kernel, bias, values_mut(&mut output));
        }
        Ok(output.permute([0, 3, 1, 2]))
    }
}

/// Images in f32 or bf16 `[N, C, H, W]` as `[N, H, W, C]` without gaps: the same memory where they lie so.
fn plain(images: &Tensor) -> Result<Tensor, String> {
    let known =
        matches!(images.kind(), Kind::Float | Kind::BFloat16) && images.device() == Device::Cpu;
    if images.dim() != 4 || !known {
        return Err(format!(
            "images of f32 or bf16 on the CPU have four axes, this is {images:?}"
        ));
    }
    Ok(channels_last(images.shallow_clone()).permute([0, 2, 3, 1]))
}

fn sizes(tensor: &Tensor) -> Vec<usize> {
    tensor.size().iter().map(|size| *size as usize).collect()
}
