//! Whether a rewritten program returns what the program itself does.

use tch::{Device, Kind, Tensor};

use crate::{Error, Landscape, Plan, State};

/// How far the results of a rewritten program may be off, over the largest result: far more than rounding, far less than
/// a wrong rewrite.
pub(crate) const TOLERANCE: f64 = 1e-3;
/// The same in half precision, where rounding goes far.
pub(crate) const HALF_TOLERANCE: f64 = 0.1;
/// Where results are compared, along both directions: at θ* a wrong rewrite may be hidden by factors that are 0 or 1 there.
const PLACES: [f64; 2] = [0.0625, 0.5];
/// Numbers that are compared at once.
const PIECE: i64 = 1 << 20;

/// What the program as it is returns for a batch at some places along the directions.
pub(crate) struct Comparison<'a> {
    state: State<'a>,
    directions: [&'a [Option<Tensor>]; 2],
    inputs: &'a [Tensor],
    device: Device,
    places: &'static [f64],
    wanted: Vec<Vec<Tensor>>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(
        plain: &Plan,
        state: State<'a>,
        directions: [&'a [Option<Tensor>]; 2],
        inputs: &'a [Tensor],
        device: Device,
    ) -> Result<Self, Error> {
        let mut comparison = Self {
            state,
            directions,
            inputs,
            device,
            places: &PLACES,
            wanted: Vec::new(),
        };
        comparison.wanted = comparison.outputs(plain)?;
        // beyond what numbers can say nothing can be compared
        let finite = comparison
            .wanted
            .iter()
            .take_while(|outputs| outputs.iter().all(is_finite))
            .count();
        comparison.places = &PLACES[..finite.max(1)];
        comparison.wanted.truncate(comparison.places.len());
        Ok(comparison)
    }

    /// The network of a plan, at θ*.
    fn landscape(&self, plan: &Plan) -> Result<Landscape, Error> {
        let State { names, origin, .. } = self.state;
        let [first, second] = self.directions;
        Landscape::new(plan, names, origin, first, second, self.device)
    }

    fn outputs(&self, plan: &Plan) -> Result<Vec<Vec<Tensor>>, Error> {
        let mut landscape = self.landscape(plan)?;
        let mut outputs = Vec::new();
        for place in self.places {
            outputs.push(self.outputs_at(&mut landscape, *place)?);
        }
        Ok(outputs)
    }

    fn outputs_at(&self, landscape: &mut Landscape, place: f64) -> Result<Vec<Tensor>, Error> {
        landscape.move_to(place, place);
        landscape.outputs(self.inputs)
    }

    pub(crate) fn accepts(&self, plan: &Plan, tolerance: f64) -> bool {
        let Ok(mut landscape) = self.landscape(plan) else {
            return false;
        };
        // one place after another: outputs may be large
        for (place, wanted) in self.places.iter().zip(&self.wanted) {
            let Ok(found) = self.outputs_at(&mut landscape, *place) else {
                return false;
            };
            if !alike(&found, wanted, tolerance) {
                return false;
            }
        }
        true
    }
}

fn is_finite(tensor: &Tensor) -> bool {
    tensor.isfinite().all().int64_value(&[]) != 0
}

/// Whether results agree but for rounding.
fn alike(found: &[Tensor], wanted: &[Tensor], tolerance: f64) -> bool {
    if found.len() != wanted.len() {
        return false;
    }
    let mut outputs = found.iter().zip(wanted);
    outputs.all(|(found, wanted)| are_close(found, wanted, tolerance))
}

/// Whether one result agrees but for rounding; it is compared in f64, piece by piece, as copies of a large one need not fit.
fn are_close(found: &Tensor, wanted: &Tensor, tolerance: f64) -> bool {
    if found.size() != wanted.size() {
        return false;
    }
    let (found, wanted) = (found.flatten(0, -1), wanted.flatten(0, -1));
    let (mut off, mut largest) = (0.0, 0.0);
    for (found, wanted) in found.split(PIECE, 0).iter().zip(wanted.split(PIECE, 0)) {
        if found.numel() == 0 {
            continue;
        }
        let (found, wanted) = (found.to_kind(Kind::Double), wanted.to_kind(Kind::Double));
        let difference = (&found - &wanted).abs().max().double_value(&[]);
        if difference.is_nan() {
            return false;
        }
        off = f64::max(off, difference);
        largest = f64::max(largest, wanted.abs().max().double_value(&[]));
    }
    off <= tolerance * largest
}
