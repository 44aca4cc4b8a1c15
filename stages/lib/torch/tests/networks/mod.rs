//! Networks of the zoo with the weights and the input of `tests/golden/zoo/make.py`.

use torch::Tensor;
use zoo::{Architecture, Entry, EntryKind};

/// A network and its state.
pub(crate) struct Network {
    pub(crate) architecture: Architecture,
    pub(crate) state: Vec<Tensor>,
}

impl Network {
    pub(crate) fn new(name: &str) -> Self {
        let architecture = zoo::build(name, 3, 10).unwrap();
        let mut state = Vec::new();
        for (index, entry) in architecture.state.iter().enumerate() {
            state.push(tensor(index, entry));
        }
        Self {
            architecture,
            state,
        }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        let entries = self.architecture.state.iter();
        entries.map(|entry| entry.name.as_str()).collect()
    }
}

/// Numbers in [0, 1) with 24 bits, the formula of make.py.
pub(crate) fn uniform(entry: usize, count: usize) -> impl Iterator<Item = f64> {
    (0..count as u64).map(move |element| {
        let mut z = (element + ((entry as u64) << 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (z >> 40) as f64 / f64::from(1 << 24)
    })
}

pub(crate) fn tensor(index: usize, entry: &Entry) -> Tensor {
    let shape: Vec<i64> = entry.shape.iter().map(|size| *size as i64).collect();
    let numbers = uniform(index, entry.shape.iter().product());
    let fan_in: usize = entry.shape.iter().skip(1).product();
    let bound = (6.0 / fan_in as f64).sqrt();
    let values: Vec<f32> = match entry.kind {
        EntryKind::BatchCount => return Tensor::from(0i64),
        EntryKind::NormWeight | EntryKind::RunningVar => {
            numbers.map(|u| (0.5 + u) as f32).collect()
        }
        EntryKind::Weight => numbers.map(|u| ((2.0 * u - 1.0) * bound) as f32).collect(),
        _ => numbers.map(|u| ((u - 0.5) * 0.2) as f32).collect(),
    };
    Tensor::from_slice(&values).reshape(shape)
}

#[allow(dead_code, reason = "a test may have images of its own")]
pub(crate) fn inputs() -> Tensor {
    let values: Vec<f32> = uniform(1_000_000, 2 * 3 * 32 * 32)
        .map(|u| ((u - 0.5) * 4.0) as f32)
        .collect();
    Tensor::from_slice(&values).reshape([2, 3, 32, 32])
}
