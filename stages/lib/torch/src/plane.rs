//! Weights on a plane: every point is computed from θ* in one pass, into memory that is there.

use tch::{Device, Kind, Tensor};

use crate::convert::{Real, values, values_mut};

/// One tensor of a state that moves along one or two directions.
pub(crate) struct Moving {
    origin: Tensor,
    x: Option<Tensor>,
    y: Option<Tensor>,
    now: Tensor,
}

impl Moving {
    /// θ*, dx and dy, of one shape; what is real moves in the memory of the CPU.
    pub(crate) fn new(origin: &Tensor, x: Option<&Tensor>, y: Option<&Tensor>) -> Self {
        let plain = |tensor: &Tensor| tensor.to_device(Device::Cpu).contiguous();
        let origin = plain(origin);
        let (x, y) = (x.map(plain), y.map(plain));
        let now = if x.is_some() || y.is_some() {
            origin.copy()
        } else {
            origin.shallow_clone()
        };
        Self { origin, x, y, now }
    }

    /// The tensor at the point where [`Moving::to`] was last.
    pub(crate) fn now(&self) -> &Tensor {
        &self.now
    }

    /// θ* + x·dx + y·dy, computed in f64 and rounded once.
    pub(crate) fn to(&mut self, x: f64, y: f64) {
        if self.x.is_none() && self.y.is_none() {
            return;
        }
        match self.origin.kind() {
            Kind::Float => self.combine::<f32>(x, y),
            Kind::Double => self.combine::<f64>(x, y),
            _ => {}
        }
    }

    fn combine<T: Real>(&mut self, x: f64, y: f64) {
        let (origin, now) = (values::<T>(&self.origin), values_mut::<T>(&mut self.now));
        match (&self.x, &self.y) {
            (Some(dx), Some(dy)) => {
                let steps = values::<T>(dx).iter().zip(values::<T>(dy));
                for ((now, origin), (dx, dy)) in now.iter_mut().zip(origin).zip(steps) {
                    *now = T::rounded((*origin).into() + x * (*dx).into() + y * (*dy).into());
                }
            }
            (Some(direction), None) | (None, Some(direction)) => {
                let by = if self.x.is_some() { x } else { y };
                for ((now, origin), step) in now.iter_mut().zip(origin).zip(values::<T>(direction))
                {
                    *now = T::rounded((*origin).into() + by * (*step).into());
                }
            }
            (None, None) => {}
        }
    }
}
