use files::Role;
use ndarray::ArrayD;
use program::Program;
use torch::{Device, Error, Kind, Landscape, Plan, Recalibration, Tensor};

use crate::inputs::Inputs;

/// The plane in weight space, as tensors of libtorch in `state_dict` order.
pub(crate) struct Plane<'a> {
    pub(crate) names: Vec<&'a str>,
    /// Which tensors are trained parameters.
    pub(crate) trained: Vec<bool>,
    /// θ*, in the precision of the program.
    pub(crate) origin: Vec<Tensor>,
    /// The directions, `None` for what does not move.
    pub(crate) x: Vec<Option<Tensor>>,
    pub(crate) y: Vec<Option<Tensor>>,
}

impl<'a> Plane<'a> {
    pub(crate) fn new(inputs: &'a Inputs) -> Self {
        let state = &inputs.model.state;
        let real = real(&inputs.program);
        let directions = &inputs.directions;
        let y: &[ArrayD<f32>] = directions.y.as_deref().unwrap_or_default();
        Self {
            names: state.iter().map(|entry| entry.name.as_str()).collect(),
            trained: state
                .iter()
                .map(|entry| entry.role == Role::Parameter)
                .collect(),
            origin: torch::state(state, real, Device::Cpu),
            x: moves(inputs, &directions.x, real),
            y: moves(inputs, y, real),
        }
    }

    /// A network of a plan that moves on the plane.
    pub(crate) fn landscape(&self, plan: &Plan, device: Device) -> Result<Landscape, Error> {
        Landscape::new(plan, &self.names, &self.origin, &self.x, &self.y, device)
    }

    /// What estimates running statistics on the plane, in full precision.
    pub(crate) fn recalibration(
        &self,
        program: &Program,
        device: Device,
    ) -> Result<Recalibration, Error> {
        let plan = Plan::plain(program);
        Recalibration::new(&plan, &self.names, &self.origin, &self.x, &self.y, device)
    }

    /// A network of a plan that stays at the origin.
    pub(crate) fn at_origin(&self, plan: &Plan, device: Device) -> Result<Landscape, Error> {
        Landscape::new(plan, &self.names, &self.origin, &[], &[], device)
    }
}

/// A tensor for each entry of the state, `None` where a direction does not move it.
fn moves(inputs: &Inputs, direction: &[ArrayD<f32>], real: Kind) -> Vec<Option<Tensor>> {
    let dir_type = inputs.directions.dir_type;
    let mut tensors = Vec::new();
    for tensor in weights::moves(&inputs.model, dir_type, direction) {
        let tensor = tensor.map(|tensor| files::Tensor::F32(tensor.clone()));
        tensors.push(tensor.map(|tensor| torch::tensor(&tensor).to_kind(real)));
    }
    tensors
}

/// The element type in which a program computes.
pub(crate) fn real(program: &Program) -> Kind {
    if program.precision() == "f64" {
        Kind::Double
    } else {
        Kind::Float
    }
}
