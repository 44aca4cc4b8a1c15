use torch::{Batches, Criterion, Landscape, Loss, Samples, StopAbove};

use crate::points::{Evaluate, Part};

/// Measures a point through libtorch.
pub(crate) struct Evaluator {
    pub(crate) landscape: Landscape,
    pub(crate) splits: Vec<Split>,
    pub(crate) criterion: Criterion,
}

/// The examples of a split, and where it may leave off.
pub(crate) struct Split {
    pub(crate) batches: Batches,
    pub(crate) above: Option<StopAbove>,
}

/// What was measured of a split.
pub(crate) struct Measured {
    samples: Samples,
    loss: Loss,
    above: Option<StopAbove>,
}

impl Evaluate for Evaluator {
    /// In the order of the splits.
    type Measured = Vec<Measured>;

    fn start(&mut self) {
        torch::one_thread();
    }

    fn most_parts(&self) -> usize {
        self.splits
            .iter()
            .map(|split| split.batches.count())
            .max()
            .unwrap_or(1)
    }

    fn measure(
        &mut self,
        x: f64,
        y: f64,
        part: Part,
        stop: &dyn Fn() -> bool,
    ) -> anyhow::Result<Option<Vec<Measured>>> {
        torch::no_grad(|| {
            self.landscape.move_to(x, y);
            let measured = self.splits.iter().map(|Split { batches, above }| {
                let (part, loss, above) = ((part.number, part.of), self.criterion.loss, *above);
                let samples =
                    self.landscape
                        .measure(batches, part, &self.criterion, above, stop)?;
                Ok(samples.map(|samples| Measured {
                    samples,
                    loss,
                    above,
                }))
            });
            measured.collect()
        })
    }

    /// The metrics of all splits; where points may be left early then for each split whether it was.
    fn values(parts: Vec<Vec<Measured>>) -> anyhow::Result<Vec<f64>> {
        let mut splits: Vec<Vec<Measured>> = Vec::new();
        for part in parts {
            splits.resize_with(part.len(), Vec::new);
            splits
                .iter_mut()
                .zip(part)
                .for_each(|(split, measured)| split.push(measured));
        }
        let (mut values, mut bounds) = (Vec::new(), Vec::new());
        for split in splits {
            let Some(&Measured { loss, above, .. }) = split.first() else {
                continue;
            };
            let samples: Vec<Samples> =
                split.into_iter().map(|measured| measured.samples).collect();
            let score = Samples::score(&samples, loss, above)?;
            values.extend(score.metrics);
            bounds.extend(above.map(|_| f64::from(u8::from(score.at_least))));
        }
        values.extend(bounds);
        Ok(values)
    }
}
