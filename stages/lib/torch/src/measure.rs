use tch::Tensor;

use crate::{Averages, Batches, Error, Landscape, Samples};

impl Landscape {
    /// The examples of chunk number `chunk` of `of` of the data, at the point. The first chunk may
    /// be left early. `None` where `stop` said so between two batches. Where a running variance is
    /// negative all values are NaN.
    ///
    /// # Errors
    /// What the network or the loss refuses.
    pub fn measure(
        &self,
        batches: &Batches,
        (chunk, of): (usize, usize),
        averages: &Averages,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Samples>, Error> {
        if self.is_invalid() {
            return Ok(Some(averages.missing()));
        }
        let mut samples = Samples::default();
        let first = batches.count() * chunk / of;
        let end = batches.count() * (chunk + 1) / of;
        for piece in batches.chunks(first..end) {
            let piece = piece?;
            // the shapes of outputs that were checked: a program may return others for other
            // examples
            let mut checked = Vec::new();
            for batch in batches.of(&piece) {
                if stop() {
                    return Ok(None);
                }
                let outputs = self.outputs(&batch.call(averages.criterion.loss))?;
                let shapes: Vec<Vec<i64>> = outputs.iter().map(Tensor::size).collect();
                if shapes != checked {
                    let all = piece.targets.as_ref();
                    averages.criterion.check(&outputs, all, batches.size())?;
                    checked = shapes;
                }
                let before = samples.len();
                averages.add(&mut samples, &outputs, batch.targets.as_ref(), batch.count)?;
                let new = before..samples.len();
                if chunk == 0 && averages.is_enough(&mut samples, new) {
                    return Ok(Some(samples));
                }
            }
        }
        Ok(Some(samples))
    }
}
