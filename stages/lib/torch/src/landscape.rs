use tch::Tensor;

use crate::{Batch, Batches, Error, Loss, Network, loss::Sum};

/// A network on a plane (or a line) in weight space: `θ(x, y) = θ* + x·dx + y·dy`.
pub struct Landscape {
    /// The network; its state is `origin`.
    pub network: Network,
    /// θ*, in the order of the network's state.
    pub origin: Vec<Tensor>,
    /// dx for each tensor of the state; `None` for one that does not move.
    pub x: Vec<Option<Tensor>>,
    /// dy likewise; all `None` on a line.
    pub y: Vec<Option<Tensor>>,
}

impl Landscape {
    /// The state at a point, in the precision of the state itself.
    pub fn state(&self, x: f64, y: f64) -> Vec<Tensor> {
        let along = |direction: &Option<Tensor>, by: f64| direction.as_ref().map(|direction| direction * by);
        (self.origin.iter().zip(&self.x).zip(&self.y))
            .map(|((origin, dx), dy)| {
                let moved = along(dx, x).map(|step| origin + step);
                let moved = match (along(dy, y), moved) {
                    (Some(step), Some(moved)) => Some(moved + step),
                    (Some(step), None) => Some(origin + step),
                    (None, moved) => moved,
                };
                moved.unwrap_or_else(|| origin.shallow_clone())
            })
            .collect()
    }

    /// The metrics of a state over all examples, in the order of [`Loss::metrics`]; targets of the class `ignored` are
    /// left out. `None` where `stop` said so between two batches.
    ///
    /// # Errors
    /// What the network or the loss refuses.
    pub fn score(
        &self,
        state: &[Tensor],
        batches: &Batches,
        loss: Loss,
        ignored: i64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<f64>>, Error> {
        let mut sum = Sum::default();
        let mut count = 0;
        for batch in batches.iter() {
            if stop() {
                return Ok(None);
            }
            let Batch { mut inputs, targets, count: counted } = batch;
            if loss == Loss::Program {
                inputs.push(targets.shallow_clone());
            }
            let outputs = self.network.forward(state, &inputs)?;
            if count == 0 {
                loss.check(&outputs, batches, ignored)?;
                count = outputs.len();
            }
            sum.add(loss, &outputs, &targets, counted, ignored)?;
        }
        Ok(Some(sum.score(loss, count)))
    }
}
