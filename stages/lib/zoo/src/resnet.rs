//! ResNets on CIFAR (He et al. 2016, §4.2): depth 6n + 2, widths 16, 32, 64, basic blocks.

use program::{Arg, Program};

use crate::{Entry, layers::Net};

/// `resnetD` or `resnetD_noshort`, D = 6n + 2.
pub(crate) fn cifar(name: &str, channels: usize, classes: usize) -> (Program, Vec<Entry>) {
    let blocks = match name {
        "resnet50_16_noshort" => 8,
        _ => (depth(name) - 2) / 6,
    };
    let shortcuts = !name.ends_with("_noshort");
    let mut net = Net::on_images(channels);
    let input = net.input();
    let mut x = stem(&mut net, input, channels, 16);
    let mut width = 16;
    for (stage, (output, stride)) in [(16, 1), (32, 2), (64, 2)].into_iter().enumerate() {
        for block in 0..blocks {
            let stride = if block == 0 { stride } else { 1 };
            x = basic_block(&mut net, &format!("layer{}.{block}", stage + 1), x, [width, output], stride, shortcuts);
            width = output;
        }
    }
    let features = net.global_average(x);
    let logits = net.linear("linear", features, [width, classes]);
    net.finish(logits)
}

/// The digits of `resnet56_noshort`; the names are those of `NAMES`.
fn depth(name: &str) -> usize {
    let digits: String = name.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(20)
}

fn stem(net: &mut Net, input: Arg, channels: usize, width: usize) -> Arg {
    let x = net.conv("conv1", input, [channels, width], 3, 1, false);
    let x = net.norm("bn1", x, width);
    net.relu(x)
}

/// Two 3×3 convolutions; where the shape changes, the shortcut is a 1×1 convolution with batch normalisation.
fn basic_block(net: &mut Net, name: &str, input: Arg, sizes: [usize; 2], stride: i64, shortcuts: bool) -> Arg {
    let [width, output] = sizes;
    let x = net.conv(&format!("{name}.conv1"), input.clone(), sizes, 3, stride, false);
    let x = net.norm(&format!("{name}.bn1"), x, output);
    let x = net.relu(x);
    let x = net.conv(&format!("{name}.conv2"), x, [output, output], 3, 1, false);
    let mut x = net.norm(&format!("{name}.bn2"), x, output);
    if shortcuts {
        let mut shortcut = input;
        if stride != 1 || width != output {
            shortcut = net.conv(&format!("{name}.shortcut.0"), shortcut, sizes, 1, stride, false);
            shortcut = net.norm(&format!("{name}.shortcut.1"), shortcut, output);
        }
        x = net.add(x, shortcut);
    }
    net.relu(x)
}
