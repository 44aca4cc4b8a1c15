use anyhow::{anyhow, ensure};
use files::{DatasetFile, Examples};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal, Uniform};
use torch::Tensor;
use zoo::{Architecture, Entry, EntryKind};

/// The architecture for the channels and classes of the data.
pub(crate) fn architecture(
    name: &str,
    data: &DatasetFile,
    train: &Examples,
) -> anyhow::Result<Architecture> {
    let file = data.header.path.display();
    let shape = train.input().shape();
    let &[_, channels, _, _] = shape else {
        return Err(anyhow!(
            "{file}: the inputs have the shape {shape:?}, the networks of the zoo want images \
             [N, C, H, W]"
        ));
    };
    let targets = match &train.targets {
        Some(files::Tensor::I64(targets)) => targets,
        Some(other) => {
            return Err(anyhow!(
                "{file}: the targets are {}, training wants classes (i64)",
                other.dtype()
            ));
        }
        None => {
            return Err(anyhow!(
                "{file}: there are no targets, training wants classes (i64)"
            ));
        }
    };
    let (mut least, mut largest) = (0, 0);
    for target in targets {
        least = least.min(*target);
        largest = largest.max(*target);
    }
    ensure!(
        least >= 0,
        "{file}: there is a target {least}, classes count from 0"
    );
    let classes = (largest as usize + 1).max(data.classes.len());
    Ok(zoo::build(name, channels, classes)?)
}

/// Initial weights: He et al. 2015 (normal, fan-in) for convolutions and linear layers, PyTorch's
/// uniform for biases.
pub(crate) fn state(architecture: &Architecture, random: &mut ChaCha8Rng) -> Vec<Tensor> {
    let mut state = Vec::new();
    for entry in &architecture.state {
        state.push(value(entry, random));
    }
    state
}

fn value(entry: &Entry, random: &mut ChaCha8Rng) -> Tensor {
    let count: usize = entry.shape.iter().product();
    let values: Vec<f32> = match entry.kind {
        EntryKind::BatchCount => return Tensor::from(0i64),
        EntryKind::Weight => {
            let fan_in: usize = entry.shape.iter().skip(1).product();
            let scale = (2.0 / fan_in as f64).sqrt() as f32;
            StandardNormal
                .sample_iter(random)
                .take(count)
                .map(|value: f32| scale * value)
                .collect()
        }
        EntryKind::Bias { fan_in } => {
            let bound = (1.0 / fan_in as f32).sqrt();
            let uniform =
                Uniform::new_inclusive(-bound, bound).expect("a bound above zero is a range");
            uniform.sample_iter(random).take(count).collect()
        }
        EntryKind::NormWeight | EntryKind::RunningVar => vec![1.0; count],
        EntryKind::NormBias | EntryKind::RunningMean => vec![0.0; count],
    };
    let shape: Vec<i64> = entry.shape.iter().map(|size| *size as i64).collect();
    Tensor::from_slice(&values).reshape(shape)
}
