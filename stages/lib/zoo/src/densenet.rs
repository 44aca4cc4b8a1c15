//! DenseNets (Huang et al. 2017) on small images: bottleneck layers, transitions that halve
//! channels and image.

use program::Program;

use crate::{Entry, layers::Net};

/// Channels within a layer, for each that it adds.
const BOTTLENECK: usize = 4;

pub(crate) fn densenet(
    blocks: [usize; 4],
    growth: usize,
    channels: usize,
    classes: usize,
) -> (Program, Vec<Entry>) {
    let mut net = Net::on_images(channels);
    let mut width = 2 * growth;
    let mut x = net.input();
    x = net.conv("conv1", x, [channels, width], 3, 1, false);
    for (block, layers) in (1..).zip(blocks) {
        for layer in 0..layers {
            let name = format!("dense{block}.{layer}");
            let inner = BOTTLENECK * growth;
            let mut new = net.norm(&format!("{name}.bn1"), x.clone(), width);
            new = net.relu(new);
            new = net.conv(&format!("{name}.conv1"), new, [width, inner], 1, 1, false);
            new = net.norm(&format!("{name}.bn2"), new, inner);
            new = net.relu(new);
            new = net.conv(&format!("{name}.conv2"), new, [inner, growth], 3, 1, false);
            // the paper's networks put what is new first
            x = net.concat(new, x);
            width += growth;
        }
        if block < blocks.len() {
            x = net.norm(&format!("trans{block}.bn"), x, width);
            x = net.relu(x);
            x = net.conv(
                &format!("trans{block}.conv"),
                x,
                [width, width / 2],
                1,
                1,
                false,
            );
            x = net.halve(x);
            width /= 2;
        }
    }
    x = net.norm("bn", x, width);
    x = net.relu(x);
    let features = net.global_average(x);
    let logits = net.linear("linear", features, [width, classes]);
    net.finish(logits)
}
