use tch::{Device, Kind, Tensor};

use crate::layout::{Real, values, values_mut};

/// One tensor of a state that moves along one or two directions. Every point is computed from θ*
/// in one pass, into the same memory.
pub(super) struct Moving {
    origin: Tensor,
    x: Option<Tensor>,
    y: Option<Tensor>,
    now: Tensor,
}

impl Moving {
    /// θ*, dx and dy, of one shape; what is real moves in the memory of the CPU.
    pub(super) fn new(origin: &Tensor, x: Option<&Tensor>, y: Option<&Tensor>) -> Self {
        let origin = on_cpu(origin);
        // running statistics may be set, see `set`: they have one dimension
        let now = if x.is_some() || y.is_some() || origin.dim() <= 1 {
            origin.copy()
        } else {
            origin.shallow_clone()
        };
        Self {
            origin,
            x: x.map(on_cpu),
            y: y.map(on_cpu),
            now,
        }
    }

    /// θ*, which is moved by any step: see [`Moving::by`].
    pub(super) fn free(origin: &Tensor) -> Self {
        let origin = on_cpu(origin);
        Self {
            now: origin.copy(),
            origin,
            x: None,
            y: None,
        }
    }

    /// The tensor at the point where [`Moving::to`] was last.
    pub(super) fn now(&self) -> &Tensor {
        &self.now
    }

    /// θ* + x·dx + y·dy, computed in f64 and rounded once.
    pub(super) fn to(&mut self, x: f64, y: f64) {
        if self.x.is_none() && self.y.is_none() {
            return;
        }
        match self.origin.kind() {
            Kind::Float => self.combine::<f32>(x, y),
            Kind::Double => self.combine::<f64>(x, y),
            _ => {}
        }
    }

    /// θ* and a step, added in f64 and rounded once; of a tensor that is [`Moving::free`].
    pub(super) fn by(&mut self, step: &[f64]) {
        let is_free = self.now.data_ptr() != self.origin.data_ptr();
        assert!(
            is_free || step.is_empty(),
            "a tensor that is not free is moved"
        );
        match self.origin.kind() {
            Kind::Float => self.add::<f32>(step),
            Kind::Double => self.add::<f64>(step),
            _ => {}
        }
    }

    fn add<T: Real>(&mut self, step: &[f64]) {
        let origin = values::<T>(&self.origin);
        let now = values_mut::<T>(&mut self.now);
        for ((now, origin), step) in now.iter_mut().zip(origin).zip(step) {
            *now = T::rounded((*origin).into() + step);
        }
    }

    /// Sets the tensor, until it moves or is set again.
    pub(super) fn set(&mut self, values: &[f64]) {
        match self.now.kind() {
            Kind::Float => self.write::<f32>(values),
            Kind::Double => self.write::<f64>(values),
            _ => {}
        }
    }

    fn write<T: Real>(&mut self, values: &[f64]) {
        for (now, value) in values_mut::<T>(&mut self.now).iter_mut().zip(values) {
            *now = T::rounded(*value);
        }
    }

    fn combine<T: Real>(&mut self, x: f64, y: f64) {
        let origin = values::<T>(&self.origin);
        let now = values_mut::<T>(&mut self.now);
        match (&self.x, &self.y) {
            (Some(dx), Some(dy)) => {
                let steps = values::<T>(dx).iter().zip(values::<T>(dy));
                for ((now, origin), (dx, dy)) in now.iter_mut().zip(origin).zip(steps) {
                    *now = T::rounded((*origin).into() + x * (*dx).into() + y * (*dy).into());
                }
            }
            (Some(dx), None) => move_along(now, origin, dx, x),
            (None, Some(dy)) => move_along(now, origin, dy, y),
            (None, None) => {}
        }
    }
}

/// origin + by·direction.
fn move_along<T: Real>(now: &mut [T], origin: &[T], direction: &Tensor, by: f64) {
    let steps = values::<T>(direction);
    for ((now, origin), step) in now.iter_mut().zip(origin).zip(steps) {
        *now = T::rounded((*origin).into() + by * (*step).into());
    }
}

fn on_cpu(tensor: &Tensor) -> Tensor {
    tensor.to_device(Device::Cpu).contiguous()
}
