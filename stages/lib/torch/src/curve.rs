//! A curve between two networks, of which the bend is trained (Garipov et al. 2018, section 3).

use grid::Curve;
use tch::Tensor;

/// A curve whose ends stay; its bend is what a [`crate::Trainer`] trains.
pub struct Path {
    curve: Curve,
    /// The trained tensors of both ends, in the order of the trainer's parameters.
    ends: [Vec<Tensor>; 2],
    /// Factor of the L2 penalty on the network at t.
    penalty: f64,
}

impl Path {
    /// A curve of this form without a penalty, between the trained tensors of two networks, in the
    /// order of the trainer's parameters.
    pub fn new(curve: Curve, ends: [Vec<Tensor>; 2]) -> Self {
        Self {
            curve,
            ends,
            penalty: 0.0,
        }
    }

    /// The same with this factor of the L2 penalty on the network at t.
    pub fn with_penalty(self, penalty: f64) -> Self {
        Self { penalty, ..self }
    }

    /// The middle between both ends, where the bend starts.
    pub fn middle(&self) -> Vec<Tensor> {
        let [start, end] = &self.ends;
        let mut middle = Vec::with_capacity(start.len());
        for (from, to) in start.iter().zip(end) {
            middle.push(from * 0.5 + to * 0.5);
        }
        middle
    }

    /// Tensor number `place` of the network at t, where the bend has this one.
    pub(crate) fn point(&self, t: f64, place: usize, bend: &Tensor) -> Tensor {
        let [start, end] = &self.ends;
        let [of_start, of_bend, of_end] = self.shares(t);
        &start[place] * of_start + bend * of_bend + &end[place] * of_end
    }

    /// The gradient of the bend, from that of the network at t: the chain rule over the loss and
    /// the penalty, which both are of the network at t.
    pub(crate) fn gradient(&self, t: f64, point: &Tensor, gradient: &Tensor) -> Tensor {
        let [_, share, _] = self.shares(t);
        if self.penalty == 0.0 {
            return gradient * share;
        }
        (gradient + point * self.penalty) * share
    }

    /// The shares of the first end, the bend and the second end at t.
    fn shares(&self, t: f64) -> [f64; 3] {
        let shares = self.curve.shares(t, 3);
        [shares[0], shares[1], shares[2]]
    }
}
