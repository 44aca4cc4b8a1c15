//! A curve between two networks, of which the bend is trained (Garipov et al. 2018, section 3).

use std::fmt;

use tch::Tensor;

/// The form of a curve with one bend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// A quadratic Bezier curve: (1-t)² a + 2t(1-t) w + t² b.
    Bezier,
    /// Two straight pieces: from a to w in the first half, from w to b in the second.
    Chain,
}

/// A curve whose ends stay; its bend is what a [`crate::Trainer`] trains.
pub struct Path {
    curve: Curve,
    /// The trained tensors of both ends, in the order of the trainer's parameters.
    ends: [Vec<Tensor>; 2],
    /// Factor of the L2 penalty on the network at t.
    penalty: f64,
}

/// What a point of a curve is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shares {
    start: f64,
    bend: f64,
    end: f64,
}

impl Curve {
    /// Its name on command lines and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bezier => "bezier",
            Self::Chain => "chain",
        }
    }

    /// The shares at t, which is from 0 to 1.
    fn shares(self, t: f64) -> Shares {
        match self {
            Self::Bezier => Shares {
                start: (1.0 - t) * (1.0 - t),
                bend: 2.0 * t * (1.0 - t),
                end: t * t,
            },
            Self::Chain => Shares {
                start: (1.0 - 2.0 * t).max(0.0),
                bend: 1.0 - (2.0 * t - 1.0).abs(),
                end: (2.0 * t - 1.0).max(0.0),
            },
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
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
        let shares = self.curve.shares(t);
        &start[place] * shares.start + bend * shares.bend + &end[place] * shares.end
    }

    /// The gradient of the bend, from that of the network at t: the chain rule over the loss and
    /// the penalty, which both are of the network at t.
    pub(crate) fn gradient(&self, t: f64, point: &Tensor, gradient: &Tensor) -> Tensor {
        let share = self.curve.shares(t).bend;
        if self.penalty == 0.0 {
            return gradient * share;
        }
        (gradient + point * self.penalty) * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_leads_from_one_end_over_its_bend_to_the_other() {
        for (curve, t, wanted) in [
            (Curve::Bezier, 0.0, [1.0, 0.0, 0.0]),
            (Curve::Bezier, 0.25, [0.5625, 0.375, 0.0625]),
            (Curve::Bezier, 0.5, [0.25, 0.5, 0.25]),
            (Curve::Bezier, 1.0, [0.0, 0.0, 1.0]),
            (Curve::Chain, 0.0, [1.0, 0.0, 0.0]),
            (Curve::Chain, 0.25, [0.5, 0.5, 0.0]),
            (Curve::Chain, 0.5, [0.0, 1.0, 0.0]),
            (Curve::Chain, 0.75, [0.0, 0.5, 0.5]),
            (Curve::Chain, 1.0, [0.0, 0.0, 1.0]),
        ] {
            let Shares { start, bend, end } = curve.shares(t);
            assert_eq!([start, bend, end], wanted, "{curve} {t}");
        }
    }
}
