//! VGG with batch normalisation on CIFAR (Simonyan and Zisserman 2015), small fully connected part.

use program::Program;

use crate::{Entry, layers::Net};

/// Widths of the convolutions, a pool after each list.
const VGG9: [&[usize]; 3] = [&[64, 64], &[128, 128], &[256, 256, 256]];

/// Height and width of the last features; those of 32×32 (and 28×28) images, to which others are averaged.
const SIDE: usize = 4;

pub(crate) fn vgg9(channels: usize, classes: usize) -> (Program, Vec<Entry>) {
    let mut net = Net::on_images(channels);
    let mut x = net.input();
    let (mut width, mut layer) = (channels, 0);
    for stack in VGG9 {
        for &output in stack {
            x = net.conv(&format!("features.{layer}"), x, [width, output], 3, 1, true);
            x = net.norm(&format!("features.{}", layer + 1), x, output);
            x = net.relu(x);
            (width, layer) = (output, layer + 3);
        }
        x = net.max_pool(x);
        layer += 1;
    }
    x = net.average_to(x, SIDE);
    x = net.flatten(x);
    x = net.linear("fc.0", x, [width * SIDE * SIDE, width]);
    x = net.norm("fc.1", x, width);
    x = net.relu(x);
    let logits = net.linear("classifier", x, [width, classes]);
    net.finish(logits)
}
