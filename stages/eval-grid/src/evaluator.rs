use torch::{Batches, Landscape, Loss, StopAbove};

use crate::points::Evaluate;

/// Measures a point through libtorch.
pub(crate) struct Evaluator {
    pub(crate) landscape: Landscape,
    pub(crate) splits: Vec<(Batches, Option<StopAbove>)>,
    pub(crate) loss: Loss,
    /// The class of targets that are left out.
    pub(crate) ignored: i64,
}

impl Evaluate for Evaluator {
    fn start(&mut self) {
        torch::one_thread();
    }

    /// The metrics of all splits; where points may be left early then for each split whether it was.
    fn evaluate(&mut self, x: f64, y: f64, stop: &dyn Fn() -> bool) -> anyhow::Result<Option<Vec<f64>>> {
        torch::no_grad(|| {
            self.landscape.move_to(x, y);
            let (mut values, mut bounds) = (Vec::with_capacity(3 * self.splits.len()), Vec::new());
            for (batches, above) in &self.splits {
                let score = self.landscape.score(batches, self.loss, self.ignored, *above, stop)?;
                let Some(score) = score else { return Ok(None) };
                values.extend(score.metrics);
                bounds.extend(above.map(|_| f64::from(u8::from(score.at_least))));
            }
            values.extend(bounds);
            Ok(Some(values))
        })
    }
}
