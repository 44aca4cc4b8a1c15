//! Running statistics of batch normalisation, estimated anew in a pass before others.

use schedule::{Chunk, Stop};
use torch::{BatchStatistics, Batches, Loss, Recalibration};

/// A network that estimates running statistics, and the examples that it does so from.
pub(crate) struct Estimate {
    pub(crate) network: Recalibration,
    pub(crate) batches: Batches,
}

impl Estimate {
    /// The statistics of each batch in a chunk of the examples; `None` where `stop` said so.
    pub(crate) fn pass(
        &mut self,
        place: (f64, f64),
        chunk: Chunk,
        loss: Loss,
        stop: Stop,
    ) -> anyhow::Result<Option<Vec<BatchStatistics>>> {
        let chunk = (chunk.number, chunk.of);
        let statistics = self
            .network
            .statistics(place, &self.batches, chunk, loss, stop)?;
        Ok(statistics)
    }
}
