//! VGG with batch normalisation on CIFAR (Simonyan and Zisserman 2015), small fully connected part.

use program::Program;

use crate::{Entry, layers::Net};

/// Height and width of the images that the fully connected part is made for.
const IMAGE: usize = 32;

/// Stacks of convolutions of these widths, a pool after each.
pub(crate) fn vgg(stacks: &[&[usize]], channels: usize, classes: usize) -> (Program, Vec<Entry>) {
    // that of the last features of 32×32 (and 28×28) images, to which others are averaged
    let side = IMAGE >> stacks.len();
    let mut net = Net::on_images(channels);
    let mut x = net.input();
    let (mut width, mut layer) = (channels, 0);
    for stack in stacks {
        for &output in *stack {
            x = net.conv(&format!("features.{layer}"), x, [width, output], 3, 1, true);
            x = net.norm(&format!("features.{}", layer + 1), x, output);
            x = net.relu(x);
            (width, layer) = (output, layer + 3);
        }
        x = net.max_pool(x);
        layer += 1;
    }
    x = net.average_to(x, side);
    x = net.flatten(x);
    x = net.linear("fc.0", x, [width * side * side, width]);
    x = net.norm("fc.1", x, width);
    x = net.relu(x);
    let logits = net.linear("classifier", x, [width, classes]);
    net.finish(logits)
}
