use files::{DirType, Directions, Role};
use ndarray::ArrayD;
use program::Program;
use torch::{Device, Error, Kind, Landscape, Plan, Recalibration, State, Tensor};

use crate::Subject;

/// The plane in weight space, as tensors of libtorch in `state_dict` order.
pub struct Plane<'a> {
    /// Names, in `state_dict` order.
    pub names: Vec<&'a str>,
    /// Which tensors are trained parameters.
    pub trained: Vec<bool>,
    /// θ*, in the precision of the program.
    pub origin: Vec<Tensor>,
    /// The first direction, `None` for what does not move.
    pub x: Vec<Option<Tensor>>,
    /// The second one.
    pub y: Vec<Option<Tensor>>,
}

impl<'a> Plane<'a> {
    /// Of a network, and of the directions in which it moves, if any.
    pub fn new(subject: &'a Subject, directions: Option<&Directions>) -> Self {
        let state = &subject.model.state;
        let real = subject.real();
        let (mut x, mut y) = (Vec::new(), Vec::new());
        if let Some(directions) = directions {
            x = moves(subject, directions.dir_type, &directions.x);
            let second: &[ArrayD<f32>] = directions.y.as_deref().unwrap_or_default();
            y = moves(subject, directions.dir_type, second);
        }
        Self {
            names: state.iter().map(|entry| entry.name.as_str()).collect(),
            trained: state
                .iter()
                .map(|entry| entry.role == Role::Parameter)
                .collect(),
            origin: torch::state(state, real, Device::Cpu),
            x,
            y,
        }
    }

    /// The network at the origin.
    pub fn state(&self) -> State<'_> {
        State {
            names: &self.names,
            origin: &self.origin,
            trained: &self.trained,
        }
    }

    /// A network of a plan that moves on the plane.
    ///
    /// # Errors
    /// What [`Landscape::new`] refuses.
    pub fn landscape(&self, plan: &Plan, device: Device) -> Result<Landscape, Error> {
        Landscape::new(plan, &self.names, &self.origin, &self.x, &self.y, device)
    }

    /// What estimates running statistics on the plane, in full precision.
    ///
    /// # Errors
    /// What [`Recalibration::new`] refuses.
    pub fn recalibration(&self, program: &Program, device: Device) -> Result<Recalibration, Error> {
        let plan = Plan::plain(program);
        Recalibration::new(&plan, &self.names, &self.origin, &self.x, &self.y, device)
    }

    /// A network of a plan that stays at the origin.
    ///
    /// # Errors
    /// What [`Landscape::new`] refuses.
    pub fn at_origin(&self, plan: &Plan, device: Device) -> Result<Landscape, Error> {
        Landscape::new(plan, &self.names, &self.origin, &[], &[], device)
    }
}

/// A tensor for each entry of the state, `None` where a direction does not move it.
fn moves(subject: &Subject, dir_type: DirType, direction: &[ArrayD<f32>]) -> Vec<Option<Tensor>> {
    let real = subject.real();
    let mut tensors = Vec::new();
    for tensor in weights::moves(&subject.model, dir_type, direction) {
        let tensor = tensor.map(|tensor| files::Tensor::F32(tensor.clone()));
        tensors.push(tensor.map(|tensor| torch::tensor(&tensor).to_kind(real)));
    }
    tensors
}

/// The element type in which a program computes.
pub fn real(program: &Program) -> Kind {
    if program.precision() == "f64" {
        Kind::Double
    } else {
        Kind::Float
    }
}
