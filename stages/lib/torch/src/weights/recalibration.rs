use tch::{Device, Tensor};

use super::landscape::Landscape;
use crate::{Batches, Error, Loss, Mode, Plan, layout::reals};

/// Estimates the running statistics of batch normalisation anew at points of a plane, as
/// `update_bn` of mode connectivity and of SWA does (Izmailov et al. 2018, section 3.2): the
/// network is run on training examples in batches, batch normalisation uses the statistics of each
/// batch, and the mean over the batches, all of equal weight, replaces the running ones.
pub struct Recalibration {
    landscape: Landscape,
    layers: Layers,
}

/// Where the running statistics of a network are.
struct Layers {
    /// Mean and variance of each layer by turns: places in the state.
    state: Vec<usize>,
    /// The same, among the tensors that the network is called with.
    bound: Vec<usize>,
}

/// The statistics of one batch: mean and unbiased variance of each layer by turns.
pub type BatchStatistics = Vec<Vec<f64>>;

impl Recalibration {
    /// For a network in full precision.
    ///
    /// # Errors
    /// A network without batch normalisation, or with a layer that is called twice; what
    /// [`Landscape::new`] refuses.
    pub fn new(
        plan: &Plan,
        names: &[&str],
        origin: &[Tensor],
        x: &[Option<Tensor>],
        y: &[Option<Tensor>],
        device: Device,
    ) -> Result<Self, Error> {
        let statistics = plan.program.running_statistics();
        if statistics.is_empty() {
            return Err(Error::Recalibration(
                "the network has no batch normalisation with running statistics".into(),
            ));
        }
        let used = plan.program.state_names();
        let mut layers = Layers {
            state: Vec::new(),
            bound: Vec::new(),
        };
        for name in statistics.into_iter().flatten() {
            let place = names.iter().position(|entry| *entry == name);
            let place = place.ok_or_else(|| Error::State(name.into()))?;
            if layers.state.contains(&place) {
                return Err(Error::Recalibration(format!(
                    "{name} is used by two calls of the network: its statistics are not those of \
                     one layer"
                )));
            }
            layers.state.push(place);
            let bound = used.iter().position(|entry| *entry == name);
            layers
                .bound
                .push(bound.ok_or_else(|| Error::State(name.into()))?);
        }
        Ok(Self {
            landscape: Landscape::in_mode(plan, names, origin, [x, y], device, Mode::Statistics)?,
            layers,
        })
    }

    /// The places in the state of what [`mean`] returns.
    pub fn places(&self) -> &[usize] {
        &self.layers.state
    }

    /// The statistics of each batch of chunk number `chunk` of `of` of the data, at a point. `None`
    /// where `stop` said so between two batches.
    ///
    /// # Errors
    /// What the network refuses.
    pub fn statistics(
        &mut self,
        (x, y): (f64, f64),
        batches: &Batches,
        (chunk, of): (usize, usize),
        loss: Loss,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<BatchStatistics>>, Error> {
        self.landscape.move_to(x, y);
        let first = batches.count() * chunk / of;
        let end = batches.count() * (chunk + 1) / of;
        let mut statistics = Vec::new();
        for piece in batches.chunks(first..end) {
            let piece = piece?;
            for batch in batches.of(&piece) {
                if stop() {
                    return Ok(None);
                }
                let call = batch.call(loss);
                let written = self.landscape.written(&self.layers.bound, &call)?;
                statistics.push(written.iter().map(reals).collect());
            }
        }
        Ok(Some(statistics))
    }
}

/// The mean over batches, summed in f64 in their order.
pub fn mean(batches: &[BatchStatistics]) -> BatchStatistics {
    let Some((first, others)) = batches.split_first() else {
        return Vec::new();
    };
    let mut sums = first.clone();
    for batch in others {
        for (sums, values) in sums.iter_mut().zip(batch) {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += value;
            }
        }
    }
    for sums in &mut sums {
        for sum in sums {
            *sum /= batches.len() as f64;
        }
    }
    sums
}
