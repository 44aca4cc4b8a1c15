use tch::Tensor;

/// Examples on the device, as they are stored: inputs in the order of the program, and targets.
pub(crate) struct Chunk {
    pub(super) inputs: Vec<Tensor>,
    pub(crate) targets: Option<Tensor>,
}

impl Chunk {
    /// Number of examples.
    pub(super) fn examples(&self) -> i64 {
        self.inputs[0].size()[0]
    }

    /// The same examples, in the same memory.
    pub(super) fn share(&self) -> Self {
        self.narrow(0, self.examples())
    }

    /// `count` examples from number `start` on, in the same memory.
    pub(super) fn narrow(&self, start: i64, count: i64) -> Self {
        let inputs = self.inputs.iter();
        let targets = self.targets.as_ref();
        Self {
            inputs: inputs.map(|all| all.narrow(0, start, count)).collect(),
            targets: targets.map(|all| all.narrow(0, start, count)),
        }
    }
}

/// The last example again until the batch is full.
pub(super) fn padded(examples: &Tensor, size: i64) -> Tensor {
    let count = examples.size()[0];
    if count == size {
        return examples.shallow_clone();
    }
    let mut shape = examples.size();
    shape[0] = size - count;
    let last = examples.narrow(0, count - 1, 1).expand(shape, false);
    Tensor::cat(&[examples, &last], 0)
}
