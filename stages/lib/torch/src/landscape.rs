use tch::Tensor;

use crate::{Batches, Error, Loss, Network, Score, loss::Sum};

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
    /// The state at a point, in f32 as the state itself.
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

    /// Loss and accuracy of a state, over all examples.
    ///
    /// # Errors
    /// What the network or the loss refuses.
    pub fn score(&self, state: &[Tensor], batches: &Batches, loss: Loss) -> Result<Score, Error> {
        let largest = batches.largest_target();
        let mut sum = Sum::default();
        for (inputs, targets) in batches.iter() {
            let outputs = self.network.forward(state, &[inputs])?;
            loss.check(&outputs[0], largest)?;
            sum.add(loss, &outputs[0], &targets)?;
        }
        Ok(sum.score())
    }
}
