//! ResNets (He et al. 2016) on small images: those of its §4.2, those for ImageNet behind a stem of
//! one 3×3 convolution, and both without shortcuts.

use program::{Arg, Program};

use crate::{Entry, layers::Net};

/// Channels that a bottleneck returns for each of its own.
const EXPANSION: usize = 4;

/// Basic blocks in three stages: depth 6·`blocks` + 2, widths 16, 32, 64 times `width`.
pub(crate) fn cifar(
    blocks: usize,
    width: usize,
    shortcuts: bool,
    channels: usize,
    classes: usize,
) -> (Program, Vec<Entry>) {
    let stages = [16, 32, 64].map(|channels| (blocks, channels * width));
    resnet(
        &stages,
        Block {
            bottleneck: false,
            shortcuts,
        },
        channels,
        classes,
    )
}

/// Four stages, widths 64 to 512.
pub(crate) fn image_net(
    blocks: [usize; 4],
    bottleneck: bool,
    shortcuts: bool,
    channels: usize,
    classes: usize,
) -> (Program, Vec<Entry>) {
    let stages = [0, 1, 2, 3].map(|stage| (blocks[stage], 64 << stage));
    resnet(
        &stages,
        Block {
            bottleneck,
            shortcuts,
        },
        channels,
        classes,
    )
}

/// The kind of block that a network is made of.
#[derive(Clone, Copy)]
struct Block {
    bottleneck: bool,
    shortcuts: bool,
}

/// Stages of so many blocks of a width; all but the first halve the image.
fn resnet(
    stages: &[(usize, usize)],
    kind: Block,
    channels: usize,
    classes: usize,
) -> (Program, Vec<Entry>) {
    let mut net = Net::on_images(channels);
    let mut width = stages[0].1;
    let mut x = net.input();
    x = net.conv("conv1", x, [channels, width], 3, 1, false);
    x = net.norm("bn1", x, width);
    x = net.relu(x);
    for (stage, (blocks, output)) in stages.iter().enumerate() {
        for block in 0..*blocks {
            let stride = if block == 0 && stage > 0 { 2 } else { 1 };
            let name = format!("layer{}.{block}", stage + 1);
            (x, width) = kind.add(&mut net, &name, x, [width, *output], stride);
        }
    }
    let features = net.global_average(x);
    let logits = net.linear("linear", features, [width, classes]);
    net.finish(logits)
}

impl Block {
    /// Adds a block; returns its result and the channels of that.
    fn add(
        self,
        net: &mut Net,
        name: &str,
        input: Arg,
        sizes: [usize; 2],
        stride: i64,
    ) -> (Arg, usize) {
        let [width, inner] = sizes;
        // kernel, stride and channels of each convolution
        let (layers, output) = if self.bottleneck {
            let output = inner * EXPANSION;
            (
                vec![
                    (1, 1, [width, inner]),
                    (3, stride, [inner, inner]),
                    (1, 1, [inner, output]),
                ],
                output,
            )
        } else {
            (
                vec![(3, stride, [width, inner]), (3, 1, [inner, inner])],
                inner,
            )
        };
        let last = layers.len();
        let mut x = input.clone();
        for (k, (kernel, stride, sizes)) in (1..).zip(layers) {
            x = net.conv(&format!("{name}.conv{k}"), x, sizes, kernel, stride, false);
            x = net.norm(&format!("{name}.bn{k}"), x, sizes[1]);
            if k < last {
                x = net.relu(x);
            }
        }
        if self.shortcuts {
            let mut shortcut = input;
            if stride != 1 || width != output {
                shortcut = net.conv(
                    &format!("{name}.shortcut.0"),
                    shortcut,
                    [width, output],
                    1,
                    stride,
                    false,
                );
                shortcut = net.norm(&format!("{name}.shortcut.1"), shortcut, output);
            }
            x = net.add(x, shortcut);
        }
        // the paper's bottlenecks without shortcuts end without it
        if self.shortcuts || !self.bottleneck {
            x = net.relu(x);
        }
        (x, output)
    }
}
