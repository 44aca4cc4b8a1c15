use tch::Tensor;

use crate::{Batch, Batches, Criterion, Error, Network, Outcome, outcome::in_f64};

/// What a network returned for a batch, in f64, and its targets: only of the examples that count.
pub(crate) struct Returned {
    outputs: Vec<Tensor>,
    targets: Option<Tensor>,
}

impl Returned {
    /// Calls a network with a batch.
    ///
    /// # Errors
    /// What the network or the loss refuses.
    pub(crate) fn new(
        network: &Network,
        state: &[Tensor],
        criterion: &Criterion,
        batch: &Batch,
    ) -> Result<Self, Error> {
        let call = batch.call(criterion.loss);
        let examples = call.first().map_or(0, |input| input.size()[0]);
        let outputs = network.forward(state, &call)?;
        let targets = batch.targets.as_ref();
        criterion.check(&outputs, targets, examples)?;
        Ok(Self {
            outputs: in_f64(&outputs, batch.count),
            targets: targets.map(|targets| targets.narrow(0, 0, batch.count)),
        })
    }

    /// What the network returned.
    pub(crate) fn outputs(&self) -> Vec<Tensor> {
        self.outputs.iter().map(Tensor::shallow_clone).collect()
    }

    /// The loss of each target that counts, of these outputs: the network's own, or others in their
    /// place.
    ///
    /// # Errors
    /// A loss that needs targets, where there are none.
    pub(crate) fn losses(
        &self,
        criterion: &Criterion,
        outputs: Vec<Tensor>,
    ) -> Result<Tensor, Error> {
        Ok(Outcome::new(criterion, outputs, self.targets.as_ref())?.losses())
    }
}

/// Batch number `number` of the data.
///
/// # Errors
/// Those of reading.
pub(crate) fn batch(data: &Batches, number: usize) -> Result<Option<Batch>, Error> {
    for piece in data.chunks(number..number + 1) {
        let piece = piece?;
        if let Some(batch) = data.of(&piece).next() {
            return Ok(Some(batch));
        }
    }
    Ok(None)
}
