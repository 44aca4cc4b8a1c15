//! Examples per batch that a measurement names: the last bits of a result may vary with them.

use std::{ops::RangeInclusive, path::Path};

use anyhow::{Context, bail};
use program::Program;
use torch::{Device, Plan};

use crate::{Part, Plane, Subject, feed};

/// What the widest tensor of a batch may take: caches hold it, or it fills a GPU.
const BYTES: usize = 2 << 20;
const BYTES_ON_A_GPU: usize = 512 << 20;
/// Sizes that are named where the user does not say.
const USUAL: RangeInclusive<usize> = 16..=128;
const USUAL_ON_A_GPU: RangeInclusive<usize> = 64..=2048;
/// Examples of which the widest tensor is measured. (Not one: programs may leave out an axis of
/// one.)
const FEW: usize = 2;

/// The size that the program was exported for, or that the user wants.
///
/// # Errors
/// Both, where they differ.
pub fn asked_for(
    model: &Path,
    program: &Program,
    asked: Option<usize>,
) -> anyhow::Result<Option<usize>> {
    match (program.batch(), asked) {
        (Some(fixed), Some(asked)) if fixed != asked => bail!(
            "{}: the program was exported for batches of {fixed}, --batch is {asked}: leave \
             it out, or export again with dynamic_shapes",
            model.display()
        ),
        (fixed, asked) => Ok(fixed.or(asked)),
    }
}

/// The size for a network: that of its program, that which is asked for, or as the network is wide,
/// with elements of so many bytes.
///
/// # Errors
/// As [`asked_for`], and a network that cannot be run.
pub fn batch_of(
    subject: &Subject,
    plane: &Plane,
    asked: Option<usize>,
    element: usize,
) -> anyhow::Result<usize> {
    if let Some(batch) = asked_for(&subject.model.header.path, &subject.program, asked)? {
        return Ok(batch);
    }
    let widest = torch::no_grad(|| widest(subject, plane))?;
    Ok(usual_batch(widest, element, subject.device))
}

/// The size for a program whose largest tensor has `widest` elements per example, of `element`
/// bytes each: a power of two, the same on every machine.
pub fn usual_batch(widest: usize, element: usize, device: Device) -> usize {
    let (bytes, sizes) = if device == Device::Cpu {
        (BYTES, USUAL)
    } else {
        (BYTES_ON_A_GPU, USUAL_ON_A_GPU)
    };
    let most = bytes / widest.saturating_mul(element).max(1);
    1 << most.clamp(*sizes.start(), *sizes.end()).ilog2()
}

/// Elements of the largest tensor that a call of the program returns for one example.
fn widest(subject: &Subject, plane: &Plane) -> anyhow::Result<usize> {
    let Some(part) = subject.parts.first() else {
        return Ok(1);
    };
    let landscape = plane
        .at_origin(&Plan::plain(&subject.program), subject.device)
        .with_context(|| subject.model_file())?;
    let few = Part {
        split: part.split.clone(),
        count: FEW,
    };
    let batches = feed::batches(subject, &few, FEW, true)?;
    let call = feed::first_call(&batches, &subject.criterion)?;
    landscape
        .check_inputs(&call)
        .with_context(|| subject.both_files())?;
    let largest = landscape
        .largest(&call)
        .with_context(|| subject.model_file())?;
    Ok(largest / FEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_networks_have_larger_batches() {
        // ResNet-56, VGG-9 and DenseNet-121 for images of 32×32 pixels
        for (channels, size, in_half) in [(16, 32, 64), (64, 16, 16), (256, 16, 16)] {
            assert_eq!(usual_batch(channels * 32 * 32, 4, Device::Cpu), size);
            assert_eq!(usual_batch(channels * 32 * 32, 2, Device::Cpu), in_half);
        }
        assert_eq!(usual_batch(1, 4, Device::Cpu), 128);
        assert_eq!(usual_batch(usize::MAX, 4, Device::Cuda(0)), 64);
    }
}
