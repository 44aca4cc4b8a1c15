use program::{Arg, Node};
use tch::{Device, Kind, Tensor};
use winograd::Order;

use crate::{
    Precision,
    layout::{channels_last, values, values_mut},
};

pub(crate) use winograd::Tile;

/// The largest product of input and output channels for which kernels are transformed for large
/// tiles. They take 144 bytes for each pair of channels, and images with more channels are seldom
/// larger than a tile.
const MOST: i64 = 1 << 17;

/// The tiles with which convolutions are faster than libtorch's on this processor; `None` where
/// none are. Large tiles lose a digit, and are for bf16, which has lost more.
pub(crate) fn fastest_tile(precision: Precision) -> Option<Tile> {
    if !winograd::available() {
        return None;
    }
    match precision {
        Precision::Full => Some(Tile::Two),
        Precision::Bf16 if winograd::beside_matrix_units() => None,
        Precision::Bf16 => Some(Tile::Four),
        Precision::F16 => None,
    }
}

/// Whether a kernel can be transformed for these tiles.
pub(crate) fn fits(kernel: &Tensor, tile: Tile) -> bool {
    let &[outputs, inputs, 3, 3] = &kernel.size()[..] else {
        return false;
    };
    kernel.kind() == Kind::Float
        && winograd::fits(inputs as usize, outputs as usize)
        && (tile == Tile::Two || inputs * outputs <= MOST)
}

/// Memory for a kernel when it is transformed.
pub(crate) fn empty(kernel: &Tensor, tile: Tile, device: Device) -> Tensor {
    let (inputs, outputs) = channels(kernel);
    let shape = winograd::kernel_shape(tile, inputs, outputs).map(|size| size as i64);
    Tensor::zeros(shape, (Kind::Float, device))
}

/// Transforms a kernel into that memory.
pub(crate) fn transform(kernel: &Tensor, tile: Tile, to: &mut Tensor) {
    let (inputs, outputs) = channels(kernel);
    let last = kernel.permute([0, 2, 3, 1]);
    let (kernel, order) = if last.is_contiguous() {
        (&last, Order::ChannelsLast)
    } else {
        (kernel, Order::ChannelsFirst)
    };
    winograd::transform(tile, values(kernel), order, inputs, outputs, values_mut(to));
}

/// Input and output channels of a kernel `[outputs, inputs, 3, 3]`.
fn channels(kernel: &Tensor) -> (usize, usize) {
    let shape = sizes(kernel);
    (shape[1], shape[0])
}

/// A call of [`program::rewrite::WINOGRAD`].
pub(crate) struct Convolution {
    padding: [usize; 2],
    relu: bool,
}

impl Convolution {
    pub(crate) fn new(node: &Node) -> Result<Self, String> {
        Ok(Self {
            padding: padding(node).ok_or("\"padding\" must be two sizes")?,
            relu: node.args.get("relu") == Some(&Arg::Bool(true)),
        })
    }

    /// The convolution of images `[N, C, H, W]` with a transformed kernel. Where `other` is given,
    /// it is added, and the sum is written into its memory.
    pub(crate) fn call(&self, tensors: [Option<Tensor>; 4]) -> Result<Tensor, String> {
        let [input, kernel, bias, other] = tensors;
        let (Some(input), Some(kernel)) = (input, kernel) else {
            return Err("input and weight must be tensors".into());
        };
        let input = plain(&input)?;
        let convolution = self.convolution(&input, &kernel, other.is_some())?;
        let [height, width] = convolution
            .output_size()
            .ok_or("the image is smaller than the kernel")?;
        check_kernel(&kernel, &convolution)?;
        let shape = [convolution.images, height, width, convolution.outputs];
        let mut output = match other {
            Some(other) => plain(&other)?,
            None => Tensor::empty(shape.map(|size| size as i64), (input.kind(), Device::Cpu)),
        };
        if sizes(&output) != shape
            || output.kind() != input.kind()
            || bias
                .as_ref()
                .is_some_and(|bias| sizes(bias) != [convolution.outputs])
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

    /// What is computed for images `[N, H, W, C]` and a transformed kernel.
    fn convolution(
        &self,
        input: &Tensor,
        kernel: &Tensor,
        add: bool,
    ) -> Result<winograd::Convolution, String> {
        let &[images, height, width, inputs] = &sizes(input)[..] else {
            return Err("images have four axes".into());
        };
        let shape = sizes(kernel);
        let tile = shape
            .first()
            .and_then(|frequencies| Tile::with(*frequencies));
        Ok(winograd::Convolution {
            images,
            size: [height, width],
            inputs,
            outputs: shape.get(1).map_or(0, |panels| panels * 16),
            padding: self.padding,
            add,
            relu: self.relu,
            tile: tile.ok_or_else(|| format!("{shape:?} is not a transformed kernel"))?,
        })
    }
}

/// Rows and columns of padding.
fn padding(node: &Node) -> Option<[usize; 2]> {
    let Arg::Ints(sizes) = node.args.get("padding")? else {
        return None;
    };
    let &[rows, columns] = &sizes[..] else {
        return None;
    };
    Some([usize::try_from(rows).ok()?, usize::try_from(columns).ok()?])
}

fn check_kernel(kernel: &Tensor, convolution: &winograd::Convolution) -> Result<(), String> {
    let winograd::Convolution {
        tile,
        inputs,
        outputs,
        ..
    } = *convolution;
    if sizes(kernel) == winograd::kernel_shape(tile, inputs, outputs)
        && kernel.kind() == Kind::Float
    {
        return Ok(());
    }
    Err(format!(
        "a transformed kernel of the shape {:?} for {inputs} channels",
        kernel.size()
    ))
}

/// Images in f32 or bf16 `[N, C, H, W]` as `[N, H, W, C]` without gaps: the same memory where they
/// lie so.
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
